/** Automated opt-outs of all contacts, newest first. Ticked ones are corrected at once, all that are listed by a job. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, cursorText, timeAndId } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { findMachineMade } from '../../../domain/consent/find-machine-made.js';
import { wantedOf } from '../../../jobs/kind.js';
import { putRight as putRightKind } from '../../../jobs/kinds/put-right.js';
import { mayRole } from '../../../vocabulary/access.js';
import { counted } from '../../../vocabulary/words.js';
import { queryOf } from '../form.js';
import { nonceField, queueJobOf } from '../jobs/queue.js';
import { linesOf } from '../kit/fields.js';
import { declareForm, type FormPlan } from '../kit/form.js';
import { formRoutes, pageHtml, type Shown } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import type { Ask, StaffRoute } from '../route.js';
import type { Reasons } from './act.js';
import { basisField, basisSchema, explanationField, explanationSchema, overriding } from './act-page.js';
import { contactsOf, rowsOf, type MachineRow } from './machine-rows.js';
import { putRight } from './put-right.js';

/** How many addresses a page shows: a user who ticks some of them waits for the result. */
const pageSize = 50;

interface Listed {
  rows: readonly MachineRow[];
  isPrivacyMode: boolean;
  nonce: ReturnType<typeof nonceField>;
  newestHref?: string;
  olderHref?: string;
}

/** The two buttons of one form, each with its own permission. */
const common: Pick<FormPlan<Listed, Reasons>, 'groups' | 'texts' | 'hidden' | 'shared'> = {
  groups: ({ rows, isPrivacyMode }, texts, ask) => [
    {
      legend: 'Newest first',
      fields: [
        {
          kind: 'table',
          name: 'pick',
          label: 'Automated opt-outs',
          table: tableFor(rows, linesOf(texts['pick'] ?? ''), mayRole(ask.user.role, overriding.may)),
        },
      ],
    },
    {
      legend: 'Put right',
      fields: [
        basisField(isPrivacyMode),
        explanationField('How and when did they say so? It is stored with each of them.'),
      ],
    },
  ],
  hidden: ({ nonce }) => [nonce],
  shared: 'put-right',
};

const pickForm = declareForm<Listed, Reasons & { pick: string[] }>({
  ...common,
  ...overriding,
  about: 'nothing',
  pattern: adminPatterns.machineOptOuts,
  button: 'Put right the ticked ones',
  schema: ({ subject: { isPrivacyMode } }) =>
    z.object({
      pick: z.array(z.string()).min(1, 'Choose at least one.'),
      legalBasis: basisSchema(isPrivacyMode),
      explanation: explanationSchema,
    }),
  // A row for each that was chosen. Sent again, it changes nothing (decision 0469).
  save: async ({ deps, ask, values: { pick, ...reasons } }) => ({
    html: resultPage(deps, ask, await putRight(deps, ask, pick, reasons)),
  }),
});

const allForm = declareForm<Listed, Reasons>({
  ...common,
  may: putRightKind.permission,
  about: 'nothing',
  pattern: adminPatterns.allMachineOptOuts,
  button: 'Preview all that are listed, on every page',
  look: 'plain',
  more: () => ({
    note: 'For the whole list, a job first previews the changes. Nothing changes before you confirm.',
  }),
  schema: ({ subject: { isPrivacyMode } }) =>
    z.object({ legalBasis: basisSchema(isPrivacyMode), explanation: explanationSchema }),
  save: async ({ deps, ask, values }) => ({
    to: await queueJobOf(deps, ask, wantedOf(putRightKind, values)),
  }),
});

const section = 'machine';
const title = 'Machine-made opt-outs';

export function machineOptOutRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Listed>(deps, {
    may: 'contacts.read',
    section,
    load: listed,
    show: ({ ask, subject: { rows, newestHref, olderHref } }, form): Shown => {
      const [ticked, all] = [form(pickForm), form(allForm)];
      const lead = 'Mail filters follow links, which can opt a contact out by mistake.';
      const page = {
        title,
        ...(newestHref ? { newestHref } : {}),
        ...(olderHref ? { olderHref } : {}),
      };
      if (rows.length === 0)
        return {
          ...page,
          lead,
          panels: [
            {
              sentences: [
                'There are no automated opt-outs. If a link scanner opts a contact out, it appears here.',
              ],
            },
          ],
        };
      if (ticked.isReadOnly && all.isReadOnly)
        return {
          ...page,
          lead: `${lead} These opt-outs look automated.`,
          panels: [{ table: tableFor(rows, [], false) }],
        };
      const also = all.isReadOnly ? {} : { also: all };
      return {
        ...page,
        lead: `${lead} These opt-outs look automated. Put right those that the contact did not want.`,
        form: mayRole(ask.user.role, overriding.may) ? { ...ticked, ...also } : all,
      };
    },
    forms: [pickForm, allForm],
  });
}

async function listed(deps: Deps, ask: Ask): Promise<Listed> {
  const { request, scope } = ask;
  const before = cursorIn(queryOf(request, 'before', 200), timeAndId);
  const { rows, next } = await findMachineMade(deps, { scope, limit: pageSize, before });
  const catalogue = await deps.catalogue();
  const about = { catalogue, contacts: await contactsOf(deps, ask, rows) };
  return {
    rows: rows.flatMap((row) => rowsOf(ask, row, about)),
    isPrivacyMode: catalogue.isPrivacyMode,
    nonce: nonceField(ask),
    ...(before ? { newestHref: adminPaths.machineOptOuts() } : {}),
    ...(next ? { olderHref: adminPaths.machineOptOuts({ before: cursorText(next) }) } : {}),
  };
}

function tableFor(rows: readonly MachineRow[], ticked: readonly string[], mayPick: boolean) {
  const choice: Column<MachineRow> = {
    heading: 'Choose',
    cell: ({ value, isReached, who, what }) =>
      isReached
        ? { pick: { name: 'pick', value, isTicked: ticked.includes(value), about: `${who.text}, ${what}` } }
        : {},
  };
  const columns: Column<MachineRow>[] = [
    ...(mayPick ? [choice] : []),
    { heading: 'Who', cell: ({ who, channel }) => ({ ...who, note: channel }) },
    {
      heading: 'Opted out of',
      cell: ({ what, result }) => ({ text: what, ...(result ? { state: result } : {}) }),
    },
    { heading: 'When', cell: ({ time }) => ({ time }) },
    { heading: 'What did it', cell: ({ robot }) => ({ note: robot }) },
  ];
  return tableOf(title, columns, rows);
}

function resultPage(deps: Deps, ask: Ask, rows: readonly MachineRow[]): string {
  const done = rows.filter(({ result }) => result?.tone === 'in').length;
  const rest =
    rows.length === 0
      ? 'The chosen opt-outs no longer exist.'
      : done < rows.length
        ? 'The others are as they were; each row says why.'
        : '';
  const notice = {
    tone: done > 0 ? ('good' as const) : ('warn' as const),
    strong: `${counted(done, 'opt-out')} put right.`,
    ...(rest ? { sentence: rest } : {}),
  };
  const panels = rows.length > 0 ? [{ table: tableFor(rows, [], false) }] : [];
  const newestHref = adminPaths.machineOptOuts();
  return pageHtml(deps, { ...ask, notice }, { section }, { title, panels, newestHref });
}

/** Opt-outs that a machine seems to have made, of everybody: listed newest first, and put right in a batch where the contacts say so. */
import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { findMachineMade } from '../../../domain/consent/find-machine-made.js';
import type { MachineMadeCursor } from '../../../domain/consent/find-machine-made.js';
import { mayRole } from '../../../domain/staff/access.js';
import type { Deps } from '../../../deps.js';
import type { AdminMachineOptOutsPage } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, textsOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { adminFrame } from '../frame.js';
import type { Ask, StaffRoute } from '../route.js';
import { counted } from '../words.js';
import { legalBasisOf, noReasons, reasonsOf } from './act.js';
import type { Reasons } from './act.js';
import { basisField, basisMissing, explanationField, explanationMissing, statusOf } from './act-page.js';
import { contactsOf, rowsOf } from './machine-rows.js';
import { putAllRight, putRight } from './put-right.js';

/** How many addresses a page shows: whoever ticks among them waits for the result. */
const pageSize = 50;

interface Draft {
  ticked: readonly string[];
  isAll: boolean;
  reasons: Reasons;
  faults: FieldFault[];
  /** Made with the form, so that sending it twice queues one job. */
  nonce: string;
}

export function machineOptOutRoutes(deps: Deps): StaffRoute[] {
  const blank = { ticked: [], isAll: false, reasons: noReasons, faults: [] };
  return [
    {
      method: 'GET',
      path: adminPatterns.machineOptOuts,
      may: 'contacts.read',
      about: 'nothing',
      handle: (ask, response) =>
        showList(deps, ask, response, { ...blank, nonce: randomBytes(9).toString('base64url') }),
    },
    {
      method: 'POST',
      path: adminPatterns.machineOptOuts,
      may: 'overrides.make',
      about: 'nothing',
      handle: async (ask, response) => {
        const { request } = ask;
        const reasons = reasonsOf(ask);
        const ticked = textsOf(request, 'pick', 2000);
        const isAll = textOf(request, 'all', 10) === 'yes';
        const nonce = /^[\w-]{12}$/.exec(textOf(request, 'nonce', 20))?.[0] ?? '';
        const { isPrivacyMode } = await deps.catalogue();
        const faults = [
          ...(ticked.length === 0 && !isAll ? [{ text: 'Choose at least one.', href: '#all' }] : []),
          ...(isPrivacyMode && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
          ...(reasons.explanation ? [] : [explanationMissing]),
        ];
        if (faults.length > 0 || (isAll && !nonce))
          return showList(deps, ask, response, {
            ...{ ticked, isAll, reasons, faults },
            nonce: nonce || randomBytes(9).toString('base64url'),
          });
        if (isAll) {
          const job = await putAllRight(deps, ask, reasons, nonce);
          return response.redirect(303, job === null ? adminPaths.machineOptOuts() : adminPaths.job(job));
        }
        await showResult(deps, ask, response, ticked, reasons);
      },
    },
  ];
}

async function showList(deps: Deps, ask: Ask, response: Response, draft: Draft): Promise<void> {
  const before = cursorOf(queryOf(ask.request, 'before', 200));
  const { rows: found, next } = await findMachineMade(deps, { scope: ask.scope, limit: pageSize, before });
  const mayPutRight = mayRole(ask.user.role, 'overrides.make');
  const shown = { catalogue: await deps.catalogue(), contacts: await contactsOf(deps, ask, found) };
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    action: adminPaths.machineOptOuts(),
    rows: found.flatMap((row) => rowsOf(ask, row, shown, draft.ticked)),
    ...(mayPutRight ? { form: formOf(shown.catalogue, draft) } : {}),
    faults: draft.faults,
    hasPages: before !== null || next !== null,
    ...(next ? { olderUrl: adminPaths.machineOptOuts({ before: textOfCursor(next) }) } : {}),
    ...(before ? { newestUrl: adminPaths.machineOptOuts() } : {}),
  };
  response.status(statusOf(page)).send(deps.views.page('admin-machine-opt-outs', page));
}

function formOf(
  { isPrivacyMode }: { isPrivacyMode: boolean },
  { reasons, faults, isAll, nonce }: Draft,
): NonNullable<AdminMachineOptOutsPage['form']> {
  return {
    nonce,
    isAll,
    fields: [
      basisField(reasons.legalBasis, faults, { isRequired: isPrivacyMode }),
      explanationField(
        reasons.explanation,
        faults,
        'How and when did they say so? It goes with each of them.',
      ),
    ],
  };
}

/** The answer is the result itself, a row for each that was chosen: sent again it changes nothing (decision 0469). */
async function showResult(
  deps: Deps,
  ask: Ask,
  response: Response,
  ticked: readonly string[],
  reasons: Reasons,
): Promise<void> {
  const rows = await putRight(deps, ask, ticked, reasons);
  const done = rows.filter(({ result }) => result?.look === 'in').length;
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    notice: {
      tone: done > 0 ? 'good' : 'warn',
      strong: `${counted(done, 'opt-out')} put right.`,
      ...(done < rows.length ? { sentence: 'The others are as they were; each row says why.' } : {}),
      ...(rows.length === 0 ? { sentence: 'What was chosen does not stand any more.' } : {}),
    },
    action: adminPaths.machineOptOuts(),
    rows,
    hasPages: true,
    newestUrl: adminPaths.machineOptOuts(),
  };
  response.send(deps.views.page('admin-machine-opt-outs', page));
}

function textOfCursor({ at, subscriberId }: MachineMadeCursor): string {
  return `${at.getTime()}.${subscriberId}`;
}

function cursorOf(text: string | undefined): MachineMadeCursor | null {
  const [, ms, subscriberId] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text ?? '') ?? [];
  return ms && subscriberId ? { at: new Date(Number(ms)), subscriberId } : null;
}

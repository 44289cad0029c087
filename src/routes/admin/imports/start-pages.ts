/** The first steps of an import: what it is, whose messages it stops, and the file. Their choices are in the URL, so that they can be resumed. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { changeImport, startImport, type NewImport } from '../../../domain/imports/start.js';
import { DomainError } from '../../../errors.js';
import { staffRef } from '../../../vocabulary/access.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { channels, type Channel } from '../../../vocabulary/terms.js';
import type { FormView } from '../../../views/admin-form-page.js';
import { auditBy } from '../audit-by.js';
import { textOf, textsOf, wholeOf, type FieldFault } from '../form.js';
import { groupOf, type FieldPlan } from '../kit/fields.js';
import { pageHtml } from '../kit/form-page.js';
import { get, post, type Ask, type StaffRoute } from '../route.js';
import { formWithStream, streamedUploadOf } from '../upload.js';
import { messagesOf, stepsAt, unitsWords, unitWords } from './import-words.js';

const section = 'imports';
export const importCrumbs = [{ href: adminPaths.imports(), text: 'Imports' }];
const rule = { may: 'bulk.run', about: 'nothing' } as const;
/** The value of the choice of all units, which only users who reach all of them have. */
const allUnits = 'all';

/** What the first steps decide: an opt-out list for a unit or the account, or contacts for some units. */
type Target =
  | { kind: 'OPT_OUTS'; unitId: number | null; channel: Channel }
  | { kind: 'CONTACTS'; unitIds: number[] };

type Kind = Target['kind'];

/** Reads the values of one name, from a query or a form. */
type Read = (name: string) => string[];
const inQuery =
  ({ request }: Ask): Read =>
  (name) =>
    textsOf({ body: request.query }, name, 1000);

export function startPages(deps: Deps): StaffRoute[] {
  return [
    get(adminPatterns.newImport, rule, (ask, response) => void response.send(startPage(deps, ask))),
    get(
      adminPatterns.importUnit,
      rule,
      async (ask, response) => void response.send(await unitPage(deps, ask, kindOf(inQuery(ask)))),
    ),
    get(adminPatterns.importFile, rule, async (ask, response) => {
      const target = await targetOf(deps, ask, inQuery(ask));
      if (target) return void response.send(await filePage(deps, ask, target));
      const faults = [{ text: 'Choose at least one business unit.', href: '#unit' }];
      response.status(422).send(await unitPage(deps, ask, kindOf(inQuery(ask)), faults));
    }),
    post(adminPatterns.imports, { ...rule, parse: formWithStream('file') }, async (ask, response) => {
      // The fields of an upload have one value each.
      const target = await targetOf(deps, ask, (name) => textOf(ask.request, name, 5000).split(','));
      if (!target) return response.redirect(303, adminPaths.importUnit());
      const said = await upload(deps, ask, target);
      if ('to' in said) response.redirect(303, said.to);
      else response.status(422).send(await filePage(deps, ask, target, [said]));
    }),
  ];
}

const kindOf = (read: Read): Kind => (read('kind')[0] === 'CONTACTS' ? 'CONTACTS' : 'OPT_OUTS');

async function upload(deps: Deps, ask: Ask, target: Target): Promise<{ to: string } | FieldFault> {
  const file = streamedUploadOf(ask.request);
  if (!file) return { text: 'Choose a file.', href: '#file' };
  try {
    const name = file.fileName.slice(-200);
    const by = staffRef(ask.user);
    const one = await startImport(
      deps,
      { ...importOf(target), name, by, scope: ask.scope },
      bytesOf(file.bytes),
    );
    if (target.kind === 'CONTACTS')
      await changeImport(
        deps,
        { id: one._id, scope: ask.scope },
        { choice: { contacts: { unitIds: target.unitIds } } },
      );
    await auditBy(deps, ask, {
      kind: 'IMPORT_CHANGED',
      about: `import:${one._id}`,
      unitId: one.unitId,
      detail: 'file uploaded',
    });
    return { to: adminPaths.importColumn(one._id) };
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_FILE')
      return { text: error.message, href: '#file' };
    throw error;
  }
}

function importOf(target: Target): Pick<NewImport, 'unitId' | 'channel'> & Pick<Target, 'kind'> {
  return target.kind === 'OPT_OUTS' ? target : { kind: 'CONTACTS', unitId: null, channel: 'EMAIL' };
}

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const part of stream) if (part instanceof Uint8Array) yield part;
}

/** @returns null for a choice that this user does not have */
async function targetOf(deps: Deps, { scope }: Ask, read: Read): Promise<Target | null> {
  const { units } = await deps.catalogue();
  const isOffered = (id: number | null) => id !== null && units.has(id) && isInScope(scope, id);
  const chosen = read('unit').filter((text) => text !== '');
  if (kindOf(read) === 'CONTACTS') {
    const unitIds = chosen.flatMap((text) => wholeOf(text) ?? -1);
    return unitIds.length > 0 && unitIds.every(isOffered) ? { kind: 'CONTACTS', unitIds } : null;
  }
  const channel = channels.find((one) => one === read('channel')[0]);
  const [unit = ''] = chosen;
  const unitId = unit === allUnits ? null : wholeOf(unit);
  const mayChoose = unit === allUnits ? scope === null : isOffered(unitId);
  return channel && mayChoose ? { kind: 'OPT_OUTS', unitId, channel } : null;
}

function startPage(deps: Deps, ask: Ask): string {
  return pageHtml(
    deps,
    ask,
    { section },
    {
      title: 'Start an import',
      crumbs: importCrumbs,
      lead: 'CSV, TSV or XLSX, up to 2 GiB. You can leave at any step and go on later. The file is deleted after a week.',
      panels: [
        {
          heading: 'An opt-out list',
          sentences: ['People who must not be mailed. After the import, everyone on the list is opted out.'],
          bullets: [
            'You see how the file was read, and what will happen, before anything changes.',
            'No contact is created, nobody is opted in, and no earlier opt-out becomes weaker.',
            'You can undo exactly what the import did.',
          ],
          link: { href: adminPaths.importUnit(), text: 'Import an opt-out list', isMain: true },
        },
        {
          heading: 'Contacts',
          sentences: ['People to create or update, with their names, properties and subscriptions.'],
          bullets: [
            'You choose what each column is, and see how many contacts are new, before anything changes.',
            'An opt-in needs a legal basis and an explanation. Nobody who opted out is opted in.',
            'You can undo it: contacts that the import created, and that nobody has changed since, are deleted.',
          ],
          link: { href: adminPaths.importUnit({ kind: 'CONTACTS' }), text: 'Import contacts' },
        },
      ],
    },
  );
}

/** The fields of the unit page: whose messages the list stops, or whose contacts the file has. */
async function unitFields(deps: Deps, { scope }: Ask, kind: Kind): Promise<FieldPlan[]> {
  const { units } = await deps.catalogue();
  const own = [...units.values()].filter(({ id }) => isInScope(scope, id));
  const options = own.map(({ id, name }) => ({ value: String(id), label: name }));
  if (kind === 'CONTACTS')
    return [
      {
        ...{ kind: 'ticks', name: 'unit', label: 'Which business units do the contacts belong to?', options },
        hint: 'A column of the file can name further ones.',
      },
    ];
  const all = { value: allUnits, label: 'All business units', hint: 'Future ones included.' };
  return [
    {
      ...{ kind: 'radios', name: 'unit', label: 'Who must not message these people?', isRequired: true },
      options: scope === null ? [...options, all] : options,
    },
    {
      ...{ kind: 'radios', name: 'channel', label: 'What is on the list?', isRequired: true },
      options: channels.map((value) => ({
        value,
        label: value === 'EMAIL' ? 'Email addresses' : `Phone numbers, for ${messagesOf[value]}`,
      })),
    },
  ];
}

async function unitPage(deps: Deps, ask: Ask, kind: Kind, faults: FieldFault[] = []): Promise<string> {
  const fields = await unitFields(deps, ask, kind);
  const [only, another] = fields[0]?.options ?? [];
  const group = groupOf({ fields }, { unit: only && !another ? only.value : '', channel: 'EMAIL' }, faults);
  return pageHtml(
    deps,
    ask,
    { section },
    {
      title: kind === 'CONTACTS' ? 'Business units' : 'Business unit',
      crumbs: importCrumbs,
      steps: stepsAt('unit', { kind }),
      isNarrow: true,
      panels: [
        {
          form: viewOf({
            action: adminPaths.importFile(),
            hidden: [{ name: 'kind', value: kind }],
            groups: [group],
            button: 'Continue',
            isGet: true,
          }),
        },
      ],
    },
    faults,
  );
}

async function filePage(deps: Deps, ask: Ask, target: Target, faults: FieldFault[] = []): Promise<string> {
  const isList = target.kind === 'OPT_OUTS';
  const file = groupOf(
    {
      fields: [
        {
          kind: 'file',
          name: 'file',
          label: isList ? 'Opt-out list' : 'File of contacts',
          isRequired: true,
          accept: '.csv,.tsv,.txt,.xlsx,.zip',
          hint: 'CSV, TSV or XLSX, up to 2 GiB. You can also drop the file here.',
        },
      ],
    },
    {},
    faults,
  );
  return pageHtml(
    deps,
    ask,
    { section },
    {
      title: 'Choose the file',
      crumbs: importCrumbs,
      steps: stepsAt('file', target),
      isNarrow: true,
      panels: [
        {
          sentences: [
            isList
              ? `The people on this list will get no ${messagesOf[target.channel]} from ${await unitWords(deps, target)}.`
              : `The contacts in this file will belong to ${await unitsWords(deps, target)}.`,
          ],
          form: viewOf({
            action: adminPaths.imports(),
            hidden: [
              { name: 'kind', value: target.kind },
              {
                name: 'unit',
                value: isList ? String(target.unitId ?? allUnits) : target.unitIds.join(','),
              },
              ...(isList ? [{ name: 'channel', value: target.channel }] : []),
            ],
            groups: [file],
            button: 'Upload the file',
            hasFile: true,
            isUpload: true,
          }),
        },
      ],
    },
    faults,
  );
}

/** A form with the usual look. */
export function viewOf(form: Pick<FormView, 'action' | 'button'> & Partial<FormView>): FormView {
  return { hidden: [], groups: [], look: 'main', isReadOnly: false, hasFile: false, ...form };
}

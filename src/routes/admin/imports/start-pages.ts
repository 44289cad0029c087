/** The first steps of an import: what it is, whose messages it stops, and the file. Their choices are in the URL, so that they can be resumed. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { startImport } from '../../../domain/imports/start.js';
import { DomainError } from '../../../errors.js';
import { staffRef } from '../../../vocabulary/access.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { channels, type Channel } from '../../../vocabulary/terms.js';
import type { FormView } from '../../../views/admin-form-page.js';
import { auditBy } from '../audit-by.js';
import { queryOf, textOf, wholeOf, type FieldFault } from '../form.js';
import { groupOf } from '../kit/fields.js';
import { pageHtml } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { formWithStream, streamedUploadOf } from '../streamed-upload.js';
import { messagesOf, stepsAt, unitWords } from './import-words.js';

const section = 'imports';
export const importCrumbs = [{ href: adminPaths.imports(), text: 'Imports' }];
const rule = { may: 'bulk.run', about: 'nothing' } as const;
/** The value of the choice of all units, which only users who reach all of them have. */
const allUnits = 'all';

interface Target {
  unitId: number | null;
  channel: Channel;
}

export function startPages(deps: Deps): StaffRoute[] {
  return [
    {
      ...rule,
      method: 'GET',
      path: adminPatterns.newImport,
      handle: (ask, response) => void response.send(startPage(deps, ask)),
    },
    {
      ...rule,
      method: 'GET',
      path: adminPatterns.importUnit,
      handle: async (ask, response) => void response.send(await unitPage(deps, ask)),
    },
    {
      ...rule,
      method: 'GET',
      path: adminPatterns.importFile,
      handle: async (ask, response) => {
        const target = await targetOf(deps, ask, (name) => queryOf(ask.request, name, 20) ?? '');
        if (!target) return response.redirect(303, adminPaths.importUnit());
        response.send(await filePage(deps, ask, target));
      },
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.imports,
      parse: formWithStream('file'),
      handle: async (ask, response) => {
        const target = await targetOf(deps, ask, (name) => textOf(ask.request, name, 20));
        if (!target) return response.redirect(303, adminPaths.importUnit());
        const said = await upload(deps, ask, target);
        if ('to' in said) response.redirect(303, said.to);
        else response.status(422).send(await filePage(deps, ask, target, [said]));
      },
    },
  ];
}

async function upload(deps: Deps, ask: Ask, target: Target): Promise<{ to: string } | FieldFault> {
  const file = streamedUploadOf(ask.request);
  if (!file) return { text: 'Choose a file.', href: '#file' };
  try {
    const name = file.fileName.slice(-200);
    const by = staffRef(ask.user);
    const one = await startImport(deps, { ...target, name, by, scope: ask.scope }, bytesOf(file.bytes));
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

async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const part of stream) if (part instanceof Uint8Array) yield part;
}

/** @returns null for a choice that this user does not have */
async function targetOf(deps: Deps, { scope }: Ask, read: (name: string) => string): Promise<Target | null> {
  const channel = channels.find((one) => one === read('channel'));
  const unit = read('unit');
  const unitId = unit === allUnits ? null : wholeOf(unit);
  const isUnit = unitId !== null && (await deps.catalogue()).units.has(unitId);
  const isOffered = unit === allUnits ? scope === null : isUnit && isInScope(scope, unitId);
  return channel && isOffered ? { unitId, channel } : null;
}

function startPage(deps: Deps, ask: Ask): string {
  return pageHtml(
    deps,
    ask,
    { section },
    {
      title: 'Start an import',
      crumbs: importCrumbs,
      steps: stepsAt('Start'),
      isNarrow: true,
      panels: [
        {
          heading: 'An opt-out list',
          sentences: [
            'Upload a list of people who must not be mailed, as a file from another system or a spreadsheet. After the import, everyone on it is opted out.',
          ],
          bullets: [
            'CSV, TSV or XLSX, up to 2 GiB. Its columns may be in any order.',
            'You see how the file was read, and what will happen, before anything changes.',
            'No contact is created, nobody is opted in, and no earlier opt-out becomes weaker.',
            'You can leave at any step and go on later. The file is deleted after a week.',
            'You can undo exactly what the import did.',
          ],
          link: { href: adminPaths.importUnit(), text: 'Start', isMain: true },
        },
      ],
    },
  );
}

async function unitPage(deps: Deps, ask: Ask): Promise<string> {
  const { units } = await deps.catalogue();
  const own = [...units.values()].filter(({ id }) => isInScope(ask.scope, id));
  const options = [
    ...own.map(({ id, name }) => ({ value: String(id), label: name })),
    ...(ask.scope === null
      ? [{ value: allUnits, label: 'All business units', hint: 'Future ones included.' }]
      : []),
  ];
  const [only] = options;
  const group = groupOf(
    {
      fields: [
        {
          kind: 'radios',
          name: 'unit',
          label: 'Who must not message these people?',
          isRequired: true,
          options,
        },
        {
          kind: 'radios',
          name: 'channel',
          label: 'What is on the list?',
          isRequired: true,
          options: channels.map((value) => ({
            value,
            label: value === 'EMAIL' ? 'Email addresses' : `Phone numbers, for ${messagesOf[value]}`,
          })),
        },
      ],
    },
    { unit: options.length === 1 && only ? only.value : '', channel: 'EMAIL' },
    [],
  );
  return pageHtml(
    deps,
    ask,
    { section },
    {
      title: 'Business unit',
      crumbs: importCrumbs,
      steps: stepsAt('Business unit'),
      isNarrow: true,
      panels: [
        {
          form: viewOf({ action: adminPaths.importFile(), groups: [group], button: 'Continue', isGet: true }),
        },
      ],
    },
  );
}

async function filePage(deps: Deps, ask: Ask, target: Target, faults: FieldFault[] = []): Promise<string> {
  const file = groupOf(
    {
      fields: [
        {
          kind: 'file',
          name: 'file',
          label: 'Opt-out list',
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
      steps: stepsAt('File'),
      isNarrow: true,
      panels: [
        {
          sentences: [
            `The people on this list will get no ${messagesOf[target.channel]} from ${await unitWords(deps, target)}.`,
          ],
          form: viewOf({
            action: adminPaths.imports(),
            hidden: [
              { name: 'unit', value: String(target.unitId ?? allUnits) },
              { name: 'channel', value: target.channel },
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

/** Words for an import: its state, whose mail it concerns, and the steps of the wizard. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { RejectedRow } from '../../../domain/imports/rejected-file.js';
import type { ContactChoice } from '../../../models/contact-import.js';
import type { Import, ImportKind, ImportState } from '../../../models/import.js';
import type { Job } from '../../../models/job.js';
import { channelNames, counted, figure, listOf } from '../../../vocabulary/words.js';
import type { Channel } from '../../../vocabulary/terms.js';
import type { State } from '../../../views/admin-frame.js';
import type { Steps } from '../../../views/admin-form-page.js';

const importStateWords: Readonly<Record<ImportState, State>> = {
  CHOOSING: { tone: 'wait', words: 'Not checked yet' },
  CHECKING: { tone: 'wait', words: 'Being checked' },
  CHECKED: { tone: 'wait', words: 'To be confirmed' },
  REFUSED: { tone: 'out', words: 'Refused' },
  RUNNING: { tone: 'wait', words: 'Under way' },
  DONE: { tone: 'in', words: 'Done' },
};

/** "email", "WhatsApp messages": what the addresses get no more. */
export const messagesOf: Readonly<Record<Channel, string>> = {
  EMAIL: 'email',
  SMS: 'text messages',
  WHATSAPP: 'WhatsApp messages',
};

/** What the rows of a list are called. */
export function addressesOf(channel: Channel): [one: string, many: string] {
  return channel === 'EMAIL' ? ['address', 'addresses'] : ['phone number', 'phone numbers'];
}

/** "Northwind", "all business units": whose messages the addresses get no more, or whose contacts they become. */
export async function unitWords(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { kind, unitId, choice }: Pick<Import, 'unitId'> & Partial<Pick<Import, 'kind' | 'choice'>>,
): Promise<string> {
  if (kind === 'UNDO_CONTACTS') return '';
  if (choice?.contacts) return unitsWords({ catalogue }, choice.contacts);
  if (unitId === null) return 'all business units';
  return (await catalogue()).units.get(unitId)?.name ?? `unit ${unitId}`;
}

/** "Northwind and Fjell": which units contacts get. */
export async function unitsWords(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { unitIds }: Pick<ContactChoice, 'unitIds'>,
): Promise<string> {
  const { units } = await catalogue();
  const names = unitIds.map((id) => units.get(id)?.name ?? `unit ${id}`);
  return names.length > 0 ? listOf(names) : 'the business units in the file';
}

/** True for an import of contacts, and for its undo. */
export function isOfContacts({ kind }: Pick<Import, 'kind'>): boolean {
  return kind === 'CONTACTS' || kind === 'UNDO_CONTACTS';
}

/** True for the undo of an import. */
export function isUndo({ kind }: Pick<Import, 'kind'>): boolean {
  return kind === 'UNDO' || kind === 'UNDO_CONTACTS';
}

/** What became of rows of damaged structure, of which an opt-out list takes the address. */
export function damagedWords({ counts, channel }: Pick<Import, 'counts' | 'channel'>): string[] {
  const { damaged = 0, firstDamagedLine = 0 } = counts ?? {};
  if (damaged === 0) return [];
  const [one, many] = addressesOf(channel);
  const where = `${damaged === 1 ? '' : 'the first is '}line ${figure(firstDamagedLine)}`;
  return [
    `The structure of ${counted(damaged, 'row')} is damaged (${where}), for example by a quotation mark that is never closed. ${damaged === 1 ? `Its ${one} counts` : `Their ${many} count`} all the same, so that no opt-out is lost.`,
  ];
}

export const channelWords = (channel: Channel) => channelNames[channel];

/** The state of an import in words. @param undo its undo, if there is one */
export function stateOf({ state }: Pick<Import, 'state'>, undo: Pick<Import, 'state'> | null): State {
  if (!undo) return importStateWords[state];
  return undo.state === 'DONE' ? { tone: 'none', words: 'Undone' } : { tone: 'wait', words: 'Being undone' };
}

/** What the parts of an import's page need. */
export interface Seen {
  one: Import;
  /** Its undo, if there is one. */
  undo: Import | null;
  job: Job | null;
  unit: string;
  mayRun: boolean;
  /** The source whose run it is still exists, and the user may open sources. */
  isListed: boolean;
  mayOpen: boolean;
  zone: string;
  /** The first rejected rows. */
  rejected: readonly RejectedRow[];
}

const stepNames = ['start', 'unit', 'file', 'column', 'review', 'confirm', 'result'] as const;
export type StepName = (typeof stepNames)[number];

const stepWords: Record<'OPT_OUTS' | 'CONTACTS', Partial<Record<StepName, string>>> = {
  OPT_OUTS: {
    ...{ start: 'Start', unit: 'Business unit', file: 'File', column: 'Column' },
    ...{ review: 'Review', confirm: 'Confirm', result: 'Result' },
  },
  CONTACTS: {
    ...{ start: 'Start', unit: 'Business units', file: 'File', column: 'Columns' },
    ...{ review: 'Review', result: 'Result' },
  },
};

/**
 * The steps, at one of them.
 * @param one the import, or its kind until there is one; its columns can be changed until it runs
 */
export function stepsAt(
  name: StepName,
  one: { kind: ImportKind } & Partial<Pick<Import, '_id' | 'state'>>,
): Steps {
  const isContacts = one.kind === 'CONTACTS';
  const words = stepWords[isContacts ? 'CONTACTS' : 'OPT_OUTS'];
  const names = stepNames.filter((step) => words[step] !== undefined);
  const at = names.indexOf(name);
  const mayChange = one.state !== 'RUNNING' && one.state !== 'DONE';
  const hrefs: Partial<Record<StepName, string>> = one._id
    ? mayChange
      ? { column: adminPaths.importColumn(one._id), review: adminPaths.import(one._id) }
      : {}
    : {
        start: adminPaths.newImport(),
        unit: adminPaths.importUnit(isContacts ? { kind: 'CONTACTS' } : {}),
      };
  return {
    label: `Steps of this import, at step ${at + 1}`,
    words: `Step ${at + 1} of ${names.length}`,
    list: names.map((step, index) => {
      const href = index < at ? hrefs[step] : undefined;
      const text = words[step] ?? '';
      return { text, isDone: index < at, isCurrent: index === at, ...(href ? { href } : {}) };
    }),
  };
}

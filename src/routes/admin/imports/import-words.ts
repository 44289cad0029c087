/** Words for an import: its state, whose mail it concerns, and the steps of the wizard. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { Import, ImportState } from '../../../models/import.js';
import { channelNames } from '../../../vocabulary/words.js';
import type { Channel } from '../../../vocabulary/terms.js';
import type { State } from '../../../views/admin-frame.js';
import type { Steps } from '../../../views/admin-form-page.js';

export const importStateWords: Readonly<Record<ImportState, State>> = {
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

/** "Northwind", "all business units": whose messages the addresses get no more. */
export async function unitWords(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { unitId }: Pick<Import, 'unitId'>,
): Promise<string> {
  if (unitId === null) return 'all business units';
  return (await catalogue()).units.get(unitId)?.name ?? `unit ${unitId}`;
}

export const channelWords = (channel: Channel) => channelNames[channel];

const stepNames = ['Start', 'Business unit', 'File', 'Column', 'Review', 'Confirm', 'Result'] as const;
export type StepName = (typeof stepNames)[number];

/**
 * The steps, at one of them.
 * @param one the import, once there is one; its column can be changed until it runs
 */
export function stepsAt(name: StepName, one?: Pick<Import, '_id' | 'state'>): Steps {
  const at = stepNames.indexOf(name);
  const mayChange = one !== undefined && one.state !== 'RUNNING' && one.state !== 'DONE';
  const hrefs: Partial<Record<StepName, string>> = {
    ...(one ? {} : { Start: adminPaths.newImport(), 'Business unit': adminPaths.importUnit() }),
    ...(mayChange ? { Column: adminPaths.importColumn(one._id), Review: adminPaths.import(one._id) } : {}),
  };
  return {
    label: `Steps of this import, at step ${at + 1}`,
    words: `Step ${at + 1} of ${stepNames.length}`,
    list: stepNames.map((text, index) => {
      const href = index < at ? hrefs[text] : undefined;
      return { text, isDone: index < at, isCurrent: index === at, ...(href ? { href } : {}) };
    }),
  };
}

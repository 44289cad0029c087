/** What the record says of an address that cannot receive. */
import { adminPaths } from '../../../admin-paths.js';
import { counted, dayOf } from '../../../vocabulary/words.js';
import type { CannotReceive } from '../../../vocabulary/bounces.js';
import type { Standing } from '../../../views/admin-record-pages.js';
import type { ChannelRecord, OpenedRecord } from './open-record.js';

export function cannotReceive({ reason, soft }: CannotReceive): string {
  if (reason === 'COMPLAINT') return 'A mail was reported as spam';
  if (soft === undefined) return 'A mail came back for good';
  return `Mail came back ${counted(soft, 'time')} (${soft === 1 ? 'a soft bounce' : 'soft bounces'})`;
}

/** Somebody's words, ended like a sentence. */
export function quoted(text: string): string {
  return /[.!?…]$/.test(text) ? `“${text}”` : `“${text}”.`;
}

/** The reason, the day and the mail server's words; none for an address that can receive. */
export function cannotReceiveStandings(
  { id, catalogue, scope }: OpenedRecord,
  { address, subscriber: { undeliverable } }: ChannelRecord,
  { mayOverride }: { mayOverride: boolean },
): Standing[] {
  if (!undeliverable) return [];
  const { reason, at, explanation, soft } = undeliverable;
  const sentences = [
    `${cannotReceive(undeliverable)}${soft === undefined ? ' on' : ', last on'} ${dayOf(at, catalogue.timeZone)}.`,
    ...(explanation ? [quoted(explanation)] : []),
    'That is not an opt-out.',
  ];
  // What an address can receive concerns all business units.
  const isOffered = mayOverride && scope === null && address !== '';
  const action =
    reason === 'COMPLAINT'
      ? { href: adminPaths.clearingQuestions(id), label: 'Ask the contact' }
      : { href: adminPaths.clearings(id), label: 'Clear the bounce' };
  return [
    {
      tone: 'warn',
      strong: 'This address cannot receive.',
      sentence: sentences.join(' '),
      ...(isOffered ? { action } : {}),
    },
  ];
}

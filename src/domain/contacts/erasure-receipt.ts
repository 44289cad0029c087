/**
 * What an erasure deletes and keeps, before it, and its receipt after it. The receipt is read from the events, so it can be downloaded again at any
 * time. It contains nothing that was erased: the subscriber id is a keyed hash.
 */
import { findWholeSubscribers } from '../../models/find-subscribers.js';
import { jobFileDays } from '../../models/job-file.js';
import type { Models } from '../../models/index.js';
import type { ActorKind, Channel } from '../../vocabulary/terms.js';
import { counted } from '../../vocabulary/words.js';
import { actorWithin } from '../consent/actors.js';
import { reading } from '../consent/durability.js';
import { readRecord, type RecordDeps } from './record.js';

export interface ErasurePreview {
  /** Sentences for people. */
  deleted: string[];
  kept: string[];
}

const suppression =
  'Each address is opted out of everything, under a code that cannot be turned back into the address. If it is imported or created again, it is still opted out.';
const history = 'The history stays as proof, without personal data.';

/**
 * What an erasure would delete and keep.
 * @param id of a contact, or a subscriber id
 * @throws DomainError `NOT_FOUND`
 */
export async function previewErasure(
  deps: RecordDeps & { models: Pick<Models, 'mails'> },
  id: string,
): Promise<ErasurePreview> {
  const { contact, channels } = await readRecord(deps, { scope: null, id });
  const ids = channels.map(({ subscriberId }) => subscriberId);
  const mails = await Promise.all(
    ids.map((subscriberId) => deps.models.mails.countDocuments({ subscriberId, state: 'QUEUED' })),
  );
  const waiting = mails.reduce((sum, count) => sum + count, 0);
  const properties = Object.keys(contact?.properties ?? {}).length;
  return {
    deleted: [
      ...(contact
        ? [
            `The contact: names, language, legal basis for processing${properties > 0 ? `, and ${counted(properties, 'property', 'properties')}` : ''}.`,
          ]
        : []),
      `${counted(new Set(channels.map(({ address }) => address)).size, 'address', 'addresses')}.`,
      'Explanations and browser names in the history.',
      ...(waiting > 0
        ? [`${counted(waiting, 'mail')} that ${waiting === 1 ? 'waits' : 'wait'} to be sent.`]
        : []),
    ],
    kept: [
      suppression,
      history,
      `Files of exports from before the erasure stay until they expire, ${jobFileDays} days at most.`,
    ],
  };
}

export interface ErasedAddress {
  subscriberId: string;
  channel: Channel;
  erasedAt: Date;
  /** Null if that event is in the archive. */
  by: ActorKind | null;
  event: { number: number; hash: string } | null;
}

export interface ErasureReceipt {
  deleted: string[];
  kept: string[];
  addresses: ErasedAddress[];
}

/** @returns null if none of these subscribers is erased */
export async function findErasureReceipt(
  { models }: { models: Pick<Models, 'subscribers'> },
  subscriberIds: readonly string[],
): Promise<ErasureReceipt | null> {
  const found = await reading(() => findWholeSubscribers(models.subscribers, [...subscriberIds]));
  const addresses = [...found.values()].flatMap(
    ({ _id, channel, address, erasedAt, events }): ErasedAddress[] => {
      if (erasedAt === null || address !== null) return [];
      const event = events.findLast(({ change }) => change.op === 'ERASED');
      return [
        {
          ...{ subscriberId: _id, channel, erasedAt, by: event?.actor.kind ?? null },
          event: event ? { number: event.seq, hash: event.hash } : null,
        },
      ];
    },
  );
  if (addresses.length === 0) return null;
  return {
    deleted: [
      'The contact, if there was one, and its properties.',
      'The addresses.',
      'Explanations and browser names in the history.',
      'Mails that waited to be sent.',
    ],
    kept: [suppression, history],
    addresses,
  };
}

/** The receipt as a text for people, in English. */
export function receiptText({ deleted, kept, addresses }: ErasureReceipt): string {
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`);
  return [
    'Receipt of an erasure',
    '',
    ...addresses.flatMap(({ subscriberId, channel, erasedAt, by, event }) => [
      `Erased: ${erasedAt.toISOString()}${by ? `, by ${actorWithin({ kind: by })}` : ''}`,
      `Channel: ${channel}`,
      `Subscriber id: ${subscriberId}`,
      ...(event ? [`Event: ${event.number}, hash ${event.hash}`] : []),
      '',
    ]),
    'Deleted',
    ...list(deleted),
    '',
    'Kept',
    ...list(kept),
    '',
  ].join('\n');
}

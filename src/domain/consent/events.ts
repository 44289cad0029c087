/** Events and their hash chain. Each event carries the hash of the one before, so a removed or altered event is detected. */
import { hash, randomUUID } from 'node:crypto';
import { recordedRef } from './actors.js';
import type {
  Actor,
  Change,
  Channel,
  Circumstances,
  ConsentEvent,
  EventDetail,
} from '../../vocabulary/terms.js';

/** The end of the chain: number and hash of the newest event. */
export interface ChainHead {
  seq: number;
  chainHead: string;
}

/** The fields that all events of one act share. */
export interface Act {
  at: Date;
  channel: Channel;
  actor: Actor | ConsentEvent['actor'];
  circumstances: Circumstances;
  carriedFrom?: string;
  save?: number;
}

/** Makes the next events of a chain, one for each change. */
export function makeEvents(head: ChainHead, changes: Change[], act: Act): ConsentEvent[] {
  let { seq, chainHead } = head;
  return changes.map((change) => {
    const event = makeEvent({ seq: seq + 1, chainHead }, change, act);
    seq = event.seq;
    chainHead = event.hash;
    return event;
  });
}

function makeEvent(
  next: ChainHead,
  change: Change,
  { at, channel, actor, circumstances: why, carriedFrom, save }: Act,
): ConsentEvent {
  const detail: EventDetail = {
    // Node takes them from a reserve; random bytes one by one took a tenth of the time of an import.
    salt: randomUUID(),
    ...(why.explanation ? { explanation: why.explanation } : {}),
    ...(why.userAgent ? { userAgent: why.userAgent.slice(0, 300) } : {}),
  };
  const ref = recordedRef(actor);
  const body: Omit<ConsentEvent, 'hash' | 'detail'> = {
    seq: next.seq,
    at,
    channel,
    actor: {
      kind: actor.kind,
      ...(ref ? { ref } : {}),
      ...('by' in actor && actor.by ? { by: actor.by } : {}),
      ...(actor.kind === 'STAFF' && actor.isBulk ? { isBulk: true } : {}),
    },
    change,
    ...(why.legalBasis && (actor.kind !== 'CONTACT' || isConsent(change))
      ? { legalBasis: why.legalBasis }
      : {}),
    ...(why.locale ? { locale: why.locale } : {}),
    ...(why.wording ? { wording: why.wording } : {}),
    ...(why.campaign ? { campaign: why.campaign } : {}),
    ...(why.isMachine ? { isMachine: true } : {}),
    ...('laterConsentAt' in actor && actor.laterConsentAt && isConsent(change)
      ? { consentedAt: actor.laterConsentAt }
      : {}),
    ...(carriedFrom ? { carriedFrom } : {}),
    ...(save === undefined ? {} : { save }),
    detailHash: hashOf(detail),
    previous: next.chainHead,
  };
  return { ...body, detail, hash: hashOf(body) };
}

/**
 * Makes events that differ from one event only in their salt, and so in their hashes. Most of an import's million events do, and their constant text
 * is put together once.
 */
export function eventsLike({ hash: _, detail, ...body }: ConsentEvent): () => ConsentEvent {
  const salt = detail?.salt ?? '';
  const [beforeSalt = '', afterSalt = ''] = canonical(detail).split(salt);
  const [beforeHash = '', afterHash = ''] = canonical(body).split(body.detailHash);
  return () => {
    const own = randomUUID();
    const detailHash = digestOf(beforeSalt + own + afterSalt);
    return {
      ...{ ...body, detailHash, detail: { ...detail, salt: own } },
      hash: digestOf(beforeHash + detailHash + afterHash),
    };
  };
}

/** A contact's own act has a legal basis if it gives consent. An opt-out, a pause, and an Undo need none. */
function isConsent(change: Change): boolean {
  return (
    (change.op === 'STATUS' && change.to === 'SUBSCRIBED' && !change.isRestored) || change.op === 'CONFIRMED'
  );
}

/** The fault of the next event of a chain, if any. `detail` may have been erased. */
export function faultOfEvent(head: ChainHead, event: ConsentEvent): string | null {
  const { hash: own, detail, ...body } = event;
  if (event.seq !== head.seq + 1) return `event ${head.seq + 1} is missing (found ${event.seq})`;
  if (event.previous !== head.chainHead) return `event ${event.seq} does not follow the one before it`;
  if (own !== hashOf(body)) return `event ${event.seq} was altered`;
  if (detail && event.detailHash !== hashOf(detail)) return `the free text of event ${event.seq} was altered`;
  return null;
}

function hashOf(value: unknown): string {
  return digestOf(canonical(value));
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** JSON with sorted keys, times in ISO 8601: the same bytes for the same event on every machine. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // A plain loop: a million events are hashed during an import, and this took a tenth of its time.
  const fields: Record<string, unknown> = { ...value };
  let text = '';
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field !== undefined) text += `${text ? ',' : ''}${JSON.stringify(name)}:${canonical(field)}`;
  }
  return `{${text}}`;
}

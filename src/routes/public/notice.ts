/** Describes what a save changed, in sentences, and makes the wish of its Undo. */
import { isShownOn } from '../../domain/consent/effective.js';
import type { Catalogue, Channel, ConsentState, Wish } from '../../vocabulary/terms.js';
import { undoneState } from '../../domain/consent/undo-save.js';
import type { LastSave, SaveChange, SubscriberHead } from '../../models/subscriber.js';
import type { Words } from '../../views/contract.js';
import type { Notice } from '../../views/public-pages.js';
import { publicTypes, typeNames } from '../../domain/wordings/naming.js';
import { whatEnded, whatStopped } from '../../domain/wordings/still-arrives.js';
import { refusalSentences } from './refusals.js';
import type { Worded } from '../../domain/wordings/wording.js';

/** The last save, if `nonce` proves that this reader has seen its answer. */
export function saveOf(subscriber: SubscriberHead, nonce: unknown): LastSave | null {
  return subscriber.lastSave && typeof nonce === 'string' && subscriber.lastSave.nonce === nonce
    ? subscriber.lastSave
    : null;
}

/** The last save, if it took back the one that `nonce` names. A contact who pressed Undo twice sees the result of the first press. */
export function undoingOf({ lastSave }: SubscriberHead, nonce: unknown): LastSave | null {
  const isIt = lastSave?.changes.some(
    (change) => change.what === 'UNDONE' && change.of !== undefined && change.of === nonce,
  );
  return lastSave && isIt ? lastSave : null;
}

/** Milliseconds for which the page after a save offers Undo. */
const undoableMs = 24 * 3_600_000;

/** The wish that undoes a save; none if it changed nothing on the page, or something that it changed has changed since. */
export function undoWishes(
  subscriber: SubscriberHead,
  save: LastSave,
  { catalogue, now }: { catalogue: Catalogue; now: Date },
): Extract<Wish, { kind: 'UNDO_SAVE' }>[] {
  const isOver = now.getTime() - save.at.getTime() >= undoableMs;
  if (isOver || save.from === undefined || subscriber.undoable?.save !== save.from) return [];
  const changes = restoredBy(subscriber, { catalogue, channel: subscriber.channel, now });
  return changes.length > 0 ? [{ kind: 'UNDO_SAVE', save: save.from }] : [];
}

/** The changes of an Undo that the page shows. */
export function restoredBy(
  before: ConsentState,
  { catalogue, channel, now }: { catalogue: Catalogue; channel: Channel; now: Date },
): SaveChange[] {
  const after = undoneState(before);
  const pauseIn = ({ snoozes }: ConsentState, typeId: number) => {
    const until = snoozes[typeId]?.until;
    return until && until > now ? until : null;
  };
  return publicTypes(catalogue, channel).flatMap((type): SaveChange[] => {
    const { id: typeId } = type;
    const isOn = isShownOn(after, type, catalogue);
    if (isOn !== isShownOn(before, type, catalogue))
      return [{ what: 'TYPE', typeId, outcome: isOn ? 'ON' : 'OFF' }];
    const [was, until] = [pauseIn(before, typeId), pauseIn(after, typeId)];
    return was?.getTime() === until?.getTime() ? [] : [{ what: 'PAUSE', typeId, until }];
  });
}

/** One sentence for each kind of change. */
export function sentencesOf(
  changes: SaveChange[],
  { channel, catalogue, words }: { channel: Channel; catalogue: Catalogue; words: Words },
): string[] {
  const nameOf = (typeId: number) => typeNames(catalogue, [typeId], words.locale)[0] ?? '';
  const names = (outcome: 'ON' | 'PENDING') =>
    changes.flatMap((change) =>
      change.what === 'TYPE' && change.outcome === outcome ? [nameOf(change.typeId)] : [],
    );
  const told: string[] = [];
  const tell = (key: string, list: string[]) => {
    if (list.length > 0) told.push(words.t(key, { names: words.list(list), count: list.length }));
  };
  for (const change of changes) {
    if (change.what !== 'ALL') continue;
    const unit = change.unitId === null ? null : (catalogue.units.get(change.unitId) ?? null);
    told.push(...whatStopped('NOW', catalogue, { channel, unit }, words));
  }
  const off = changes.flatMap((change) =>
    change.what === 'TYPE' && change.outcome === 'OFF' ? (catalogue.types.get(change.typeId) ?? []) : [],
  );
  told.push(...whatEnded(off, words));
  tell('nowOn', names('ON'));
  tell('pendingMailed', names('PENDING'));
  const refused = changes.flatMap((change) =>
    change.what === 'TYPE' && change.outcome === 'REFUSED'
      ? [{ name: nameOf(change.typeId), code: change.code }]
      : [],
  );
  told.push(...refusalSentences(refused, words));
  for (const change of changes) {
    if (change.what !== 'PAUSE') continue;
    const values = { names: nameOf(change.typeId), count: 1 };
    told.push(
      change.until
        ? words.t('nowPaused', { ...values, day: words.day(change.until) })
        : words.t('nowResumed', values),
    );
  }
  return told;
}

/** The notice of the preference page after a save. */
export function noticeOf(
  subscriber: SubscriberHead,
  save: LastSave | null,
  context: { catalogue: Catalogue; words: Words; now: Date; undoAction: string; isWaiting: boolean },
): Notice {
  const { t } = context.words;
  const about = { ...context, channel: subscriber.channel };
  if (!save && context.isWaiting) {
    const waiting = subscriber.pending.filter(({ confirmedAt }) => !confirmedAt);
    const asked = waiting.flatMap(({ typeIds }): SaveChange[] =>
      typeIds.map((typeId) => ({ what: 'TYPE', typeId, outcome: 'PENDING' })),
    );
    const sentences = sentencesOf(asked, about);
    return { tone: 'good', strong: t('freshLinkSentHeading'), sentences };
  }
  if (!save) return { tone: 'warn', strong: t('nothingChanged'), sentences: [] };
  const isUndone = save.changes.some(({ what }) => what === 'UNDONE');
  const mayUndo = undoWishes(subscriber, save, context).length > 0;
  return {
    tone: 'good',
    strong: t(isUndone ? 'undone' : 'saved'),
    sentences: sentencesOf(save.changes, about),
    ...(mayUndo ? { undo: { action: context.undoAction, nonce: save.nonce, label: t('undo') } } : {}),
  };
}

/** The text that a contact has read before pressing Undo beside a notice. */
export function noticeWords({ strong, sentences, undo }: Notice): Worded {
  return { heading: strong, sentences, forms: undo ? [{ button: undo.label }] : [] };
}

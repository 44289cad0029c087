/** Says what a save changed, in sentences, and what Undo would wish. */
import type { Catalogue, Wish } from '../../domain/consent/terms.js';
import type { LastSave, SaveChange, SubscriberHead } from '../../models/subscriber.js';
import type { Words } from '../../views/contract.js';
import type { Notice } from '../../views/pages.js';
import { typeIn, unitIn } from './naming.js';
import { refusalSentences } from './refusals.js';
import type { Worded } from './wording.js';

/** The last save, where `nonce` proves that this reader has seen its answer. */
export function saveOf(subscriber: SubscriberHead, nonce: unknown): LastSave | null {
  return subscriber.lastSave && typeof nonce === 'string' && subscriber.lastSave.nonce === nonce
    ? subscriber.lastSave
    : null;
}

/** The last save, where it took back the one that `nonce` names: whoever pressed Undo twice is told what the first press did. */
export function undoingOf({ lastSave }: SubscriberHead, nonce: unknown): LastSave | null {
  const isIt = lastSave?.changes.some(
    (change) => change.what === 'UNDONE' && change.of !== undefined && change.of === nonce,
  );
  return lastSave && isIt ? lastSave : null;
}

/** Milliseconds for which a save may be undone from the page that told of it. */
const undoableMs = 24 * 3_600_000;

/** Wishes that take a save back; none where nothing can be taken back, or a later act has come after it. */
export function undoWishes(subscriber: SubscriberHead, save: LastSave, now: Date): Wish[] {
  const isLatest = save.seq === subscriber.seq && now.getTime() - save.at.getTime() < undoableMs;
  if (!isLatest || save.changes.some(({ what }) => what === 'UNDONE')) return [];
  return save.changes.flatMap((change): Wish[] => {
    switch (change.what) {
      case 'TYPE':
        if (change.outcome === 'OFF' && change.wasOn) return [{ kind: 'OPT_IN', typeId: change.typeId }];
        return change.outcome === 'ON' ? stopAgain(change) : [];
      case 'PAUSE':
        // A pause that was there before cannot be put back to its day, and must not end by an undo.
        return change.until && !change.wasPaused ? [{ kind: 'SNOOZE', typeId: change.typeId, days: 0 }] : [];
      case 'ALL':
        return change.wereOn.map((typeId) => ({ kind: 'OPT_IN', typeId }));
      case 'UNDONE':
        return [];
    }
  });
}

/** Switching off again; what stood over the type stands again too, so that a type that comes later is covered as before. */
function stopAgain({ typeId, lifted = [] }: Extract<SaveChange, { what: 'TYPE' }>): Wish[] {
  return [{ kind: 'OPT_OUT', typeId }, ...lifted.map((unitId): Wish => ({ kind: 'OPT_OUT_OF_ALL', unitId }))];
}

/** One sentence for each kind of change. */
export function sentencesOf(changes: SaveChange[], catalogue: Catalogue, words: Words): string[] {
  const nameOf = (typeId: number) => {
    const type = catalogue.types.get(typeId);
    return type ? typeIn(type, words.locale).name : '';
  };
  const names = (outcome: 'ON' | 'OFF' | 'PENDING' | 'REFUSED') =>
    changes.flatMap((change) =>
      change.what === 'TYPE' && change.outcome === outcome ? [nameOf(change.typeId)] : [],
    );
  const told: string[] = [];
  const tell = (key: string, list: string[]) => {
    if (list.length > 0) told.push(words.t(key, { names: words.list(list), count: list.length }));
  };
  for (const change of changes) {
    if (change.what !== 'ALL') continue;
    const unit = change.unitId === null ? undefined : catalogue.units.get(change.unitId);
    told.push(
      unit
        ? words.t('nowStoppedUnit', { unit: unitIn(unit, words.locale).name })
        : (words.copy['nowStoppedAll'] ?? ''),
    );
  }
  tell('nowOff', names('OFF'));
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
  const { copy } = context.words;
  if (!save && context.isWaiting) {
    const waiting = subscriber.pending.filter(({ confirmedAt }) => !confirmedAt);
    const asked = waiting.flatMap(({ typeIds }): SaveChange[] =>
      typeIds.map((typeId) => ({ what: 'TYPE', typeId, outcome: 'PENDING', wasOn: false })),
    );
    const sentences = sentencesOf(asked, context.catalogue, context.words);
    return { tone: 'good', strong: copy['freshLinkSentHeading'] ?? '', sentences };
  }
  if (!save) return { tone: 'warn', strong: copy['nothingChanged'] ?? '', sentences: [] };
  const isUndone = save.changes.some(({ what }) => what === 'UNDONE');
  const mayUndo = undoWishes(subscriber, save, context.now).length > 0;
  return {
    tone: 'good',
    strong: (isUndone ? copy['undone'] : copy['saved']) ?? '',
    sentences: sentencesOf(save.changes, context.catalogue, context.words),
    ...(mayUndo
      ? { undo: { action: context.undoAction, nonce: save.nonce, label: copy['undo'] ?? '' } }
      : {}),
  };
}

/** What somebody has read who presses Undo beside a notice. */
export function noticeWords({ strong, sentences, undo }: Notice): Worded {
  return { heading: strong, sentences, forms: undo ? [{ button: undo.label }] : [] };
}

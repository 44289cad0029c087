/** "Why do I get this?": since when, by which act, on what legal basis, in the reader's words. */
import { effectiveStatus } from '../../domain/consent/effective.js';
import type { ActorKind, ConsentState, SubscriptionType } from '../../vocabulary/terms.js';
import type { Words } from '../../views/contract.js';

const sentences: Readonly<Record<ActorKind, string>> = {
  CONTACT: 'whyContact',
  ONE_CLICK: 'whyContact',
  STAFF: 'whyStaff',
  API: 'whyApi',
  SYSTEM: 'whyApi',
  IMPORT: 'whyImport',
  WORKFLOW: 'whyWorkflow',
};

/** The reason for a type that is on. */
export function whyOf(state: ConsentState, type: SubscriptionType, unit: string, words: Words): string {
  const { standing } = effectiveStatus(state, type);
  if (!standing) return words.t('whyDefault', { unit });
  const isConfirmed = state.pending.some(
    (wish) => wish.confirmedAt?.getTime() === standing.at.getTime() && wish.typeIds.includes(type.id),
  );
  const key = isConfirmed ? 'whyConfirmed' : sentences[standing.by];
  const sentence = words.t(key, { unit, day: words.day(standing.at) });
  if (!standing.legalBasis) return sentence;
  return `${sentence} ${words.t('basisLine', { basis: words.copy[`basis${standing.legalBasis}`] ?? standing.legalBasis })}`;
}

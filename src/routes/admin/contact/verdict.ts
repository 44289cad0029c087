/** "May we mail?": for each address and business unit of a record, the answer of the rules and what decides it. */
import { actorWithin } from '../../../domain/consent/actors.js';
import { isCoveredByAll } from '../../../domain/consent/effective.js';
import { decideEligibility } from '../../../domain/consent/eligibility.js';
import type { Eligibility, EligibilityRule } from '../../../domain/consent/eligibility.js';
import { isMarketingContact } from '../../../domain/marketing/status.js';
import type {
  BusinessUnit,
  Channel,
  SubscriptionType,
  UndeliverableReason,
} from '../../../vocabulary/terms.js';
import { dayOf } from '../../../vocabulary/words.js';
import type { Verdict } from '../../../views/admin-record-pages.js';
import { typesOf, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { cannotReceive } from './cannot-receive.js';
import { fewNamesOf } from './opt-outs.js';

const questions: Readonly<Record<Channel, string>> = {
  EMAIL: 'May we mail?',
  WHATSAPP: 'May we write on WhatsApp?',
  SMS: 'May we send text messages?',
};

/** What decided, as a sentence without its full stop. `by` is empty where nobody acted. */
const reasons: Readonly<
  Record<Exclude<EligibilityRule, UndeliverableReason>, (by: string, on: string, until: string) => string>
> = {
  PORTAL_WIDE_STATUS: (by, on) => `Opted out of everything${by}${on}`,
  BRAND_WIDE_STATUS: (by, on) => `Opted out of all of this business unit${by}${on}`,
  SUBSCRIPTION_STATUS: () => 'Opted out',
  SNOOZED: (_by, _on, until) => `Paused until ${until}`,
  TYPE_ARCHIVED: () => 'Archived',
  NOT_A_MARKETING_CONTACT: () => 'Not a marketing contact',
  NOT_SUBSCRIBED_IN_PRIVACY_MODE: () => 'Not subscribed, as data privacy mode requires',
  LEGAL_BASIS_REQUIRED: () => 'Needs a legal basis',
  ONE_TIME_LEGAL_BASIS: () => 'Legal basis for this one time',
  TRANSACTIONAL: () => 'Transactional',
  NOT_SPECIFIED: () => 'Not specified, and data privacy mode is off',
};

/** @returns one verdict for each address, without addresses that were erased or have no types */
export function verdictsOf(record: OpenedRecord): Verdict[] {
  return record.channels
    .filter(({ address }) => address !== '')
    .map((one) => ({
      id: `may-we-${one.channel.toLowerCase()}`,
      question: questions[one.channel],
      address: one.address,
      units: [...record.catalogue.units.values()].flatMap((unit) => unitVerdict(record, one, unit)),
    }))
    .filter(({ units }) => units.length > 0);
}

function unitVerdict(record: OpenedRecord, one: ChannelRecord, unit: BusinessUnit): Verdict['units'] {
  const decided = typesOf(record, one, unit.id)
    .filter(({ isActive }) => isActive)
    .map((type) => {
      const question = {
        ...{ purpose: type.purpose, now: record.now },
        ...(record.contact ? { isMarketingContact: isMarketingContact(record.contact) } : {}),
      };
      const eligibility = decideEligibility(one.subscriber, type, question, record.catalogue);
      return { type, ...eligibility, why: reasonOf(eligibility, record, one) };
    });
  if (decided.length === 0) return [];
  // Transactional mail goes to everybody, so it does not answer the question where there is marketing.
  const marketing = decided.filter(({ type }) => isCoveredByAll(type));
  const asked = marketing.length > 0 ? marketing : decided;
  const groups = new Map<string, { isEligible: boolean; types: SubscriptionType[] }>();
  for (const { type, isEligible, why } of decided) {
    const group = groups.get(why) ?? { isEligible, types: [] };
    group.types.push(type);
    groups.set(why, group);
  }
  return [
    {
      unit: unit.name,
      ...answerOf(asked),
      lines: [...groups].map(([why, { isEligible, types }]) =>
        asked.every(({ type }) => types.includes(type))
          ? `${why}.`
          : `${isEligible ? 'Yes' : 'No'}: ${fewNamesOf(types)}. ${why}.`,
      ),
    },
  ];
}

function answerOf(asked: readonly Eligibility[]): { answer: string; look: 'in' | 'out' | 'wait' } {
  if (asked.every(({ isEligible }) => isEligible)) return { answer: 'Yes', look: 'in' };
  if (asked.some(({ isEligible }) => isEligible)) return { answer: 'Some types', look: 'wait' };
  return { answer: 'No', look: 'out' };
}

function reasonOf(
  { rule, isEligible, source, at, until }: Eligibility,
  { catalogue }: OpenedRecord,
  { subscriber: { undeliverable } }: ChannelRecord,
): string {
  if (rule === 'SUBSCRIPTION_STATUS' && isEligible) return 'Subscribed';
  const dated = (day?: Date) => (day ? dayOf(day, catalogue.timeZone) : '');
  const on = at ? `, ${dated(at)}` : '';
  if (rule === 'HARD_BOUNCE' || rule === 'COMPLAINT')
    return cannotReceive(undeliverable ?? { reason: rule }) + on;
  const by = source ? ` by ${actorWithin({ kind: source })}` : '';
  return reasons[rule](by, on, dated(until));
}

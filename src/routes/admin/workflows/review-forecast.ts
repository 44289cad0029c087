/** Words of the review: how many contacts meet the trigger now, and how many of them the steps skip or set to marketing. */
import type { ContactCount } from '../../../domain/contacts/find.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { shareOf, warningOf, type MarketingState } from '../../../domain/marketing/usage.js';
import type { Forecast } from '../../../domain/workflows/forecast.js';
import type { Plan } from '../../../domain/workflows/plan.js';
import { counted, figure } from '../../../vocabulary/words.js';
import type { Fact, Panel } from '../../../views/admin-form-page.js';
import { contactsHref } from '../contacts/filter-links.js';
import { present } from '../present.js';

const countWords = ({ count, isCapped }: ContactCount) =>
  isCapped && count === 0 ? 'many' : `${figure(count)}${isCapped ? '+' : ''}`;

/** "12 contacts", "1,000+ contacts", "many contacts" */
export const manyContacts = (count: ContactCount) =>
  count.isCapped ? `${countWords(count)} contacts` : counted(count.count, 'contact');

const effects = {
  SKIPPED: {
    term: 'Skipped at step',
    text: 'opted out',
    note: 'Contacts that opted out before are skipped, also if somebody else has lifted the opt-out (PREVIOUSLY_OPTED_OUT).',
  },
  TO_MARKETING: { term: 'Set to marketing at step', text: 'non-marketing now', note: null },
  FROM_MARKETING: { term: 'Set to non-marketing at step', text: 'at the next update', note: null },
} as const;

/** A fact for each number of the forecast, with a link to its contacts. */
export function forecastFacts(
  { meets, suppressed, enrolled, concerned }: Forecast,
  { enrolsAgain }: Pick<Plan, 'enrolsAgain'>,
): Fact[] {
  const hrefOf = (filter: Parameters<typeof contactsHref>[0]['filter']) =>
    contactsHref({ ...wholeIndex, filter });
  return present([
    suppressed && {
      ...{ term: 'Never enrolled', href: hrefOf(suppressed.filter) },
      text: `${manyContacts(suppressed.count)} on the suppression lists`,
    },
    ...(enrolled && meets
      ? [
          {
            term: 'Enrolled before',
            text: `${countWords(enrolled)} of them${enrolsAgain ? '' : ', and not again'}`,
          },
          {
            term: 'Not enrolled before',
            text: countWords({
              count: Math.max(0, meets.count.count - enrolled.count),
              isCapped: meets.count.isCapped || enrolled.isCapped,
            }),
          },
        ]
      : []),
    ...concerned.map(({ effect, number, isAtMost, count, filter }) => {
      const { term, text, note } = effects[effect];
      return {
        ...{ term: `${term} ${number}`, href: hrefOf(filter) },
        text: `${isAtMost ? 'up to ' : ''}${manyContacts(count)}, ${text}`,
        ...(note ? { note } : {}),
      };
    }),
  ]);
}

/** What the limit of marketing contacts will be, if these contacts are set to marketing too. Nothing without a limit. */
export function limitPoints(
  { concerned }: Forecast,
  { settings: { limit }, last }: MarketingState,
): Panel['points'] {
  const set = concerned.filter(({ effect }) => effect === 'TO_MARKETING');
  const more = set.reduce((sum, { count }) => sum + count.count, 0);
  const isAtMost = set.some((one) => one.isAtMost);
  if (more === 0 || limit === null || !last) return [];
  const after = last.marketing + more;
  const share = (marketing: number) => `${figure(shareOf(marketing, limit) ?? 0)} %`;
  const isCrossed = warningOf(after, limit) !== warningOf(last.marketing, limit);
  return [
    {
      tone: isCrossed ? 'warn' : 'plain',
      text: `${share(last.marketing)} of the marketing contacts in your plan are in use. With ${isAtMost ? 'up to ' : ''}${figure(more)} more, ${share(after)} are in use.${
        isCrossed ? ` This passes ${warningOf(after, limit) ?? 0} %. Nothing is blocked.` : ''
      }`,
    },
  ];
}

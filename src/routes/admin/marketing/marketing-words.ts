/** Sentences about marketing contacts: when a change takes effect, and how much of the limit is used. */
import { shareOf, warningOf, type MarketingState } from '../../../domain/marketing/usage.js';
import type { State } from '../../../views/admin-frame.js';
import type { MarketingPage } from '../../../views/admin-marketing-page.js';
import { figure } from '../../../vocabulary/words.js';

/** "1 January 2027" */
export function longDay(at: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ day: 'numeric', month: 'long', year: 'numeric' },
    timeZone: zone,
  }).format(at);
}

/** When non-marketing takes effect, and that it can be taken back. */
export function leavingSentence({ next }: Pick<MarketingState, 'next'>, zone: string): string {
  return `They stay marketing contacts until the next update, on ${longDay(next.at, zone)}. Until then you can take it back.`;
}

/** Null without a limit, and before the first count. */
export function limitSentence({
  settings: { limit },
  last,
}: Pick<MarketingState, 'settings' | 'last'>): string | null {
  if (limit === null || !last) return null;
  return `There are ${figure(last.marketing)} marketing contacts now, of ${figure(limit)} in your plan.`;
}

/** "92 % in use", amber from 80 and red from 100 percent. */
export function usageState(marketing: number, limit: number | null): State | undefined {
  const share = shareOf(marketing, limit);
  if (share === null) return undefined;
  const tone = share >= 100 ? 'out' : share >= 80 ? 'wait' : 'in';
  return { tone, words: `${figure(share)} % in use` };
}

/** The share of the limit as a bar; nothing without a limit. */
export function barOf(marketing: number, limit: number | null): Pick<MarketingPage, 'bar'> {
  if (limit === null) return {};
  const share = Math.round((marketing / limit) * 1000) / 10;
  return {
    bar: {
      share: Math.min(100, share),
      label: `${share} % of the limit is used`,
      isWarning: warningOf(marketing, limit) !== null,
      warnFrom: figure(Math.ceil(limit * 0.8)),
      limit: figure(limit),
    },
  };
}

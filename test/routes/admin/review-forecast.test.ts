/** The review of a workflow says what becomes of the limit of marketing contacts, and which contacts it counts. */
import { expect, it } from 'vitest';
import { noFilter } from '../../../src/domain/filters/filter.js';
import type { MarketingState } from '../../../src/domain/marketing/usage.js';
import type { Forecast } from '../../../src/domain/workflows/forecast.js';
import { forecastFacts, limitPoints } from '../../../src/routes/admin/workflows/review-forecast.js';

const countOf = (count: number, isCapped = false) => ({ count: { count, isCapped }, filter: noFilter });
const forecastWith = (
  effect: Forecast['concerned'][number]['effect'],
  count: number,
  isAtMost = false,
): Forecast => ({
  ...{ meets: countOf(64), suppressed: countOf(12), enrolled: { count: 20, isCapped: false } },
  concerned: [{ effect, stepId: 'five', number: 5, isAtMost, ...countOf(count) }],
});
const stateOf = (marketing: number, limit: number | null): MarketingState => ({
  settings: { day: 1, limit, nonMarketingSources: [], version: 1 },
  next: { month: '2027-01', at: new Date('2027-01-01T00:00:00Z') },
  last: { marketing, nonMarketing: 0, untilUpdate: 0, at: new Date('2026-11-29T12:00:00Z') },
  months: {},
});

it.each([
  { now: 1000, more: 100, limit: 2000, tones: ['plain'] },
  { now: 1500, more: 100, limit: 2000, tones: ['warn'] },
  { now: 1842, more: 64, limit: 2000, tones: ['plain'] },
  { now: 1842, more: 158, limit: 2000, tones: ['warn'] },
  { now: 1842, more: 0, limit: 2000, tones: [] },
  { now: 1842, more: 64, limit: null, tones: [] },
])('warns if $more more than $now marketing contacts pass 80 or 100 % of $limit', (row) => {
  const points = limitPoints(forecastWith('TO_MARKETING', row.more), stateOf(row.now, row.limit));
  expect(points?.map(({ tone }) => tone)).toEqual(row.tones);
});

it('contacts that become non-marketing do not count against the limit', () => {
  expect(limitPoints(forecastWith('FROM_MARKETING', 5000), stateOf(1842, 2000))).toEqual([]);
});

it('each number is a fact, and leads to its contacts where a filter finds them', () => {
  const facts = forecastFacts(forecastWith('SKIPPED', 7, true), { enrolsAgain: false });
  expect(facts.map(({ text }) => /\d+/.exec(text)?.[0])).toEqual(['12', '20', '44', '7']);
  expect(facts.map(({ href }) => href !== undefined)).toEqual([true, false, false, true]);
  expect(facts.at(-1)?.text).toMatch(/^up to /);
  expect(facts.at(-1)?.note).toContain('PREVIOUSLY_OPTED_OUT');
});

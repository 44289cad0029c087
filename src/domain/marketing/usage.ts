/** Usage and limit of marketing contacts: counts of the whole account, kept for each month, and the state of the monthly update. */
import { z } from 'zod';
import type { Models } from '../../models/index.js';
import { readMarketingSettings, type MarketingSettings } from '../../models/setting.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { facet } from '../filters/facet.js';
import { monthIn, nextUpdate, type MonthlyUpdate } from './update-date.js';

export interface UsageDeps {
  models: Pick<Models, 'contacts' | 'settings'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

export interface Usage {
  marketing: number;
  nonMarketing: number;
  /** Of the marketing contacts: those that the next update changes. */
  untilUpdate: number;
  at: Date;
}

const counts = z.object({ marketing: z.number(), nonMarketing: z.number() });
const storedUsage = z.object({
  last: counts.extend({ untilUpdate: z.number(), at: z.date() }).nullable().default(null),
  /** By month, `2026-11`: the last count of the month. */
  months: z.record(z.string(), counts).default({}),
});

/** Months that are kept. */
const mostMonths = 13;

async function storedUsageOf({ settings }: Pick<Models, 'settings'>) {
  const found = await reading(() => settings.findById('marketing-usage').lean());
  return storedUsage.safeParse(found?.value ?? {}).data ?? storedUsage.parse({});
}

/** Counts by ranges of the index of facets. */
export async function countUsage({ models: { contacts }, clock }: UsageDeps): Promise<Usage> {
  const count = (one: string) => reading(() => contacts.collection.countDocuments({ facets: one }));
  const [marketing, nonMarketing, untilUpdate] = await Promise.all(
    [facet.marketing(true), facet.marketing(false), facet.untilUpdate].map(count),
  );
  return {
    marketing: marketing ?? 0,
    nonMarketing: nonMarketing ?? 0,
    untilUpdate: untilUpdate ?? 0,
    at: clock(),
  };
}

/** Counts, and keeps the result as that of the month. Several workers may do it at once. */
export async function keepUsage(deps: UsageDeps): Promise<void> {
  const [usage, { timeZone }, { months }] = await Promise.all([
    countUsage(deps),
    deps.catalogue(),
    storedUsageOf(deps.models),
  ]);
  const { marketing, nonMarketing } = usage;
  const all = { ...months, [monthIn(usage.at, timeZone)]: { marketing, nonMarketing } };
  const kept = Object.fromEntries(Object.entries(all).sort().slice(-mostMonths));
  await writing(() =>
    deps.models.settings.updateOne(
      { _id: 'marketing-usage' },
      { $set: { value: { last: usage, months: kept } } },
      { upsert: true },
    ),
  );
}

export interface MarketingState {
  settings: MarketingSettings;
  next: MonthlyUpdate;
  /** The last count; null before the first. */
  last: Usage | null;
  months: Record<string, { marketing: number; nonMarketing: number }>;
}

/** Settings, next update, and the counts that a worker took some minutes ago: three small documents. */
export async function readMarketingState(
  deps: Omit<UsageDeps, 'models'> & { models: Pick<Models, 'settings'> },
): Promise<MarketingState> {
  const [settings, { timeZone }, done, { last, months }] = await reading(() =>
    Promise.all([
      readMarketingSettings(deps.models.settings),
      deps.catalogue(),
      readLastMonth(deps.models),
      storedUsageOf(deps.models),
    ]),
  );
  return { settings, next: nextUpdate(deps.clock(), settings.day, timeZone, done), last, months };
}

const storedUpdate = z.object({ month: z.string() });

/** The last month whose update was queued, `2026-11`; null before the first. */
export async function readLastMonth({ settings }: Pick<Models, 'settings'>): Promise<string | null> {
  const found = await settings.findById('marketing-update').lean();
  return storedUpdate.safeParse(found?.value).data?.month ?? null;
}

/** Share of the limit in whole percents; null without a limit. */
export function shareOf(marketing: number, limit: number | null): number | null {
  return limit === null ? null : Math.floor((marketing / limit) * 100);
}

/** A warning at 80 and at 100 percent. Nothing is blocked. */
export function warningOf(marketing: number, limit: number | null): 80 | 100 | null {
  const share = shareOf(marketing, limit) ?? 0;
  return share >= 100 ? 100 : share >= 80 ? 80 : null;
}

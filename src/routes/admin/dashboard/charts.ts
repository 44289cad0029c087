/** The charts of the dashboard as rows: for the tables of the page, and for the file of each. */
import { nameOfKind } from '../../../domain/consent/actors.js';
import type { CountReport, Step, Totals } from '../../../domain/counts/report.js';
import type { MarketingState } from '../../../domain/marketing/usage.js';
import { reasons } from '../../../models/unsubscribe-reason.js';
import { actorKinds, type Catalogue } from '../../../vocabulary/terms.js';

/** What the rows are made of. */
export interface Shown {
  report: CountReport;
  catalogue: Catalogue;
  /** Absent for users who are limited to units, and where a unit was asked for: bounces and marketing contacts belong to the account. */
  marketing: MarketingState | null;
  isWholeAccount: boolean;
}

interface ChartRows {
  columns: readonly string[];
  /** Null where the chart does not exist for the user. */
  rows: (shown: Shown) => (string | number)[][] | null;
}

const both = ['Opt-ins', 'Opt-outs'] as const;
const days = ['First day', 'Last day'] as const;

/** By name. A new chart is one entry, its card, and its place on the page. */
export const charts = {
  changes: {
    columns: [...days, ...both],
    rows: ({ report }) => byStep(report, ({ optIns, optOuts }) => [optIns, optOuts]),
  },
  units: {
    columns: ['Business unit', ...both],
    rows: ({ report, catalogue }) => named(report.byUnit, ({ unitId }) => unitName(catalogue, unitId)),
  },
  types: {
    columns: ['Subscription type', 'Business unit', ...both],
    rows: ({ report, catalogue }) =>
      report.byType.map((one) => [
        ...[typeName(catalogue, one), unitName(catalogue, one.unitId), one.optIns, one.optOuts],
      ]),
  },
  sources: {
    columns: ['Source', ...both],
    rows: ({ report }) => named(report.bySource, ({ key }) => sourceName(key)),
  },
  campaigns: {
    columns: ['Campaign', ...both],
    rows: ({ report }) => named(report.byCampaign, ({ key }) => campaignName(key)),
  },
  reasons: {
    columns: ['Reason', 'Opt-outs'],
    rows: ({ report }) => rankedReasons(report).map(({ name, n }) => [name, n]),
  },
  bounces: {
    columns: [...days, 'Bounces', 'Complaints'],
    rows: ({ report, isWholeAccount }) =>
      isWholeAccount ? byStep(report, ({ bounces, complaints }) => [bounces, complaints]) : null,
  },
  subscribers: {
    columns: ['Subscription type', 'Business unit', 'Last day', 'Subscribers'],
    rows: ({ report, catalogue }) =>
      report.growth.flatMap((one) =>
        report.steps.map(({ to }, at) => [
          ...[typeName(catalogue, { ...one, key: String(one.typeId) }), unitName(catalogue, one.unitId)],
          ...[to, one.points[at + 1] ?? 0],
        ]),
      ),
  },
  marketing: {
    columns: ['Month', 'Marketing contacts', 'Non-marketing contacts'],
    rows: ({ marketing }) =>
      marketing &&
      Object.entries(marketing.months)
        .sort()
        .map(([month, one]) => [month, one.marketing, one.nonMarketing]),
  },
} as const satisfies Record<string, ChartRows>;

export type ChartName = keyof typeof charts;

function byStep({ steps }: CountReport, of: (step: Step) => number[]): (string | number)[][] {
  return steps.map((step) => [step.from, step.to, ...of(step)]);
}

function named(totals: readonly Totals[], nameOf: (one: Totals) => string): (string | number)[][] {
  return totals.map((one) => [nameOf(one), one.optIns, one.optOuts]);
}

export function unitName({ units }: Pick<Catalogue, 'units'>, id: number | null): string {
  return id === null ? 'All business units at once' : (units.get(id)?.name ?? `Unit ${id}`);
}

/** The name of a type, or of all of a unit. */
export function typeName(catalogue: Catalogue, { key, unitId }: Pick<Totals, 'key' | 'unitId'>): string {
  if (key !== '') return catalogue.types.get(Number(key))?.name ?? `Type ${key}`;
  return unitId === null ? unitName(catalogue, null) : `All of ${unitName(catalogue, unitId)}`;
}

export function sourceName(key: string): string {
  const kind = actorKinds.find((one) => one === key);
  return kind ? nameOfKind(kind) : key;
}

export function campaignName(label: string): string {
  return label === '' ? 'Other campaigns' : label;
}

/** As the page of the contacts has them. */
const reasonNames = {
  TOO_MANY: 'Too many e-mails',
  NOT_RELEVANT: 'Not interesting to me',
  NEVER_ASKED: 'I never asked for it',
  OTHER: 'Something else',
} as const satisfies Record<(typeof reasons)[number], string>;

/** The reasons that were given, the most frequent first. */
export function rankedReasons({ reasons: given }: CountReport): { name: string; n: number }[] {
  return reasons
    .map((reason) => ({ name: reasonNames[reason], n: given.get(reason) ?? 0 }))
    .filter(({ n }) => n > 0)
    .sort((one, other) => other.n - one.n);
}

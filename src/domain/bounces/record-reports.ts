/** Records reports of bounces, complaints and unsubscribes: each event once, however often and in whatever order it arrives. */
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { CannotReceive, CountedReport, DeliveryReport } from '../../vocabulary/bounces.js';
import type { Wish } from '../../vocabulary/terms.js';
import { reportsKeptDays, type BounceReport } from '../../models/bounce-report.js';
import type { Models } from '../../models/index.js';
import { changeConsent, type ConsentDeps } from '../consent/change.js';
import { reading, writing } from '../consent/durability.js';
import type { MergeDeps } from '../consent/merge-subscribers.js';
import { addressOrNull } from '../consent/read-address.js';
import { makeSubscriber } from '../contacts/look-up.js';
import { classified, isPolicy } from './classify.js';
import { countReports, type OpenedEndpoint } from './endpoints.js';
import { readSoftLimit, type SoftLimit } from './soft-limit.js';

export type ReportingDeps = ConsentDeps &
  MergeDeps & { models: Pick<Models, 'bounceReports' | 'reportEndpoints' | 'settings' | 'subscribers'> };

/** The endpoint that received the reports, as far as recording needs it. */
export type Receiver = Pick<OpenedEndpoint, 'id' | 'provider' | 'unitId'> & {
  /** Reference of the actor, such as `reported:SendGrid:k3Vb`. */
  ref: string;
};

export type Recorded = 'RECORDED' | 'REPEATED' | 'INVALID_ADDRESS';

const dayMs = 86_400_000;
/** Characters of a server's words that the history keeps. */
const longestDiagnostic = 500;
/** Subscribers that one call changes at a time. */
const atOnce = 8;

interface Work {
  id: string;
  report: DeliveryReport;
  subscriberId: string;
  address: string | null;
}

/**
 * Records a batch. When it returns, every report is durable.
 * @returns for each report whether it is new, a repeat, or names no address
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function recordReports(
  deps: ReportingDeps,
  receiver: Receiver,
  given: readonly DeliveryReport[],
): Promise<Recorded[]> {
  const now = deps.clock();
  const reports = given.map(classified);
  const works = new Map<string, Work>();
  const ids = reports.map((report) => {
    const work = isActedOn(report) ? workOf(deps, receiver, report) : null;
    if (work && !works.has(work.id)) works.set(work.id, work);
    return work?.id ?? null;
  });
  const fresh = await insertMissing(deps, receiver, [...works.values()], now);
  const waiting = await reading(() =>
    deps.models.bounceReports
      .find({ _id: mongoose.trusted({ $in: [...works.keys()] }), doneAt: null }, { _id: 1 })
      .read('primary')
      .lean<Pick<BounceReport, '_id'>[]>(),
  );
  const limit = waiting.length > 0 ? await readSoftLimit(deps) : null;
  const todo = waiting.flatMap(({ _id }) => works.get(_id) ?? []);
  for (let from = 0; limit && from < todo.length; from += atOnce)
    await Promise.all(todo.slice(from, from + atOnce).map((work) => finish(deps, receiver, work, limit)));
  await countReports(deps, receiver, countsOf(reports, ids, fresh), now);
  const seen = new Set<string>();
  return reports.map((report, place) => {
    const id = ids[place] ?? null;
    if (id === null) return isActedOn(report) ? 'INVALID_ADDRESS' : 'RECORDED';
    const isNew = fresh.has(id) && !seen.has(id);
    seen.add(id);
    return isNew ? 'RECORDED' : 'REPEATED';
  });
}

function isActedOn({ kind, isTest }: DeliveryReport): boolean {
  return kind !== 'NOTHING' && !isTest;
}

/** @returns null for a report without a readable address */
function workOf(deps: MergeDeps, receiver: Receiver, report: DeliveryReport): Work | null {
  const id = createHash('sha256').update(`${receiver.id}\0${report.id}`).digest('base64url');
  const address = report.address === undefined ? null : addressOrNull('EMAIL', report.address);
  const subscriberId = report.subscriberId ?? (address && deps.subscriberIds('EMAIL', address));
  return subscriberId ? { id, report, subscriberId, address } : null;
}

/** @returns the ids of those that were not known yet */
async function insertMissing(
  { models }: ReportingDeps,
  { id: endpoint }: Receiver,
  works: readonly Work[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (works.length === 0) return new Set();
  const inserts = works.map(({ id, report: { kind, at, status }, subscriberId }) => ({
    updateOne: {
      filter: { _id: id },
      update: {
        $setOnInsert: {
          ...{ kind, subscriberId, endpoint, at, doneAt: null },
          ...(isPolicy(status) ? { isPolicy: true } : {}),
          expiresAt: new Date(now.getTime() + reportsKeptDays * dayMs),
        },
      },
      upsert: true,
    },
  }));
  const { upsertedIds } = await writing(() =>
    models.bounceReports.collection.bulkWrite(inserts as never, { ordered: false }),
  );
  return new Set(Object.values(upsertedIds).map(String));
}

/** Does what a report says. A crash before the last line repeats it, which changes nothing. */
async function finish(deps: ReportingDeps, receiver: Receiver, work: Work, limit: SoftLimit): Promise<void> {
  const { id, subscriberId, address, report } = work;
  const wishes = await wishesOf(deps, receiver, work, limit);
  if (wishes.length > 0) {
    // What is reported of an address is kept with the address.
    if (address !== null && report.subscriberId === undefined)
      await makeSubscriber(deps, { subscriberId, channel: 'EMAIL', address });
    const { diagnostic } = report;
    await changeConsent(deps, {
      subscriberId,
      channel: 'EMAIL',
      actor: { kind: report.kind === 'OPT_OUT' ? 'ONE_CLICK' : 'SYSTEM', ref: receiver.ref },
      wishes,
      circumstances: diagnostic ? { explanation: diagnostic.slice(0, longestDiagnostic) } : {},
    });
  }
  await writing(() =>
    deps.models.bounceReports.updateOne({ _id: id, doneAt: null }, { $set: { doneAt: deps.clock() } }),
  );
}

async function wishesOf(
  deps: ReportingDeps,
  receiver: Receiver,
  { id, report, subscriberId }: Work,
  limit: SoftLimit,
): Promise<Wish[]> {
  const mark = (why: CannotReceive): Wish[] => [{ kind: 'MARK_UNDELIVERABLE', ...why }];
  if (report.kind === 'OPT_OUT')
    return report.isEcho && (await hasOptedOut(deps, receiver, id, subscriberId))
      ? []
      : [await optOutOf(deps, receiver, report)];
  const clearedAt = await lastClearing(deps, subscriberId);
  // A report of something older than the clearing, or a refusal for the provider's old entry, says nothing new.
  if (clearedAt && (report.isEcho || report.at <= clearedAt)) return [];
  if (report.kind !== 'SOFT')
    return mark({ reason: report.kind === 'COMPLAINT' ? 'COMPLAINT' : 'HARD_BOUNCE' });
  if (isPolicy(report.status)) return [];
  const since = new Date(deps.clock().getTime() - limit.days * dayMs);
  const soft = await reading(() =>
    deps.models.bounceReports.countDocuments({
      ...{ subscriberId, kind: 'SOFT', isPolicy: mongoose.trusted({ $ne: true }) },
      at: mongoose.trusted({ $gt: clearedAt && clearedAt > since ? clearedAt : since }),
    }),
  );
  return soft >= limit.bounces ? mark({ reason: 'HARD_BOUNCE', soft }) : [];
}

/** Whether the endpoint reported an unsubscribe before: a contact who opted in again since stays opted in. */
async function hasOptedOut(
  { models }: ReportingDeps,
  { id: endpoint }: Receiver,
  id: string,
  subscriberId: string,
): Promise<boolean> {
  const filter = { subscriberId, endpoint, kind: 'OPT_OUT', _id: mongoose.trusted({ $ne: id }) } as const;
  return (await reading(() => models.bounceReports.exists(filter))) !== null;
}

async function lastClearing({ models }: ReportingDeps, subscriberId: string): Promise<Date | null> {
  const found = await reading(() =>
    models.bounceReports.findOne({ subscriberId, kind: 'CLEARED' }).sort({ at: -1 }).lean<BounceReport>(),
  );
  return found?.at ?? null;
}

/** Of the mail's type, if it is known and of the endpoint's unit; otherwise of all of the unit, or of the account. */
async function optOutOf(
  deps: ReportingDeps,
  { unitId }: Receiver,
  { typeId }: DeliveryReport,
): Promise<Wish> {
  const type = typeId === undefined ? undefined : (await deps.catalogue()).types.get(typeId);
  const isKnown = type?.channel === 'EMAIL' && (unitId === null || type.unitId === unitId);
  return isKnown ? { kind: 'OPT_OUT', typeId: type.id } : { kind: 'OPT_OUT_OF_ALL', unitId };
}

function countsOf(
  reports: readonly DeliveryReport[],
  ids: readonly (string | null)[],
  fresh: ReadonlySet<string>,
): Partial<Record<CountedReport, number>> {
  const counts: Partial<Record<CountedReport, number>> = {};
  const counted = new Set<string>();
  reports.forEach((report, place) => {
    const id = ids[place] ?? null;
    if (id !== null && (!fresh.has(id) || counted.has(id))) return;
    if (id !== null) counted.add(id);
    const kind = report.isTest ? 'TEST' : id === null ? 'NOTHING' : report.isEcho ? 'ECHO' : report.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  });
  return counts;
}

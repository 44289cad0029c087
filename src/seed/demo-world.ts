/**
 * The demonstration world: half a year of history in the portal of `sayso demo`. Every act goes through the operation that pages, API and jobs use, with
 * the clock at the time of the act.
 */
import type { Deps } from '../deps.js';
import { recordReports } from '../domain/bounces/record-reports.js';
import { changeConsentInBulk } from '../domain/consent/change-in-bulk.js';
import type { ConsentInput } from '../domain/consent/change.js';
import { readAddress } from '../domain/consent/read-address.js';
import { saveContacts } from '../domain/contacts/save.js';
import { exportsByName } from '../domain/exports/registry.js';
import { keepUsage } from '../domain/marketing/usage.js';
import { createApiKey, noteUse } from '../domain/staff/api-keys.js';
import { recordAudit } from '../domain/staff/audit.js';
import { wordingOf } from '../domain/wordings/wording.js';
import { runDueEnrolments } from '../domain/workflows/run.js';
import { DomainError } from '../errors.js';
import { drainFeed } from '../feed/run.js';
import { runDueJobs } from '../jobs/engine.js';
import { wantedOf } from '../jobs/kind.js';
import { exportKindName, exportKinds } from '../jobs/kinds/export.js';
import { steppersOf } from '../jobs/registry.js';
import { queueJob } from '../models/job.js';
import { findSubscribers } from '../models/find-subscribers.js';
import { withLease } from '../models/lease.js';
import { recordReason } from '../models/unsubscribe-reason.js';
import { staffRef, type Role } from '../vocabulary/access.js';
import { isLocale } from '../vocabulary/locales.js';
import {
  fillLists,
  leaveMarketing,
  makeLists,
  makeWorkflow,
  saveViews,
  setUpAccount,
  type DemoLists,
} from './demo-account.js';
import { crowdOf, historyDays, slots, type CrowdAct, type CrowdContact } from './demo-crowd.js';
import { importDemoFiles } from './demo-import.js';
import { formOfReported, makeEndpoints, reportedPeople, reportsOf } from './demo-reports.js';
import { addDemoSource } from './demo-source.js';
import { makeContacts } from './seed.js';

const dayMs = 86_400_000;
/** Workflows begin this many days ago. Every second day their steps run, and every fourth day the feed, which costs most of the time. */
const workflowDays = 60;

/** Something that happens at a moment of the past. */
interface Moment {
  at: Date;
  run: (deps: Deps) => Promise<unknown>;
}

/**
 * Makes the world once; a repeat only tells the scheduled source where its list is served. The users of `makeDemoStaff` must exist.
 * @param sourceUrl where the list of the scheduled source is served
 */
export async function makeDemoWorld(deps: Deps, sourceUrl: string): Promise<void> {
  // Two demonstrations may start on the same database.
  await withLease(deps.connection, { name: 'demo-world', seconds: 30, patienceSeconds: 120 }, async () => {
    const work = () => runJobs(deps);
    const refOf = await staffRefs(deps);
    if (!(await deps.models.apiKeys.exists({ name: shopName }))) {
      await makeHistory(deps, refOf);
      await importDemoFiles({ deps, work, by: refOf('marketer') });
      await exportUnsubscribed(deps, refOf('marketer'));
      await work();
    }
    await addDemoSource(deps, { by: refOf('admin'), url: sourceUrl, work });
  });
}

const shopName = 'Web shop';

async function makeHistory(deps: Deps, refOf: (role: Role) => string): Promise<void> {
  const today = new Date(Math.floor(deps.clock().getTime() / dayMs) * dayMs);
  const dayAt = (daysAgo: number, time: string) =>
    new Date(
      Date.parse(`${new Date(today.getTime() - daysAgo * dayMs).toISOString().slice(0, 10)}T${time}:00Z`),
    );
  const begin = { ...deps, clock: () => dayAt(historyDays + 1, '09:00') };
  const [admin, marketer, support] = [refOf('admin'), refOf('marketer'), refOf('support')];
  await setUpAccount(begin, today);
  const { record } = await createApiKey(begin, {
    ...{
      name: shopName,
      scopes: ['statuses.write', 'contacts.write', 'links'],
      scope: null,
      expiresAt: null,
      by: admin,
    },
  });
  await recordAudit(begin, { kind: 'KEY_CREATED', by: admin, about: `key:${record._id}`, detail: shopName });
  await noteUse({ ...deps, clock: () => dayAt(1, slots[1]) }, record._id);
  const receivers = await makeEndpoints(begin, admin);
  const lists = await makeLists(begin, marketer);
  const crowd = crowdOf({ API: `key:${record._id}`, STAFF: support, IMPORT: marketer });
  const moments = [
    ...contactMoments(crowd, dayAt),
    ...consentMoments(crowd, dayAt),
    ...reportsOf(crowd).map(({ unitId, daysAgo, report }) => {
      const at = dayAt(daysAgo, '12:20');
      const receiver = receivers.get(unitId);
      return {
        at,
        run: async (then: Deps) => receiver && recordReports(then, receiver, [{ ...report, at }]),
      };
    }),
    ...staffMoments({ crowd, lists, marketer }, dayAt),
    ...every(2, workflowDays).map((daysAgo) => ({
      at: dayAt(daysAgo, '09:30'),
      run: async (then: Deps) => {
        if (daysAgo % 4 === 2) await drainFeed(then);
        await runDueEnrolments(then);
      },
    })),
    ...every(30, historyDays).map((daysAgo) => ({ at: dayAt(daysAgo, '22:00'), run: countMarketing })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  for (const { at, run } of moments) await run({ ...quietly(deps), clock: () => at });
  await drainFeed(deps);
  await keepUsage(deps);
}

/** No mail is sent for an act of the past. Facets are updated by the follower of the feed, many contacts at a time. */
function quietly({ refreshContacts: _, ...deps }: Deps): Deps {
  return { ...deps, queueConfirmation: async () => undefined };
}

type DayAt = (daysAgo: number, time: string) => Date;

function contactMoments(crowd: readonly CrowdContact[], dayAt: DayAt): Moment[] {
  const ofDay = groupBy(crowd, ({ daysAgo }) => String(daysAgo));
  const days = [...ofDay.values()].flatMap((contacts) => {
    const [first] = contacts;
    if (!first) return [];
    const run = async (deps: Deps) => {
      const rows = contacts.map(({ id, form }) => ({ form, fresh: { id } }));
      const saved = await saveContacts(deps, rows, { ...first.by, scope: null });
      const fault = saved.flatMap((one) => ('faults' in one ? one.faults : []))[0];
      if (fault) throw new DomainError('INVALID_FORM', `The demonstration cannot be made: ${fault.message}`);
    };
    return [{ at: dayAt(first.daysAgo, slots[0]), run }];
  });
  const people = (deps: Deps) => makeContacts(deps, reportedPeople.map(formOfReported));
  return [{ at: dayAt(60, slots[0]), run: people }, ...days];
}

function consentMoments(crowd: readonly CrowdContact[], dayAt: DayAt): Moment[] {
  const acts = crowd.flatMap(({ form, acts: own }) => own.map((act) => ({ act, form })));
  const moments = groupBy(acts, ({ act: { daysAgo, slot } }) => `${daysAgo} ${slot}`);
  return [...moments.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const at = dayAt(first.act.daysAgo, slots[first.act.slot] ?? slots[1]);
    return [{ at, run: (deps: Deps) => changeTogether(deps, some) }];
  });
}

/** The acts of one moment, in one bulk write. */
async function changeTogether(
  deps: Deps,
  some: readonly { act: CrowdAct; form: CrowdContact['form'] }[],
): Promise<void> {
  const catalogue = await deps.catalogue();
  const asked = some.map(({ act, form }) => {
    const address = readAddress(act.channel, act.channel === 'EMAIL' ? form.email : form.phone);
    return { act, subscriberId: deps.subscriberIds(act.channel, address) };
  });
  const confirming = asked.filter(({ act }) => act.isConfirmation).map(({ subscriberId }) => subscriberId);
  const found =
    confirming.length > 0 ? await findSubscribers(deps.models.subscribers, confirming) : new Map();
  const inputs = asked.map(({ act, subscriberId }): ConsentInput => {
    const { actor, channel, circumstances = {}, wishes } = act;
    const { locale } = circumstances;
    const page = actor.kind === 'CONTACT' && locale && isLocale(locale) ? locale : null;
    const pending: { id: string }[] = found.get(subscriberId)?.pending ?? [];
    return {
      ...{ subscriberId, channel, actor },
      wishes: [...wishes, ...pending.map(({ id }) => ({ kind: 'CONFIRM', pendingId: id }) as const)],
      circumstances: {
        ...circumstances,
        ...(page ? { wording: wordingOf(catalogue, channel, page).hash } : {}),
      },
    };
  });
  const results = await changeConsentInBulk(deps, inputs);
  for (const [at, { act, subscriberId }] of asked.entries())
    if (act.reason && (results[at]?.events.length ?? 0) > 0)
      await recordReason(deps.models.unsubscribeReasons, {
        ...act.reason,
        _id: `demo-${subscriberId}`,
        at: deps.clock(),
      });
}

/** What the marketer and the support staff did besides. */
function staffMoments(
  { crowd, lists, marketer }: { crowd: readonly CrowdContact[]; lists: DemoLists; marketer: string },
  dayAt: DayAt,
): Moment[] {
  const before = (daysAgo: number) => crowd.filter((one) => one.daysAgo > daysAgo);
  const workflow = (daysAgo: number, of: Parameters<typeof makeWorkflow>[1]): Moment => ({
    at: dayAt(daysAgo, '08:20'),
    run: (deps) => makeWorkflow(deps, of, { lists, by: marketer }),
  });
  return [
    { at: dayAt(118, '13:40'), run: (deps) => fillLists(deps, lists, before(118)) },
    { at: dayAt(90, '11:15'), run: (deps) => saveViews(deps, marketer.slice('user:'.length)) },
    workflow(workflowDays, 'welcome'),
    workflow(16, 'bounces'),
    workflow(3, 'season'),
    { at: dayAt(8, '15:30'), run: leaveMarketing },
  ];
}

async function countMarketing(deps: Deps): Promise<void> {
  await drainFeed(deps);
  await keepUsage(deps);
}

/** The addresses that must not be mailed, as a file to download. */
async function exportUnsubscribed(deps: Deps, by: string): Promise<void> {
  const kind = exportKinds.find(({ name }) => name === exportKindName(exportsByName.UNSUBSCRIBED));
  if (!kind) return;
  const wanted = wantedOf(kind, exportsByName.UNSUBSCRIBED.input.parse({}));
  const requestedBy = by.slice('user:'.length);
  await queueJob(deps, { id: `${kind.name}:demo`, ...wanted, requestedBy, scope: null });
  await recordAudit(deps, { kind: 'JOB_STARTED', by, about: `job:${kind.name}:demo`, detail: kind.name });
}

async function runJobs(deps: Deps): Promise<void> {
  await runDueJobs({ ...deps, steppers: steppersOf(deps) });
}

/** The users of the demonstration who reach all business units, as events name them. */
async function staffRefs({ models }: Deps): Promise<(role: Role) => string> {
  const users = await models.users.find({ unitIds: null }, { role: 1 }).lean();
  return (role) => {
    const user = users.find((one) => one.role === role);
    return user ? staffRef({ id: user._id }) : 'cli';
  };
}

/** `every(2, 6)`: 6, 4, 2 */
function every(days: number, until: number): number[] {
  return Array.from({ length: Math.floor(until / days) }, (_, at) => until - (until % days) - at * days);
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

/** What mail providers reported to the demonstration: each kind of bounce, a complaint, and unsubscribes, each about a contact of its own. */
import { randomBytes } from 'node:crypto';
import { changeEndpoint, createEndpoint, type EndpointDeps } from '../domain/bounces/endpoints.js';
import { providerOf } from '../domain/bounces/providers/registry.js';
import { recordReports, type ReportingDeps } from '../domain/bounces/record-reports.js';
import { reporterRef } from '../domain/bounces/take-call.js';
import { readAddress } from '../domain/consent/read-address.js';
import type { ContactDeps } from '../domain/contacts/save-passes.js';
import { recordAudit } from '../domain/staff/audit.js';
import type { Models } from '../models/index.js';
import { findSubscribers } from '../models/find-subscribers.js';
import type { DeliveryReport } from '../vocabulary/bounces.js';
import { makeContacts } from './seed.js';
import { fjell, northwind, weekendLetters, type Person } from './world.js';

type DemoReportDeps = ReportingDeps & EndpointDeps & ContactDeps & { models: Models };

interface Reported extends Person {
  lastName: string;
  /** The business unit that sent the mail; it decides which endpoint receives the reports. */
  unitId: number;
  reports: readonly (Pick<DeliveryReport, 'kind' | 'status' | 'diagnostic' | 'typeId'> & {
    daysAgo: number;
  })[];
}

/** A mailbox that stays full: with the fifth bounce in 30 days, the address counts as one that cannot receive. */
const full = {
  kind: 'SOFT',
  status: '4.2.2',
  diagnostic: '452 4.2.2 The mailbox is full.',
} as const;

/** Besides the five people of `world.ts`. */
export const reportedPeople: readonly Reported[] = [
  {
    ...{ name: 'Finn', lastName: 'Aas', address: 'finn@example.com', unitId: northwind.id },
    role: 'has an address that does not exist: a hard bounce',
    reports: [
      { kind: 'HARD', daysAgo: 6, status: '5.1.1', diagnostic: '550 5.1.1 This mailbox does not exist.' },
    ],
  },
  {
    ...{ name: 'Gro', lastName: 'Lie', address: 'gro@example.com', unitId: northwind.id },
    role: 'has a full mailbox: five soft bounces',
    reports: [26, 20, 14, 8, 2].map((daysAgo) => ({ ...full, daysAgo })),
  },
  {
    ...{ name: 'Hilde', lastName: 'Dahl', address: 'hilde@example.com', unitId: northwind.id },
    role: 'reported a mail as spam: a complaint',
    reports: [{ kind: 'COMPLAINT', daysAgo: 4 }],
  },
  {
    ...{ name: 'Ivar', lastName: 'Bakke', address: 'ivar@example.com', unitId: northwind.id },
    role: 'unsubscribed at the mail provider, from all of Northwind Outdoors',
    reports: [{ kind: 'OPT_OUT', daysAgo: 3 }],
  },
  {
    ...{ name: 'Janne', lastName: 'Sund', address: 'janne@example.com', unitId: fjell.id },
    role: 'unsubscribed at the mail provider, from Weekend letters',
    reports: [{ kind: 'OPT_OUT', daysAgo: 1, typeId: weekendLetters.id }],
  },
];

const providers = [
  { provider: 'postmark', unitId: northwind.id },
  { provider: 'mailgun', unitId: fjell.id },
] as const;

const dayMs = 86_400_000;

/**
 * Creates an endpoint for each business unit, the contacts, and what was reported of them. A contact that has a history already is not changed, so
 * a repeat changes nothing, and an interrupted run is continued.
 * @param by the user who created the endpoints, as `user:<id>`
 */
export async function seedReports(deps: DemoReportDeps, by: string): Promise<void> {
  const wanted = reportedPeople.map((person) => ({
    person,
    id: deps.subscriberIds('EMAIL', readAddress('EMAIL', person.address)),
  }));
  const ids = wanted.map(({ id }) => id);
  const found = await findSubscribers(deps.models.subscribers, ids);
  const fresh = wanted.filter(({ id }) => (found.get(id)?.seq ?? 0) === 0);
  if (fresh.length === 0) return;
  const ago = (days: number) => new Date(deps.clock().getTime() - days * dayMs);
  await makeContacts(
    { ...deps, clock: () => ago(60) },
    fresh.flatMap(({ person, id }) => (found.get(id)?.contactId ? [] : [formOf(person)])),
  );
  for (const { provider, unitId } of providers) {
    const name = providerOf(provider)?.name ?? provider;
    const id = await endpointOf(deps, { provider, unitId, by, name });
    const receiver = { id, provider, unitId, ref: reporterRef(name, id) };
    for (const { person } of fresh.filter((one) => one.person.unitId === unitId))
      for (const { daysAgo, ...report } of person.reports) {
        const at = ago(daysAgo);
        const told = { ...report, id: `${person.name} ${daysAgo}`, address: person.address, at };
        await recordReports({ ...deps, clock: () => at }, receiver, [told]);
      }
  }
}

async function endpointOf(
  deps: DemoReportDeps,
  { provider, unitId, by, name }: { provider: string; unitId: number; by: string; name: string },
): Promise<string> {
  const known = await deps.models.reportEndpoints.findOne({ provider, unitId }, { _id: 1 }).lean();
  if (known) return known._id;
  const id = await createEndpoint(deps, { provider, unitId, by });
  const key = randomBytes(24).toString('base64url');
  if (providerOf(provider)?.key) await changeEndpoint(deps, { id, version: 1 }, { key, topics: [] });
  const about = `endpoint:${id}`;
  await recordAudit(deps, {
    ...{ kind: 'SETTINGS_CHANGED', by, about, unitId, detail: `${name} endpoint created` },
  });
  return id;
}

function formOf({ name, lastName, address, unitId }: Reported) {
  return {
    ...{ firstName: name, lastName, email: address, phone: '', locale: '' },
    ...{ processingBasis: 'PROCESS_AND_STORE', unitIds: [unitId], properties: {} },
  };
}

/** What mail providers reported to the demonstration: each kind of bounce, a complaint, and unsubscribes. */
import { randomBytes } from 'node:crypto';
import { changeEndpoint, createEndpoint, type EndpointDeps } from '../domain/bounces/endpoints.js';
import { providerOf } from '../domain/bounces/providers/registry.js';
import type { Receiver } from '../domain/bounces/record-reports.js';
import { reporterRef } from '../domain/bounces/take-call.js';
import type { ContactForm } from '../domain/contacts/contact-form.js';
import { recordAudit } from '../domain/staff/audit.js';
import type { Models } from '../models/index.js';
import type { DeliveryReport } from '../vocabulary/bounces.js';
import type { CrowdContact } from './demo-crowd.js';
import { fjell, northwind, weekendLetters, type Person } from './world.js';

type Told = Pick<DeliveryReport, 'kind' | 'status' | 'diagnostic' | 'typeId'> & { daysAgo: number };

interface Reported extends Person {
  lastName: string;
  /** The business unit that sent the mail; it decides which endpoint receives the reports. */
  unitId: number;
  reports: readonly Told[];
}

const unknown = {
  kind: 'HARD',
  status: '5.1.1',
  diagnostic: '550 5.1.1 This mailbox does not exist.',
} as const;
/** A mailbox that stays full: with the fifth bounce in 30 days, the address counts as one that cannot receive. */
const full = { kind: 'SOFT', status: '4.2.2', diagnostic: '452 4.2.2 The mailbox is full.' } as const;

/** People who show one kind of report each, besides the five people of `world.ts`. */
export const reportedPeople: readonly Reported[] = [
  {
    ...{ name: 'Finn', lastName: 'Aas', address: 'finn@example.com', unitId: northwind.id },
    role: 'has an address that does not exist: a hard bounce',
    reports: [{ ...unknown, daysAgo: 6 }],
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

/** A person's record, as it is entered. */
export function formOfReported({ name, lastName, address, unitId }: Reported): ContactForm {
  return {
    ...{ firstName: name, lastName, email: address, phone: '', locale: 'nb' },
    ...{ processingBasis: 'PROCESS_AND_STORE', unitIds: [unitId], properties: { City: 'Oslo' } },
  };
}

export interface DemoReport {
  unitId: number;
  daysAgo: number;
  report: Omit<DeliveryReport, 'at'>;
}

/** Days ago on which a mail to somebody of the crowd bounced or was reported as spam. */
const bouncesOfCrowd = [162, 140, 127, 109, 95, 80, 73, 51, 47, 30, 17, 9, 3];

/** All reports: those of the people above, and of contacts of the crowd who had joined by then. */
export function reportsOf(crowd: readonly CrowdContact[]): DemoReport[] {
  const own = reportedPeople.flatMap(({ unitId, address, name, reports }) =>
    reports.map(({ daysAgo, ...told }) => ({
      unitId,
      daysAgo,
      report: { ...told, address, id: `${name} ${daysAgo}` },
    })),
  );
  const quiet = crowd.filter(({ acts }) =>
    acts.every(({ wishes }) => !wishes.some(({ kind }) => kind.startsWith('OPT_OUT'))),
  );
  const others = bouncesOfCrowd.flatMap((daysAgo, at) => {
    const joined = quiet.filter((one) => one.daysAgo > daysAgo + 2);
    const { form, id } = joined[(at * 17) % Math.max(1, joined.length)] ?? {};
    if (!form) return [];
    const told = at % 5 === 4 ? { kind: 'COMPLAINT' as const } : at % 4 === 2 ? full : unknown;
    return [
      {
        unitId: form.unitIds[0] ?? northwind.id,
        daysAgo,
        report: { ...told, address: form.email, id: `${id}` },
      },
    ];
  });
  return [...own, ...others];
}

const providers = [
  { provider: 'postmark', unitId: northwind.id },
  { provider: 'mailgun', unitId: fjell.id },
] as const;

/**
 * Creates an endpoint for each business unit.
 * @param by the user who creates them, as `user:<id>`
 * @returns the endpoint of each unit, as it receives reports
 */
export async function makeEndpoints(
  deps: EndpointDeps & { models: Models },
  by: string,
): Promise<ReadonlyMap<number, Receiver>> {
  const receivers = new Map<number, Receiver>();
  for (const { provider, unitId } of providers) {
    const { name, key } = { name: provider, key: undefined, ...providerOf(provider) };
    const id = await createEndpoint(deps, { provider, unitId, by });
    if (key)
      await changeEndpoint(
        deps,
        { id, version: 1 },
        { key: randomBytes(24).toString('base64url'), topics: [] },
      );
    const about = `endpoint:${id}`;
    await recordAudit(deps, {
      kind: 'SETTINGS_CHANGED',
      by,
      about,
      unitId,
      detail: `${name} endpoint created`,
    });
    receivers.set(unitId, { id, provider, unitId, ref: reporterRef(name, id) });
  }
  return receivers;
}

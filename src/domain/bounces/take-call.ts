/** Takes a call of a provider: checks it, records what it reports, and keeps a token of the call from being used for anything else. */
import { createHash } from 'node:crypto';
import type { Logger } from '../../log.js';
import { DomainError } from '../../errors.js';
import { reportsKeptDays } from '../../models/bounce-report.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import { reading, writing } from '../consent/durability.js';
import { noteCall, type EndpointDeps, type OpenedEndpoint } from './endpoints.js';
import { forged, type HookCall, type HookTools, type Reading } from './providers/contract.js';
import { providerOf } from './providers/registry.js';
import type { DeliveryReport } from '../../vocabulary/bounces.js';
import { claimsOf, type LinkDeps } from './link-claims.js';
import { recordReports, type ReportingDeps } from './record-reports.js';

export type CallDeps = ReportingDeps &
  EndpointDeps &
  LinkDeps & { log: Logger; fetchText: HookTools['fetchText'] };

const dayMs = 86_400_000;

/** Reference of the actor behind a report: it names the provider and the endpoint. */
export function reporterRef(name: string, id: string): string {
  return `reported:${name}:${id}`;
}

/**
 * Checks and records one call. When it returns, what the call reports is durable.
 * @returns the number of events
 * @throws DomainError `INVALID_AUTHENTICATION` for a wrong signature: nothing is written. `INVALID_FORM` for an unreadable call;
 *   `PROVIDER_AWAY` if the call cannot be checked now
 */
export async function takeCall(deps: CallDeps, endpoint: OpenedEndpoint, call: HookCall): Promise<number> {
  const provider = providerOf(endpoint.provider);
  if (!provider) throw forged('This provider is not known.');
  const now = deps.clock();
  let read: Reading;
  try {
    read = await provider.read(call, endpoint, { now, fetchText: deps.fetchText });
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'INVALID_FORM' || error.code === 'PROVIDER_AWAY'))
      await noteCall(deps, endpoint.id, error.message);
    throw error;
  }
  if (read.note) deps.log.info({ provider: provider.id, endpoint: endpoint.id }, read.note);
  if (read.once) await useToken(deps, endpoint, read.once);
  const { id, unitId } = endpoint;
  const receiver = { id, unitId, provider: provider.id, ref: reporterRef(provider.name, id) };
  const oldest = new Date(now.getTime() - reportsKeptDays * dayMs);
  // The id of an older event may be forgotten, so it could be a repeat. An opt-out counts all the same.
  const reports = read.reports.map((report) =>
    report.at < oldest && report.kind !== 'OPT_OUT' ? { ...report, kind: 'NOTHING' as const } : report,
  );
  await recordReports(deps, receiver, await Promise.all(reports.map((report) => withType(deps, report))));
  return reports.length;
}

/** The type that the mail's own unsubscribe link names. */
async function withType(deps: CallDeps, report: DeliveryReport): Promise<DeliveryReport> {
  if (report.kind !== 'OPT_OUT' || report.typeId !== undefined || report.listUnsubscribe === undefined)
    return report;
  const claims = await claimsOf(deps, report.listUnsubscribe);
  return claims?.typeId === undefined ? report : { ...report, typeId: claims.typeId };
}

/** @throws DomainError `INVALID_AUTHENTICATION` if another body has used the token, which the endpoint's page shows */
async function useToken(
  deps: CallDeps,
  { id }: OpenedEndpoint,
  { token, body }: NonNullable<Reading['once']>,
): Promise<void> {
  const { bounceReports } = deps.models;
  const hashed = (text: string) => createHash('sha256').update(text).digest('base64url');
  const now = deps.clock();
  const used = {
    ...{ _id: hashed(`${id}\0token\0${token}`), kind: 'TOKEN', subscriberId: null, body: hashed(body) },
    ...{ at: now, doneAt: now, expiresAt: new Date(now.getTime() + reportsKeptDays * dayMs) },
  } as const;
  try {
    await writing(() => bounceReports.collection.insertOne(used as never));
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const first = await reading(() => bounceReports.findById(used._id).lean());
    // The same call once more, as after an answer that was lost.
    if (first?.body === used.body) return;
    const sentence = 'A token was used a second time, for another event. The call was refused.';
    await noteCall(deps, id, sentence);
    throw forged(sentence);
  }
}

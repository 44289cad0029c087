/** The API of what staff set up and follow: subscription types, business units and jobs. */
import { cursorOrFault, cursorText, timeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { kindOf } from '../../jobs/registry.js';
import { cancelJob, findJob, findJobs, type Job, type JobState } from '../../models/job.js';
import type { BusinessUnit, SubscriptionType } from '../../vocabulary/terms.js';
import { catalogueOf } from './hubspot/subscribers.js';
import type { Answer } from './operation.js';

interface OneNumber {
  params: { id: number };
}

const perPage = 100;

export async function showTypes(deps: Deps, caller: ApiCaller): Promise<Answer> {
  const { orderedTypes } = await catalogueOf(deps, caller);
  return { body: { results: orderedTypes.map(typeAnswer) } };
}

export async function showType(
  deps: Deps,
  caller: ApiCaller,
  { params: { id } }: OneNumber,
): Promise<Answer> {
  const type = (await catalogueOf(deps, caller)).types.get(id);
  if (!type) throw new DomainError('NOT_FOUND', 'This subscription type does not exist.');
  return { body: typeAnswer(type) };
}

export async function showUnits(deps: Deps, caller: ApiCaller): Promise<Answer> {
  const { units } = await catalogueOf(deps, caller);
  return { body: { results: [...units.values()].map(unitAnswer) } };
}

export async function showUnit(
  deps: Deps,
  caller: ApiCaller,
  { params: { id } }: OneNumber,
): Promise<Answer> {
  const unit = (await catalogueOf(deps, caller)).units.get(id);
  if (!unit) throw new DomainError('NOT_FOUND', 'This business unit does not exist.');
  return { body: unitAnswer(unit) };
}

export async function showJobs(
  deps: Deps,
  { scope }: ApiCaller,
  { query: { state, before } }: { query: { state?: JobState | undefined; before?: string | undefined } },
): Promise<Answer> {
  const place = cursorOrFault('before', before, timeAndId);
  const found = await findJobs(deps.models, {
    ...{ scope, limit: perPage + 1 },
    ...(state ? { state } : {}),
    ...(place ? { before: place } : {}),
  });
  const page = found.slice(0, perPage);
  const last = found.length > perPage ? page.at(-1) : undefined;
  return {
    body: {
      results: page.map(jobAnswer),
      before: last ? cursorText({ at: last.at, id: last._id }) : null,
    },
  };
}

/** @throws DomainError `NOT_FOUND` also for a job of units that the key does not reach */
export async function showJob(
  deps: Deps,
  { scope }: ApiCaller,
  { params: { id } }: { params: { id: string } },
): Promise<Answer> {
  const job = await findJob(deps.models, id, scope);
  if (!job) throw new DomainError('NOT_FOUND', 'This job does not exist.');
  return { body: jobAnswer(job) };
}

/** Finished work stays done. Repeating it changes nothing. @throws DomainError `NOT_FOUND`, also for a job that staff could not cancel */
export async function cancelJobByApi(
  deps: Deps,
  { scope, ref: by }: ApiCaller,
  { params: { id } }: { params: { id: string } },
): Promise<Answer> {
  const job = await findJob(deps.models, id, scope);
  const now = job && kindOf(job)?.permission ? await cancelJob(deps.models, id, scope) : null;
  if (!job || !now) throw new DomainError('NOT_FOUND', 'This job does not exist.');
  if (now.state !== job.state)
    await recordAudit(deps, { kind: 'JOB_CHANGED', by, about: `job:${id}`, detail: 'cancelled' });
  return { body: jobAnswer(now) };
}

export function typeAnswer(type: SubscriptionType): object {
  const { id, unitId, channel, name, description, purpose, isActive, isInternal, isDefault } = type;
  return { id, businessUnitId: unitId, channel, name, description, purpose, isActive, isInternal, isDefault };
}

export function unitAnswer(unit: BusinessUnit): object {
  const { id, name, senderName, postalAddress, privacyPolicyUrl, hasDoubleOptIn } = unit;
  return {
    ...{ id, name, accent: unit.accent.light, senderName, senderAddress: shownAddress(unit.senderAddress) },
    ...{ postalAddress, privacyPolicyUrl, defaultLanguage: unit.defaultLocale, hasDoubleOptIn },
  };
}

function jobAnswer({ _id: id, kind, state, done, total, counts, at, startedAt }: Job): object {
  const { changed, unchanged, refused } = counts;
  const about = { id, kind, state, done, total, counts: { changed, unchanged, refused } };
  return { ...about, createdAt: at, startedAt };
}

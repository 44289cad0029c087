/** Scheduled sources as staff set them up: creation, change, deletion, and their credentials. */
import { trusted } from 'mongoose';
import { queueJob } from '../../models/job.js';
import type { Source } from '../../models/source.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { reading, writing } from '../consent/durability.js';
import { derivedKey, seal, unseal } from '../staff/secrets.js';
import { sourceJob, sourceJobId, type SourceDeps } from './contract.js';
import { nextRun } from './next-run.js';
import { newId } from '../../new-id.js';

/** What staff may change later. Unit and channel stay, since the opt-outs made so far are of them. */
export type SourceSettings = Pick<
  Source,
  'name' | 'url' | 'format' | 'path' | 'field' | 'schedule' | 'mode'
> & { credential: Source['credential'] };

export type NewSource = SourceSettings & Pick<Source, 'unitId' | 'channel' | 'createdBy'>;

/** @returns the id of the new source */
export async function createSource(
  deps: SourceDeps,
  { unitId, channel, createdBy, ...settings }: NewSource,
): Promise<string> {
  const _id = newId();
  const whole: Source = {
    ...(await storedSettings(deps, _id, settings)),
    ...{ _id, unitId, channel, createdBy, createdAt: deps.clock(), version: 1 },
    ...{ accepted: 0, run: null, lists: [], failures: 0, lastRun: null },
  };
  await writing(() => deps.models.sources.create(whole));
  return _id;
}

/**
 * Changes a source. The next run fetches its list as if for the first time.
 * @param settings a secret of null keeps the stored one, if the kind of credential stays
 */
export async function changeSource(
  deps: SourceDeps,
  stored: Pick<Source, '_id' | 'version' | 'credential' | 'url'>,
  settings: SourceSettings,
): Promise<'SAVED' | 'STALE'> {
  const { _id, version, credential } = stored;
  const set = await storedSettings(deps, _id, settings);
  if (settings.credential.secret === null && keepsSecret(stored, settings))
    set.credential.secret = credential.secret;
  const { matchedCount } = await writing(() =>
    deps.models.sources.updateOne({ _id, version }, { $set: set, $inc: { version: 1 } }),
  );
  return matchedCount === 1 ? 'SAVED' : 'STALE';
}

/** True if a stored secret may be used further. It is never sent to another host than the one it was entered for. */
export function keepsSecret(
  stored: Pick<Source, 'credential' | 'url'>,
  { credential: { kind }, url }: Pick<SourceSettings, 'credential' | 'url'>,
): boolean {
  return kind === stored.credential.kind && new URL(url).origin === new URL(stored.url).origin;
}

async function storedSettings(
  deps: SourceDeps,
  id: string,
  { name, url, format, path, field, schedule, mode, credential: { kind, header, secret } }: SourceSettings,
) {
  const { timeZone } = await deps.catalogue();
  const credential = { kind, header, secret: kind === 'NONE' ? null : sealed(deps, id, secret) };
  const nextAt = nextRun(schedule, deps.clock(), timeZone);
  return { name, url, format, path, field, schedule, mode, credential, nextAt, known: null };
}

/** @returns null if it does not exist within the scope */
export async function findSource(
  { models }: Pick<SourceDeps, 'models'>,
  id: string,
  scope: Scope,
): Promise<Source | null> {
  const found = await reading(() => models.sources.findById(id).lean<Source>());
  return found && isInScope(scope, found.unitId) ? found : null;
}

/** Those within the scope, by name. */
export async function sourcesWithin({ models }: Pick<SourceDeps, 'models'>, scope: Scope): Promise<Source[]> {
  const all = await reading(() => models.sources.find().sort({ name: 1, _id: 1 }).lean<Source[]>());
  return all.filter(({ unitId }) => isInScope(scope, unitId));
}

/** The headers that prove to the server who asks. */
export function credentialHeaders(
  deps: Pick<SourceDeps, 'config'>,
  { _id, credential: { kind, header, secret } }: Pick<Source, '_id' | 'credential'>,
): Record<string, string> {
  if (secret === null) return {};
  const clear = unseal(keyOf(deps), _id, secret);
  if (kind === 'BASIC') return { authorization: `Basic ${Buffer.from(clear).toString('base64')}` };
  return kind === 'BEARER' ? { authorization: `Bearer ${clear}` } : { [header]: clear };
}

/** Queues a run at once. @param due names the run: queueing it again changes nothing */
export async function queueRun(
  deps: SourceDeps,
  { _id, unitId }: Pick<Source, '_id' | 'unitId'>,
  due: Date,
): Promise<void> {
  const importId = `${_id}-${due.getTime().toString(36)}`;
  await queueJob(deps, {
    ...{ id: sourceJobId(importId), kind: sourceJob, lane: 'LONG', input: { sourceId: _id, importId } },
    scope: unitId === null ? null : [unitId],
  });
}

/** Queues the runs that are due. The run comes before the new date, so a kill between the two loses none. */
export async function queueDueSources(deps: SourceDeps): Promise<void> {
  const now = deps.clock();
  const due = await deps.models.sources.find({ nextAt: trusted({ $lte: now }) }).lean<Source[]>();
  if (due.length === 0) return;
  const { timeZone } = await deps.catalogue();
  for (const source of due) {
    await queueRun(deps, source, source.nextAt);
    const { _id, nextAt, schedule } = source;
    await deps.models.sources.updateOne(
      { _id, nextAt },
      { $set: { nextAt: nextRun(schedule, now, timeZone) } },
    );
  }
}

const keyOf = ({ config }: Pick<SourceDeps, 'config'>) => derivedKey(config, 'scheduled sources');

function sealed(deps: Pick<SourceDeps, 'config'>, id: string, secret: string | null): string | null {
  return secret === null ? null : seal(keyOf(deps), id, secret);
}

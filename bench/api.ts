/** The API beside hand-stripped handlers of the same work, in turns in the same run: eligibility, batch reads, status writes, and minting over HTTP. */
import { trusted } from 'mongoose';
import { createApiKey } from '../src/domain/staff/api-keys.js';
import type { LoadProcess, ServerProcess } from './child.js';
import { connections } from './load.js';
import type { LoadJob } from './load.js';
import { median } from './median.js';
import type { Bench, Person } from './open.js';
import { checked } from './rounds.js';
import { acts, subscriberOf } from './world.js';

const apiScenes = ['eligibility', 'batchRead', 'statusWrite', 'mintHttp'] as const;
type ApiScene = (typeof apiScenes)[number];

/** Requests a second, and the median of the rounds' ratios. */
export type ApiFigures = Record<ApiScene, { portal: number; reference: number; ratio: number }>;

/** Below the limit of a key in a minute: the limit is not what is measured. */
const requestsOfAKey = 2500;
/** Addresses in a batch, as HubSpot's clients send them, and recipients of a call that mints; and how many single calls take as long as one of them. */
const batches = { batchRead: { size: 100, calls: 10 }, mintHttp: { size: 500, calls: 50 } };

/** @param people subscribers of both databases, one for each status write; only their first type is written */
export async function measureApi(
  {
    bench,
    load,
    portal,
    reference,
  }: { bench: Bench; load: LoadProcess } & Record<'portal' | 'reference', ServerProcess>,
  { people, rounds, requestsARound }: { people: Person[]; rounds: number; requestsARound: number },
): Promise<ApiFigures> {
  const keys = await makeKeys(bench, Math.ceil((4 * (rounds + 1) * requestsARound) / requestsOfAKey));
  let asked = 0;
  const authorization = () => `Bearer ${keys[(asked += 1) % keys.length]}`;
  const seen = apiScenes.map((scene) => ({ scene, figures: [] as ApiFigures[ApiScene][] }));
  for (let round = 0; round <= rounds; round += 1) {
    const ofRound = people.slice(round * requestsARound, (round + 1) * requestsARound);
    for (const { scene, figures } of seen) {
      const requests = requestsOf(scene, ofRound, authorization);
      const rateOf = async ({ url }: ServerProcess) =>
        checked(await load.send({ url, requests })).requestsPerSecond;
      // The order of the servers alternates.
      const early = round % 2 === 0 ? await rateOf(portal) : null;
      const ofReference = await rateOf(reference);
      const ofPortal = early ?? (await rateOf(portal));
      if (round > 0)
        figures.push({ portal: ofPortal, reference: ofReference, ratio: ofPortal / ofReference });
    }
  }
  await checkWrites(bench, people.slice(0, (rounds + 1) * requestsARound));
  const medians = seen.map(({ scene, figures }): [ApiScene, ApiFigures[ApiScene]] => {
    const of = (name: keyof ApiFigures[ApiScene]) => median(figures.map((figure) => figure[name]));
    return [scene, { portal: of('portal'), reference: of('reference'), ratio: of('ratio') }];
  });
  return Object.fromEntries(medians) as ApiFigures;
}

/** Keys that both databases know. */
async function makeKeys({ portal, reference }: Bench, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const { record, key } = await createApiKey(portal, {
      name: `Bench ${made}`,
      scopes: ['links', 'eligibility', 'statuses.read', 'statuses.write'],
      scope: null,
      expiresAt: null,
      by: 'cli',
    });
    await reference.models.apiKeys.create(record);
    keys.push(key);
  }
  return keys;
}

function requestsOf(scene: ApiScene, people: Person[], authorization: () => string): LoadJob['requests'] {
  const [{ id: typeId, unitId: businessUnitId }] = acts.oneClick.off;
  const post = (path: string, body: string, type = 'application/json'): LoadJob['requests'][number] => ({
    ...{ method: 'POST', path, body },
    headers: { authorization: authorization(), 'content-type': type },
  });
  const statuses = '/communication-preferences/v4/statuses';
  switch (scene) {
    case 'eligibility':
      return people.map(({ address }) => post('/api/v1/eligibility', JSON.stringify({ address, typeId })));
    case 'statusWrite': {
      const body = JSON.stringify({ subscriptionId: typeId, statusState: 'UNSUBSCRIBED', channel: 'EMAIL' });
      return people.map(({ address }) => post(`${statuses}/${encodeURIComponent(address)}`, body));
    }
    case 'batchRead':
      return batchesOf(people, batches.batchRead).map((batch) =>
        post(
          `${statuses}/batch/read?channel=EMAIL`,
          JSON.stringify({ inputs: batch.map(({ address }) => address) }),
        ),
      );
    case 'mintHttp':
      return batchesOf(people, batches.mintHttp).map((batch) => {
        const lines = batch.map(({ address }) => JSON.stringify({ address, businessUnitId, typeId }));
        return post('/api/v1/links/batch', lines.join('\n'), 'application/x-ndjson');
      });
  }
}

/** Each connection sends the same number of batches. */
function batchesOf(people: Person[], { size, calls }: { size: number; calls: number }): Person[][] {
  const length = Math.ceil(people.length / calls / connections) * connections;
  return Array.from({ length }, (_, at) =>
    Array.from({ length: size }, (_, place) => people[(at * size + place) % people.length]).flatMap(
      (one) => one ?? [],
    ),
  );
}

/** @throws Error if a write was answered but not stored */
async function checkWrites({ portal }: Bench, people: Person[]): Promise<void> {
  const seq = subscriberOf('', '', new Date()).seq + 1;
  let written = 0;
  for (let from = 0; from < people.length; from += 1000) {
    const ids = people.slice(from, from + 1000).map(({ id }) => id);
    // By the ids alone: the embedded database reads far more for a second condition.
    const found = await portal.models.subscribers.find({ _id: trusted({ $in: ids }) }, { seq: 1 }).lean();
    written += found.filter((one) => one.seq === seq).length;
  }
  if (written !== people.length)
    throw new Error(`Of ${people.length} status writes, ${written} were stored.`);
}

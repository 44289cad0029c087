/**
 * Minting compared with bare jose: links for a stream of addresses, their tokens only, and as many tokens signed with `SignJWT`, all in batches of
 * the same size.
 */
import { SignJWT } from 'jose';
import { mintLinks } from '../src/domain/links/mint-links.js';
import type { LinkDeps } from '../src/domain/links/mint-links.js';
import type { TokenKey } from '../src/tokens/key-set.js';
import { median } from './median.js';
import type { Bench } from './open.js';
import type { Figures } from './report.js';
import { acts } from './world.js';

const batchSize = 500;
/** Preferences, unsubscribe from the unit, unsubscribe from the type. */
const tokensEach = 3;

/**
 * Tokens only and bare jose take turns by the batch, since their ratio is near one. Then whole links of known and new addresses and bare jose take
 * turns: the database still writes for a while after new addresses, which would count against whatever is measured next.
 */
export async function measureMinting(
  { portal, people }: Bench,
  key: TokenKey,
  { rounds, count }: { rounds: number; count: number },
): Promise<Figures['mint']> {
  const [type] = acts.oneClick.off;
  const known = people.slice(0, count).map(({ address }) => address);
  const seen = { known: [] as number[], new: [] as number[], tokens: [] as number[], jose: [] as number[] };
  const ratios = { known: [] as number[], new: [] as number[], tokens: [] as number[] };
  const turnsARound = Math.ceil(count / batchSize);
  for (let turn = 0; turn < turnsARound * (rounds + 1); turn += 1) {
    // The order alternates too.
    const early = turn % 2 === 0 ? await joseRate(key, batchSize) : null;
    const ofTokens = await tokenRate(portal, type.id, type.unitId);
    const ofJose = early ?? (await joseRate(key, batchSize));
    if (turn < turnsARound) continue;
    seen.tokens.push(ofTokens);
    seen.jose.push(ofJose);
    ratios.tokens.push(ofTokens / ofJose);
  }
  for (let round = 0; round <= rounds; round += 1) {
    const fresh = known.map((_, index) => `new-${round}-${index}@example.com`);
    const ofKnown = await mintRate(portal, known, type.id, type.unitId);
    const ofJose = await joseRate(key, count);
    const ofNew = await mintRate(portal, fresh, type.id, type.unitId);
    if (round === 0) continue;
    seen.known.push(ofKnown);
    seen.new.push(ofNew);
    ratios.known.push(ofKnown / ofJose);
    ratios.new.push(ofNew / ofJose);
  }
  return {
    known: median(seen.known),
    new: median(seen.new),
    tokens: median(seen.tokens),
    jose: median(seen.jose),
    ratio: median(ratios.tokens),
    ratioKnown: median(ratios.known),
    ratioNew: median(ratios.new),
  };
}

/** @returns recipients a second, with links */
async function mintRate(
  deps: LinkDeps,
  addresses: string[],
  typeId: number,
  unitId: number,
): Promise<number> {
  const began = performance.now();
  let minted = 0;
  for await (const row of mintLinks(
    deps,
    addresses.map((address) => ({ address, unitId, typeId })),
    { batchSize },
  )) {
    if ('refusal' in row) throw new Error(row.refusal.message);
    minted += 1;
  }
  return (minted / (performance.now() - began)) * 1000;
}

/** @returns recipients a second in one batch, with tokens only, without addresses and the database */
async function tokenRate(
  { tokens, clock }: Pick<LinkDeps, 'tokens' | 'clock'>,
  typeId: number,
  unitId: number,
): Promise<number> {
  const claims = { subscriberId: 'A'.repeat(22), unitId, epoch: 0 };
  const began = performance.now();
  await Promise.all(
    Array.from({ length: batchSize }).flatMap(() => [
      tokens.mint('preferences', claims, clock()),
      tokens.mint('unsubscribe', claims, clock()),
      tokens.mint('unsubscribe', { ...claims, typeId }, clock()),
    ]),
  );
  return (batchSize / (performance.now() - began)) * 1000;
}

/** @returns the same by jose as in its guide */
async function joseRate(key: TokenKey, count: number): Promise<number> {
  const { signKey, algorithm, kid } = key;
  if (!signKey) throw new Error('This key does not sign.');
  const at = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'sayso',
    aud: 'prefs',
    sub: 'A'.repeat(22),
    bu: 1,
    st: 1,
    v: 0,
    iat: at,
    exp: at + 15_552_000,
  };
  const began = performance.now();
  for (let done = 0; done < count; done += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, count - done) * tokensEach });
    await Promise.all(
      batch.map(() =>
        new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'prefs+jwt', kid }).sign(signKey),
      ),
    );
  }
  return (count / (performance.now() - began)) * 1000;
}

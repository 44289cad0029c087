/** Subscribers by the hundred who opt out by one-click at the same time, and the answer to each. */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import { mintLinks } from '../../src/domain/links/mint-links.js';
import { headerUrl } from '../../src/cli/demo-links.js';
import type { Deps } from '../../src/deps.js';
import { seed } from '../../src/seed/seed.js';
import { trailNotes } from '../support/people.js';

/** How many ask at once. */
const atOnce = 64;
const answerOf200 = 'You are unsubscribed.\n';
const answersOf503 = [
  'Nothing was saved. Please try again in a minute.\n',
  'Please assume that nothing was saved, and try again: repeating it is safe.\n',
];

export interface Member {
  subscriberId: string;
  url: string;
}

/** All are subscribed to Trail notes, and have the one-click link of its header. */
export async function gather(deps: Deps, count: number): Promise<Member[]> {
  await seed(deps);
  // A portal with an older catalogue in memory knows a new type two seconds later (decision 0009).
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const members: Member[] = [];
  const recipients = Array.from({ length: count }, (_, index) => ({
    address: `member-${index}@example.com`,
    unitId: trailNotes.unitId,
    typeId: trailNotes.id,
  }));
  for await (const links of mintLinks(deps, recipients)) {
    if ('refusal' in links) throw new Error(links.refusal.message);
    members.push({ subscriberId: links.subscriberId, url: headerUrl(links.headers['List-Unsubscribe']) });
  }
  return members;
}

/** Opts one member in, so that there is something to lose. */
export async function subscribe(deps: Deps, { subscriberId }: Member): Promise<void> {
  await changeConsent(deps, {
    subscriberId,
    channel: 'EMAIL',
    actor: { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' },
    wishes: [{ kind: 'OPT_IN', typeId: trailNotes.id }],
    circumstances: { legalBasis: 'CONSENT_WITH_NOTICE', locale: 'en' },
  });
}

export interface CrowdResult {
  /** Subscribers whose unsubscription was acknowledged. */
  acknowledged: Set<string>;
  /** How often each other answer came: a status, or `none` for a broken connection. */
  others: Map<string, number>;
}

/**
 * Every member clicks, and tries again until a 200 comes, unless `mayGiveUp` says that no portal serves any more.
 * @param on called once each when so many have been acknowledged
 */
export async function clickAll(
  members: Member[],
  on: Record<number, () => void> = {},
  mayGiveUp: () => boolean = () => false,
): Promise<CrowdResult> {
  const waiting = [...members];
  const result: CrowdResult = { acknowledged: new Set(), others: new Map() };
  const work = async () => {
    for (let member = waiting.pop(); member; member = waiting.pop()) {
      const answer = await click(member.url);
      if (answer === '200') {
        result.acknowledged.add(member.subscriberId);
        on[result.acknowledged.size]?.();
        continue;
      }
      result.others.set(answer, (result.others.get(answer) ?? 0) + 1);
      if (mayGiveUp()) continue;
      waiting.unshift(member);
      // Long enough that the tries leave the processor to the portal that starts again.
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return result;
}

/** One click of a mail client: `200`, `503`, `none` without a whole answer, or any other status with its text. */
export async function click(url: string): Promise<string> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    });
    const text = await answer.text();
    if (answer.status === 200 && text === answerOf200) return '200';
    if (answer.status === 503 && answersOf503.includes(text)) return '503';
    return `${answer.status} ${text}`;
  } catch {
    return 'none';
  }
}

/** All faults in a member's record after the click: there must be one opt-out, its event, a valid chain, and nothing twice. */
export async function faultsOf(deps: Deps, members: Member[]): Promise<string[]> {
  const faults: string[] = [];
  for await (const { subscriberId, history } of historiesOf(deps, members)) {
    if (!history) {
      faults.push(`${subscriberId} is gone`);
      continue;
    }
    const clicks = history.events.filter(({ actor }) => actor.kind === 'ONE_CLICK').length;
    if (clicks !== 1) faults.push(`${subscriberId} has ${clicks} events`);
    const status = ownStatus(history.subscriber, trailNotes.id);
    if (status !== 'UNSUBSCRIBED') faults.push(`${subscriberId} is ${status}`);
    faults.push(...faultsOfHistory(history).map((fault) => `${subscriberId}: ${fault}`));
  }
  return faults;
}

/** Which members have an opt-out in the database. */
export async function optedOut(deps: Deps, members: Member[]): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { subscriberId, history } of historiesOf(deps, members))
    if (history && history.events.length > 0) found.add(subscriberId);
  return found;
}

async function* historiesOf({ models }: Deps, members: Member[]) {
  for (let from = 0; from < members.length; from += atOnce)
    yield* await Promise.all(
      members.slice(from, from + atOnce).map(async ({ subscriberId }) => ({
        ...{ subscriberId, history: await readHistory(models, subscriberId) },
      })),
    );
}

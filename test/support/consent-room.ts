/** Setup for consent: its own database, the world's catalogue, a clock that tests set, and people created for one test. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { createBackground } from '../../src/background.js';
import { normaliseAddress, subscriberIdsOf } from '../../src/domain/consent/address.js';
import type { SubscriberIds } from '../../src/domain/consent/address.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from '../../src/domain/consent/change.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import type { History } from '../../src/domain/consent/history.js';
import { hasErasure, planOf } from '../../src/domain/consent/plan.js';
import type { Actor, Catalogue, Circumstances, Wish } from '../../src/vocabulary/terms.js';
import type { Models } from '../../src/models/index.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { openTestDatabase } from './connection.js';
import type { TestDatabase } from './connection.js';
import { worldWith } from './judge.js';

export interface ConsentRoom {
  database: TestDatabase;
  models: Models;
  deps: ConsentDeps;
  /** Confirmations that were requested. */
  confirmations: Parameters<ConsentDeps['queueConfirmation']>[0][];
  setTime: (at: Date) => void;
  setCatalogue: (catalogue: Catalogue) => void;
  subscriberIds: SubscriberIds;
  idOf: (address: string) => string;
  /** A new subscriber whose address the database knows. Returns the subscriber id. */
  somebody: (address?: string) => Promise<string>;
  act: (
    subscriberId: string,
    actor: Actor,
    wishes: Wish | Wish[],
    why?: Circumstances,
  ) => Promise<ConsentResult>;
  change: (input: Omit<ConsentInput, 'channel'>) => Promise<ConsentResult>;
  history: (subscriberId: string) => Promise<History>;
  faults: (subscriberId: string) => Promise<string[]>;
}

export async function openConsentRoom(given?: TestDatabase): Promise<ConsentRoom> {
  const database = given ?? (await openTestDatabase());
  const { models } = database;
  const subscriberIds = subscriberIdsOf('the key of the tests');
  const confirmations: ConsentRoom['confirmations'] = [];
  const background = createBackground();
  let time = new Date('2026-03-02T12:00:00Z');
  let catalogue = worldWith();
  const deps: ConsentDeps = {
    models,
    catalogue: async () => catalogue,
    clock: () => time,
    queueConfirmation: async (pending) => void confirmations.push(pending),
    background: background.add,
  };
  const idOf = (address: string) => subscriberIds('EMAIL', normaliseAddress('EMAIL', address));
  const change: ConsentRoom['change'] = (input) => changeConsent(deps, { channel: 'EMAIL', ...input });
  const history: ConsentRoom['history'] = async (subscriberId) => {
    await background.settle(10_000);
    const found = await readHistory(models, subscriberId);
    if (!found) throw new Error('nobody knows this subscriber');
    return found;
  };
  return {
    database,
    models,
    deps,
    confirmations,
    setTime: (at) => void (time = at),
    setCatalogue: (next) => void (catalogue = next),
    subscriberIds,
    idOf,
    async somebody(address = `${randomBytes(6).toString('hex')}@example.com`) {
      const subscriber = newSubscriber(idOf(address), 'EMAIL', normaliseAddress('EMAIL', address), time);
      await models.subscribers.create(subscriber);
      return subscriber._id;
    },
    act: (subscriberId, actor, wishes, why = {}) =>
      change({ subscriberId, actor, wishes: Array.isArray(wishes) ? wishes : [wishes], circumstances: why }),
    change,
    history,
    faults: async (subscriberId) => faultsOfHistory(await history(subscriberId)),
  };
}

/** What a random history needs of a room. */
export type HistoryRoom = Pick<
  ConsentRoom,
  'confirmations' | 'setTime' | 'setCatalogue' | 'somebody' | 'change' | 'history' | 'faults'
>;

/** The same plans without a database, so that a property can try thousands of histories. Nothing is archived. */
export function consentInMemory(): HistoryRoom {
  const confirmations: ConsentRoom['confirmations'] = [];
  const known = new Map<string, History>();
  let time = new Date('2026-03-02T12:00:00Z');
  let catalogue = worldWith();
  const historyOf = (id: string) => {
    const found = known.get(id);
    if (!found) throw new Error('nobody knows this subscriber');
    return found;
  };
  return {
    confirmations,
    setTime: (at) => void (time = at),
    setCatalogue: (next) => void (catalogue = next),
    async somebody(address = `${randomBytes(6).toString('hex')}@example.com`) {
      // Without this, thousands of histories would be one computation, and the driver ends connections of a process that computes for seconds.
      await setImmediate();
      known.set(address, { subscriber: newSubscriber(address, 'EMAIL', address, time), events: [] });
      return address;
    },
    async change(input) {
      const { subscriberId } = input;
      const { subscriber, events } = historyOf(subscriberId);
      const plan = planOf({ channel: 'EMAIL', ...input }, subscriber, { now: time, catalogue });
      for (const { change } of plan.events)
        if (change.op === 'PENDING') confirmations.push({ subscriberId, ...change });
      const all = [...events, ...plan.events];
      known.set(subscriberId, {
        subscriber: { ...plan.next, events: [] },
        events: hasErasure(plan.events) ? all.map((event) => ({ ...event, detail: null })) : all,
      });
      return { ...plan, subscriber: plan.next };
    },
    history: async (subscriberId) => historyOf(subscriberId),
    faults: async (subscriberId) => faultsOfHistory(historyOf(subscriberId)),
  };
}

/** New contacts for tests that change them. */
import { expect } from 'vitest';
import { countByPurpose } from '../../src/domain/marketing/addresses-concerned.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import type { SubscriptionType } from '../../src/vocabulary/terms.js';
import type { TestPortal } from './app.js';

/**
 * A new contact like Alice, subscribed by their own act to the named types. Types of a unit without double opt-in are on afterwards. Others are
 * pending, and their confirmation is queued.
 */
export async function newcomer(
  portal: Pick<TestPortal, 'deps' | 'linksOf'>,
  address: string,
  types: readonly SubscriptionType[],
): Promise<{ address: string; subscriberId: string }> {
  const { subscriberId } = await portal.linksOf({ address });
  await changeConsent(portal.deps, {
    subscriberId,
    channel: 'EMAIL',
    actor: { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' },
    wishes: types.map(({ id }) => ({ kind: 'OPT_IN', typeId: id })),
    circumstances: { legalBasis: 'CONSENT_WITH_NOTICE', locale: 'en' },
  });
  return { address, subscriberId };
}

/** Somebody who opted out of this type. @returns how many addresses without a contact opted out of it, as its settings count them */
export async function optOutOf({ deps }: Pick<TestPortal, 'deps'>, type: SubscriptionType): Promise<number> {
  const at = deps.clock();
  const out = newSubscriber(`out-of-${type.id}`, 'EMAIL', 'out@example.com', at);
  out.optOuts.types[type.id] = [{ at, by: 'ONE_CLICK', seq: 1, party: 'CONTACT' }];
  await deps.models.subscribers.insertMany([out]);
  const { others = 0 } = (await countByPurpose(deps, type, await deps.rereadCatalogue())) ?? {};
  expect(others).toBeGreaterThan(0);
  return others;
}

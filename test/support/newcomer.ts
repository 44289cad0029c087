/** A new contact like Alice, for a test that changes its contact: subscribed by their own act to the named types. */
import { changeConsent } from '../../src/domain/consent/change.js';
import type { SubscriptionType } from '../../src/vocabulary/terms.js';
import type { TestPortal } from './app.js';

/** Types of a unit without double opt-in are on afterwards. Others are pending, and their confirmation is queued. */
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

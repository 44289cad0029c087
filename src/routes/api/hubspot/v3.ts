/** HubSpot's communication preferences v3: statuses of one address, and one change at a time. */
import type { Deps } from '../../../deps.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import type { Answer, Handler } from '../operation.js';
import { changeStatuses } from './change-statuses.js';
import { invalid } from './refuse.js';
import type { StatusChange, V3Change } from './status-shapes.js';
import { addressOf, catalogueOf, findAsked } from './subscribers.js';
import { typesOf, v3Status } from './statuses.js';

/** The statuses of an e-mail address for every type of the key's business units. */
export const showV3Statuses: Handler<{ params: { emailAddress: string } }> = async (
  deps,
  caller,
  { params: { emailAddress } },
) => {
  const catalogue = await catalogueOf(deps, caller);
  const [asked] = await findAsked(deps, [
    addressOf(deps, { channel: 'EMAIL', text: emailAddress }, catalogue),
  ]);
  const types = asked ? typesOf(asked, catalogue.orderedTypes) : [];
  const subscriptionStatuses = types.map((type) => v3Status({ head: asked?.head ?? null }, type));
  return { body: { recipient: emailAddress, subscriptionStatuses } };
};

/**
 * `subscribe`, `unsubscribe` and the dated `resubscribe`, which follows the rules of v4. A change that changes no status is a fault, in HubSpot's
 * words.
 */
export function v3Changing(statusState: StatusChange['statusState'], version: 3 | 4 = 3) {
  return async (deps: Deps, caller: ApiCaller, { body }: { body: V3Change }): Promise<Answer> => {
    const { emailAddress, ...rest } = body;
    const catalogue = await catalogueOf(deps, caller);
    const wish = { ...rest, channel: 'EMAIL', subscriberIdString: emailAddress, statusState } as const;
    const [changed] = await changeStatuses(deps, { caller, version, catalogue }, [wish]);
    if (!changed || 'error' in changed) throw changed?.error;
    const { asked, type, reason } = changed;
    if (reason === 'NO_STATUS_CHANGE') {
      const already = statusState === 'SUBSCRIBED' ? 'subscribed to' : 'unsubscribed from';
      throw invalid(`${emailAddress} is already ${already} subscription ${type.id}`);
    }
    return { body: v3Status(asked, type) };
  };
}

/** Translates statuses into the shapes of HubSpot's API, v3 and v4. */
import { actorName } from '../../../domain/consent/actors.js';
import { effectiveStatus, type Decided } from '../../../domain/consent/effective.js';
import { leadingOf } from '../../../domain/consent/opt-out-sets.js';
import type { Catalogue, OptOutSet, Standing, SubscriptionType } from '../../../vocabulary/terms.js';
import type { PublicStatus, V3Status, WideStatus } from './status-shapes.js';
import type { Asked } from './subscribers.js';

/** The state of an address that nothing is known about. */
export const unknown: Decided = { subscriptions: {}, optOuts: { portal: null, units: {}, types: {} } };

/** What a change did, in HubSpot's words. */
export type SuccessReason = NonNullable<PublicStatus['setStatusSuccessReason']>;

/** The effective status for one type, as v4 shows it. `NOT_SPECIFIED` has the time of the answer: another one would tell a key of some units that the others know the address. */
export function publicStatus(
  { text, head }: Asked,
  type: SubscriptionType,
  now: Date,
  setStatusSuccessReason: SuccessReason | null = null,
): PublicStatus {
  const { status, standing } = effectiveStatus(head ?? unknown, type);
  return {
    ...{ subscriberIdString: text, channel: type.channel, subscriptionId: type.id },
    ...{ subscriptionName: type.name, businessUnitId: type.unitId, status },
    timestamp: (standing?.at ?? now).toISOString(),
    source: sourceOf(standing),
    legalBasis: standing?.legalBasis ?? null,
    legalBasisExplanation: standing?.explanation ?? null,
    setStatusSuccessReason,
  };
}

/** The statuses for all types of the catalogue that the address can receive. */
export function publicStatuses(asked: Asked, { orderedTypes }: Catalogue, now: Date): PublicStatus[] {
  return typesOf(asked, orderedTypes).map((type) => publicStatus(asked, type, now));
}

export function typesOf({ channel }: Pick<Asked, 'channel'>, types: readonly SubscriptionType[]) {
  return types.filter((type) => type.channel === channel);
}

/** A sentence for people: HubSpot's own words where it has some. */
function sourceOf(standing: Standing | undefined): string {
  if (!standing) return 'Not specified';
  const { by, ref, isMachine } = standing;
  if (by === 'API') return 'Public status API';
  const name = actorName({ kind: by, ...(ref === undefined ? {} : { ref }) });
  return isMachine ? `${name}, automated` : name;
}

/** The opt-outs of all that are in effect for the units of the catalogue, the widest first. */
export function wideStatuses({ text, channel, head }: Asked, { units }: Catalogue): WideStatus[] {
  const { portal, units: ofUnits } = (head ?? unknown).optOuts;
  const wide = (businessUnitId: number | null, set: OptOutSet | null | undefined): WideStatus[] => {
    const standing = leadingOf(set);
    if (!standing) return [];
    return [
      {
        ...{ subscriberIdString: text, channel, businessUnitId, status: 'UNSUBSCRIBED' },
        wideStatusType: businessUnitId === null ? 'PORTAL_WIDE' : 'BUSINESS_UNIT_WIDE',
        timestamp: standing.at.toISOString(),
      },
    ];
  };
  return [...wide(null, portal), ...[...units.keys()].flatMap((id) => wide(id, ofUnits[id]))];
}

/** The effective status for one type, as v3 shows it. */
export function v3Status({ head }: Pick<Asked, 'head'>, type: SubscriptionType): V3Status {
  const { status, level, standing } = effectiveStatus(head ?? unknown, type);
  return {
    ...{ id: String(type.id), name: type.name, description: type.description },
    status: status === 'SUBSCRIBED' ? 'SUBSCRIBED' : 'NOT_SUBSCRIBED',
    sourceOfStatus: level,
    brandId: type.unitId,
    preferenceGroupName: null,
    legalBasis: standing?.legalBasis ?? null,
    legalBasisExplanation: standing?.explanation ?? null,
  };
}

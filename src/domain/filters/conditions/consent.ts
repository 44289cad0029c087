/** Conditions on consent: the effective status of a type, opt-outs of all, and addresses that cannot receive. */
import { isInScope } from '../../../vocabulary/scope.js';
import { actorKinds, channels, subscriptionStatuses } from '../../../vocabulary/terms.js';
import type { Channel, SubscriptionType } from '../../../vocabulary/terms.js';
import { channelNames, statusNames, typeName } from '../../../vocabulary/words.js';
import { nameOfKind } from '../../consent/actors.js';
import { isCoveredByAll } from '../../consent/effective.js';
import type { Condition } from '../filter.js';
import {
  aboutContact,
  type ComparedValue,
  type ConditionKind,
  type FilterContext,
} from '../condition-kind.js';
import { standing } from '../facet.js';

const emailOf: Readonly<Record<Channel, string>> = {
  EMAIL: 'email',
  WHATSAPP: 'WhatsApp',
  SMS: 'text messages',
};

function typesIn({ catalogue, scope }: FilterContext): SubscriptionType[] {
  return catalogue.orderedTypes.filter(({ unitId, isActive }) => isActive && isInScope(scope, unitId));
}

function typeIn({ catalogue, scope }: FilterContext, of: string): SubscriptionType | null {
  const type = catalogue.types.get(Number(of));
  return type && isInScope(scope, type.unitId) ? type : null;
}

function labelOf(type: SubscriptionType, { catalogue: { units } }: FilterContext): string {
  return units.size > 1 ? `${typeName(type)} (${units.get(type.unitId)?.name ?? ''})` : typeName(type);
}

export const subscriptionStatus: ConditionKind = {
  id: 'status',
  heading: 'Subscriptions',
  subjects: (context) =>
    typesIn(context).map((type) => ({
      of: String(type.id),
      label: `Subscription to ${labelOf(type, context)}`,
    })),
  compared: (of, context) => {
    const type = typeIn(context, of);
    return (
      type && {
        label: `Subscription to ${labelOf(type, context)}`,
        kind: 'CHOICE',
        isOptional: false,
        source: { facets: `${type.channel}:${type.id}:` },
        options: subscriptionStatuses.map((value) => ({ value, label: statusNames[value] })),
      }
    );
  },
};

/** Of the standings that decide a type's effective status, the first is in effect. */
function standingsFor({ id, channel, unitId, purpose }: SubscriptionType): string[] {
  const wide = isCoveredByAll({ purpose }) ? [standing.all(channel), standing.all(channel, unitId)] : [];
  return [...wide, standing.type(id)];
}

const ofStanding = (
  id: string,
  labelStart: string,
  compared: (type: SubscriptionType) => Pick<ComparedValue, 'kind' | 'source' | 'options'>,
): ConditionKind => ({
  id,
  heading: 'Date and actor of subscriptions',
  subjects: (context) =>
    typesIn(context).map((type) => ({
      of: String(type.id),
      label: `${labelStart} ${labelOf(type, context)}`,
    })),
  compared: (of, context) => {
    const type = typeIn(context, of);
    return type && { label: `${labelStart} ${labelOf(type, context)}`, isOptional: true, ...compared(type) };
  },
});

/** Since when the effective status holds. */
export const statusSince = ofStanding('status-since', 'Date of the subscription status of', (type) => ({
  kind: 'DATE',
  source: { standings: standingsFor(type), of: 'at' },
}));

/** The kind of actor that set the effective status. */
export const statusBy = ofStanding('status-by', 'Actor of the subscription status of', (type) => ({
  kind: 'CHOICE',
  source: { standings: standingsFor(type), of: 'by' },
  options: actorKinds.map((value) => ({ value, label: nameOfKind(value) })),
}));

/** HubSpot's derived property `Opted out of email: <type>`. */
export const optedOut: ConditionKind = {
  id: 'opted-out',
  heading: 'Subscriptions',
  subjects: (context) =>
    typesIn(context).map((type) => ({
      of: String(type.id),
      label: `Opted out of ${emailOf[type.channel]}: ${labelOf(type, context)}`,
    })),
  compared: (of, context) => {
    const type = typeIn(context, of);
    return (
      type && {
        label: `Opted out of ${emailOf[type.channel]}: ${labelOf(type, context)}`,
        kind: 'YES_NO',
        isOptional: false,
        source: { facets: `${type.channel}:${type.id}:` },
        yes: 'UNSUBSCRIBED',
      }
    );
  },
};

const ofOneType = [subscriptionStatus, statusSince, statusBy, optedOut].map(({ id }) => id);

/** The subscription type whose status a condition compares; null if it compares something else. */
export function typeOfCondition({ on, of }: Pick<Condition, 'on' | 'of'>): number | null {
  return ofOneType.includes(on) ? Number(of) : null;
}

/** True if the condition reads the statuses of active types only. Who set a status, and when, is known of archived types too. */
export function asksActiveTypes({ on }: Pick<Condition, 'on'>): boolean {
  return on === subscriptionStatus.id || on === optedOut.id;
}

/** HubSpot's property `Unsubscribed from all email`: `EMAIL` for any unit, `EMAIL:0` for one. */
export const outOfAll: ConditionKind = {
  id: 'out-of-all',
  heading: 'Subscriptions',
  subjects: (context) =>
    channels.flatMap((channel) =>
      [channel, ...[...context.catalogue.units.keys()].map((id) => `${channel}:${id}`)].flatMap((of) => {
        const label = outOfAll.compared(of, context)?.label;
        return label ? [{ of, label }] : [];
      }),
    ),
  compared: (of, { catalogue, scope }) => {
    const [head, unit] = of.split(':');
    const channel = channels.find((one) => one === head);
    const unitId = unit === undefined ? null : Number(unit);
    // Opt-outs of any unit would reveal units outside the scope to a limited user.
    if (!channel || !isInScope(scope, unitId)) return null;
    const name = unitId === null ? 'any business unit' : catalogue.units.get(unitId)?.name;
    return name === undefined
      ? null
      : {
          label: `Unsubscribed from all ${emailOf[channel]} (${name})`,
          kind: 'YES_NO',
          isOptional: false,
          source: { facets: `${channel}:` },
          yes: `out-of-all${unitId === null ? '' : `:${unitId}`}`,
        };
  },
};

const reasons = { 'any reason': '', 'hard bounce': ':HARD_BOUNCE', complaint: ':COMPLAINT' } as const;

export const cannotReceive = aboutContact('cannot-receive', {
  label: 'Cannot receive',
  kind: 'CHOICE',
  isOptional: false,
  source: { facets: '' },
  options: channels.flatMap((channel) =>
    Object.entries(reasons).map(([words, reason]) => ({
      value: `${channel}:undeliverable${reason}`,
      label: `${channelNames[channel]}, ${words}`,
    })),
  ),
});

/** Triggers: which entries of the change feed enrol a contact, and triggers in words. */
import type { Change } from '../../models/change.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { listWithin } from '../filters/conditions/list.js';
import { describeFilter } from '../filters/describe.js';
import type { Filter } from '../filters/filter.js';
import { operators } from '../filters/operators.js';
import { readFilter } from '../filters/read-condition.js';
import { isInScope } from '../../vocabulary/scope.js';
import { typeName } from '../../vocabulary/words.js';
import type { WorkflowAbout } from './contract.js';
import type { Plan, Trigger } from './plan.js';

interface EventTrigger {
  /** Stored in triggers, so it never changes. */
  name: string;
  label: string;
  /** What the event is about: a subscription type, a static list, or nothing. */
  takes: 'TYPE' | 'LIST' | 'NOTHING';
  /** Whether an entry of the feed is this event. @param of id of the type or the list, or empty for any */
  isIt: (entry: Change, of: string, catalogue: Pick<Catalogue, 'types'>) => boolean;
}

/** One line per event. */
export const eventTriggers: readonly EventTrigger[] = [
  { name: 'OPTED_OUT', label: 'When it opts out', takes: 'TYPE', isIt: isOptOut },
  { name: 'OPTED_IN', label: 'When it opts in', takes: 'TYPE', isIt: isOptIn },
  {
    ...{ name: 'CREATED', label: 'When it is created', takes: 'NOTHING' },
    isIt: (entry) => entry.kind === 'CONTACT' && entry.event.op === 'CREATED',
  },
  {
    ...{ name: 'ADDED_TO_LIST', label: 'When it is added to a static list', takes: 'LIST' },
    isIt: (entry, of) =>
      entry.kind === 'CONTACT' && entry.event.addedTo !== undefined && entry.event.addedTo === of,
  },
  {
    ...{ name: 'HARD_BOUNCE', label: 'When its address bounces hard', takes: 'NOTHING' },
    isIt: ({ kind, event }) =>
      kind === 'CONSENT' && 'change' in event && event.change.op === 'UNDELIVERABLE'
        ? event.change.reason === 'HARD_BOUNCE'
        : false,
  },
];

/** Opting out of the type itself, or of all that covers it. An opt-out that was only moved down does not count. */
function isOptOut(entry: Change, of: string, { types }: Pick<Catalogue, 'types'>): boolean {
  if (entry.kind !== 'CONSENT' || entry.event.carriedFrom) return false;
  const { change, channel } = entry.event;
  if (change.op === 'STATUS')
    return change.to === 'UNSUBSCRIBED' && !change.isMovedDown && (of === '' || String(change.typeId) === of);
  if (change.op !== 'OPT_OUT_OF_ALL' || !change.to || change.isMovedDown || change.removes) return false;
  if (of === '') return true;
  const type = types.get(Number(of));
  const isCovered = type?.purpose === 'MARKETING' && type.channel === channel;
  return isCovered && (change.unitId === null || change.unitId === type.unitId);
}

function isOptIn(entry: Change, of: string): boolean {
  if (entry.kind !== 'CONSENT' || entry.event.carriedFrom) return false;
  const { change } = entry.event;
  return change.op === 'STATUS' && change.to === 'SUBSCRIBED' && (of === '' || String(change.typeId) === of);
}

export function eventOf(trigger: Trigger | null): EventTrigger | undefined {
  return trigger?.kind === 'EVENT' ? eventTriggers.find(({ name }) => name === trigger.event) : undefined;
}

/** The trigger as one sentence. */
export function triggerSentence({ trigger }: Pick<Plan, 'trigger'>, about: WorkflowAbout): string {
  switch (trigger?.kind) {
    case undefined:
      return 'Choose what enrols contacts.';
    case 'BY_HAND':
      return 'Staff enrol contacts by hand.';
    case 'FILTER':
      return trigger.filter.any.length === 0
        ? 'When a contact starts to meet a filter. Add a condition.'
        : `When a contact starts to meet: ${describeFilter(trigger.filter, about).join(' ')}.`;
    case 'EVENT': {
      const event = eventOf(trigger);
      const type = about.catalogue.types.get(Number(trigger.of));
      const isKnown = type !== undefined && isInScope(about.scope, type.unitId);
      const missing = trigger.of === '' ? 'any subscription type' : 'a subscription type that does not exist';
      const name = isKnown ? typeName(type) : missing;
      const words: Readonly<Record<string, string>> = {
        OPTED_OUT: `When a contact opts out of ${name}.`,
        OPTED_IN: `When a contact opts in to ${name}.`,
        CREATED: 'When a contact is created.',
        ADDED_TO_LIST: `When a contact is added to the list ${listWithin(trigger.listId, about)?.name ?? 'that does not exist'}.`,
        HARD_BOUNCE: 'When an address of a contact bounces hard.',
      };
      return words[event?.name ?? ''] ?? 'An event that this release does not know.';
    }
  }
}

/** Why the trigger, the goal or the suppression cannot work: the field of the plan, and a sentence. */
export function triggerFaults(
  { trigger, goal, suppression }: Plan,
  about: WorkflowAbout,
): { at: string[]; text: string }[] {
  const faults: { at: string[]; text: string }[] = [];
  const add = (field: keyof Plan, text: string) => faults.push({ at: [field], text });
  if (!trigger) add('trigger', 'Choose what enrols contacts.');
  else if (trigger.kind === 'FILTER' && trigger.filter.any.length === 0)
    add('trigger', 'Add a condition to the trigger.');
  else if (trigger.kind === 'FILTER' && !readFilter(trigger.filter, about))
    add('trigger', 'The trigger names something that does not exist. Change or remove that condition.');
  else if (trigger.kind === 'EVENT' && !eventOf(trigger)) add('trigger', 'Choose another event.');
  else if (trigger.kind === 'EVENT' && trigger.of !== '') {
    const type = about.catalogue.types.get(Number(trigger.of));
    if (!type || !isInScope(about.scope, type.unitId))
      add('trigger', 'The trigger names a subscription type that does not exist. Choose another.');
  }
  if (trigger?.kind === 'EVENT' && eventOf(trigger)?.takes === 'LIST') {
    if (listWithin(trigger.listId, about)?.filter !== null)
      add('trigger', 'The trigger names a list that does not exist. Choose another.');
  }
  if (suppression.listIds.some((id) => !listWithin(id, about)))
    add('suppression', 'A list whose members are never enrolled does not exist. Choose the lists again.');
  if (goal && !readFilter(goal, about))
    add('goal', 'The goal names something that does not exist. Change or remove that condition.');
  return faults;
}

/** True if time alone can change whether a contact meets the filter. */
export function hasRelativeDays(filter: Filter | null): boolean {
  return (filter?.any ?? []).some(({ all }) => all.some(({ is }) => operators[is].takes === 'DAYS'));
}

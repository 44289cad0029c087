/** Opting out of all of a unit, or of everything. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { refusalOf } from '../../../domain/consent/change.js';
import { isCoveredByAll } from '../../../domain/consent/effective.js';
import { DomainError } from '../../../errors.js';
import type { SubscriptionType } from '../../../vocabulary/terms.js';
import { listOf } from '../../../vocabulary/words.js';
import { textOf, wholeOf } from '../form.js';
import { declareForm } from '../kit/form.js';
import type { FilterOption } from '../kit/list-page.js';
import type { StaffRoute } from '../route.js';
import { act, movedFault, noteAct } from './act.js';
import { actRoutes, explanationField, explanationSchema, openTarget, overriding } from './act-page.js';
import type { ActPage, Target } from './act-page.js';
import { channelMatter, unitName } from './event-words.js';
import { optOutsOffered, whyNot } from './offered.js';
import { typesOf } from './open-record.js';
import { optOutSaying } from './sayings.js';
import { mostShown, shownStates } from './shown-states.js';
import { present } from '../present.js';

const optOutForm = declareForm<Target, { unit: string; explanation: string }>({
  ...overriding,
  pattern: adminPatterns.optOuts,
  groups: (target) => [
    {
      fields: [
        { kind: 'radios', name: 'unit', label: 'Opt out of', isRequired: true, options: choicesOf(target) },
        explanationField(),
      ],
    },
  ],
  // Nothing is chosen at first.
  hidden: ({ record, one }) => [
    { name: 'channel', value: one.channel },
    { name: 'shown', value: shownStates(one.subscriber, typesOf(record, one)) },
  ],
  button: 'Opt out',
  look: 'stop',
  schema: () =>
    z.object({ unit: z.string().min(1, 'Choose what to opt out of.'), explanation: explanationSchema }),
  save: async ({ deps, ask, subject: target, values: { unit, explanation } }) => {
    const { record, one } = target;
    const unitId = chosenUnit(target, unit);
    const done = await act(deps, ask, target, {
      wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId }],
      reasons: { legalBasis: null, explanation },
      shown: {
        shown: textOf(ask.request, 'shown', mostShown),
        types: typesOf(record, one, unitId),
        wished: 'UNSUBSCRIBED',
      },
    });
    if (done.kind === 'MOVED') return { faults: [movedFault(done.moved, '#unit')] };
    const refusal = refusalOf(done.result);
    if (refusal) return { faults: [{ text: whyNot(refusal, []), href: '#unit' }] };
    const isDone = done.result.events.length > 0;
    if (isDone) await noteAct(deps, ask, record, 'OVERRIDE_MADE', { unitId, detail: 'OPT_OUT_OF_ALL' });
    return {
      to: adminPaths.contact(record.id),
      said: isDone ? optOutSaying('stopped', unitId) : 'unchanged',
    };
  },
});

export function optOutRoutes(deps: Deps): StaffRoute[] {
  return actRoutes(deps, optOutForm, { load: openTarget, show: pageOf });
}

/** The chosen unit; null for everything. @throws DomainError `NOT_FOUND` for a unit that the user does not reach */
export function chosenUnit({ record }: Pick<Target, 'record'>, chosen: string): number | null {
  if (chosen === 'all') return null;
  const unitId = wholeOf(chosen);
  if (unitId === null || !record.catalogue.units.has(unitId)) throw new DomainError('NOT_FOUND');
  return unitId;
}

function pageOf(target: Target): ActPage {
  const { record, one } = target;
  const matter = channelMatter[one.channel];
  const isOffered = choicesOf(target).length > 0;
  const others = typesOf(record, one).filter((type) => type.isActive && !isCoveredByAll(type));
  return {
    title: `Opt out of all ${matter}`,
    heading: `Opt ${record.name} out of all ${matter}?`,
    isOffered,
    sentences: isOffered
      ? present([
          'Types that are added later are included. It lasts until they opt in again, or until staff remove it.',
          others.length > 0 &&
            `Transactional types are not included. Their mail goes on: ${fewNamesOf(others)}.`,
        ])
      : [`${record.name} is opted out of all ${matter} already.`],
  };
}

function choicesOf({ record, one }: Target): (FilterOption & { hint: string })[] {
  return optOutsOffered(record, one).map((unitId) => {
    if (unitId === null)
      return {
        value: 'all',
        label: 'Everything, of all business units',
        hint: 'Business units that are added later are included.',
      };
    const covered = typesOf(record, one, unitId).filter(isCoveredByAll);
    return {
      value: String(unitId),
      label: `All of ${unitName(record.catalogue, unitId)}`,
      hint: covered.length > 0 ? fewNamesOf(covered) : 'No type yet',
    };
  });
}

/** Names of types, or how many there are. */
export function fewNamesOf(types: readonly SubscriptionType[]): string {
  return types.length > 6 ? `${types.length} types` : listOf(types.map(({ name }) => name));
}

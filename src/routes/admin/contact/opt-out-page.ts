/** The pages that ask before an opt-out of all is made or removed: what it is of, what comes again, and why. */
import { adminPaths } from '../../../admin-paths.js';
import { effectiveStatus, isCoveredByAll, isShownOn } from '../../../domain/consent/effective.js';
import { setOfAll } from '../../../domain/consent/rule-changes.js';
import type { DoerOf } from '../../../domain/staff/names.js';
import type { ConsentState, OptOutSet, SubscriptionType } from '../../../vocabulary/terms.js';
import { listOf } from '../../../vocabulary/words.js';
import { DomainError } from '../../../errors.js';
import type { ActField, AdminContactActPage } from '../../../views/admin-record-pages.js';
import { wholeOf, type FieldFault } from '../form.js';
import type { Ask } from '../route.js';
import type { Reasons } from './act.js';
import { actPage, explanationField } from './act-page.js';
import { channelMatter, unitName } from './event-words.js';
import { offersOf, optOutsOffered, whyNot } from './offered.js';
import { optOutsOfAll, typesOf, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { saidByAll } from './record-page.js';
import { setMark, shownStates } from './shown-states.js';

export interface Target {
  record: OpenedRecord;
  one: ChannelRecord;
}

export interface Draft {
  chosen: string;
  reasons: Reasons;
  faults: FieldFault[];
}

/** The unit that was chosen, null for everything. @throws DomainError `NOT_FOUND` for a unit that the user does not reach */
export function chosenUnit({ record }: Target, chosen: string): number | null {
  if (chosen === 'all') return null;
  const unitId = wholeOf(chosen);
  if (unitId === null || !record.catalogue.units.has(unitId)) throw new DomainError('NOT_FOUND');
  return unitId;
}

export const ofUnit = ({ record, one }: Target, unitId: number | null) => typesOf(record, one, unitId);

/** The page that asks what to opt out of. Nothing is chosen at first. */
export function optOutPage(ask: Ask, target: Target, draft: Draft): AdminContactActPage {
  const { record, one } = target;
  const matter = channelMatter[one.channel];
  const choices = optOutsOffered(record, one).map((unitId) =>
    unitId === null
      ? {
          value: 'all',
          label: 'Everything, of all business units',
          hint: 'Business units that are added later are included.',
        }
      : {
          value: String(unitId),
          label: `All of ${unitName(record.catalogue, unitId)}`,
          hint: hintOf(target, unitId),
        },
  );
  const fields: ActField[] = [
    {
      kind: 'radios',
      id: 'unit',
      name: 'unit',
      label: 'Opt out of',
      isInvalid: draft.faults.some(({ href }) => href === '#unit'),
      choices: choices.map((choice) => ({
        ...choice,
        id: `unit-${choice.value}`,
        isSelected: choice.value === draft.chosen,
      })),
    },
    explanationField(
      draft.reasons.explanation,
      draft.faults,
      'Why? It is kept in the history, with your name.',
    ),
  ];
  return actPage(ask, record, {
    title: `Opt out of all ${matter}`,
    heading: `Opt ${record.name} out of all ${matter}?`,
    sentences:
      choices.length > 0
        ? [
            'Types that are added later are included. It lasts until they opt in again, or until staff remove it.',
            ...transactionalSentence(ofUnit(target, null)),
          ]
        : [`${record.name} is opted out of all ${matter} already.`],
    faults: draft.faults,
    ...(choices.length > 0
      ? {
          form: {
            action: adminPaths.optOuts(record.id),
            hidden: [
              { name: 'channel', value: one.channel },
              { name: 'shown', value: shownStates(one.subscriber, typesOf(record, one)) },
            ],
            fields,
            button: 'Opt out',
            isStop: true,
          },
        }
      : {}),
  });
}

/** The types that an opt-out of all covers; transactional types are not among them. */
function hintOf(target: Target, unitId: number): string {
  const covered = ofUnit(target, unitId).filter(isCoveredByAll);
  return covered.length > 0 ? fewNamesOf(covered) : 'No type yet';
}

function transactionalSentence(types: readonly SubscriptionType[]): string[] {
  const others = types.filter((type) => type.isActive && !isCoveredByAll(type));
  return others.length > 0
    ? [`Transactional types are not included. Their mail goes on: ${fewNamesOf(others)}.`]
    : [];
}

/** Names of types, or how many there are. */
export function fewNamesOf(types: readonly SubscriptionType[]): string {
  return types.length > 6 ? `${types.length} types` : namesOf(types);
}

const namesOf = (types: readonly SubscriptionType[]) => listOf(types.map(({ name }) => name));

export function setOf({ record, one }: Target, unitId: number | null): OptOutSet | undefined {
  return optOutsOfAll(record, one).find((of) => of.unitId === unitId)?.optOuts;
}

/** What comes again once an opt-out of all is removed, and what stays opted out. */
function resumedBy(
  target: Target,
  unitId: number | null,
  after: ConsentState,
): AdminContactActPage['stands'] {
  const { record, one } = target;
  const types = ofUnit(target, unitId).filter(({ isActive }) => isActive);
  const out = types.filter((type) => effectiveStatus(one.subscriber, type).status === 'UNSUBSCRIBED');
  const comesAgain = (type: SubscriptionType) => isShownOn(after, type, record.catalogue);
  const [resumed, others] = [out.filter(comesAgain), out.filter((type) => !comesAgain(type))];
  return [
    resumed.length > 0
      ? { tone: 'warn', text: `These types resume: ${namesOf(resumed)}.` }
      : { tone: 'plain', text: 'No type resumes.' },
    ...(others.length > 0
      ? [{ tone: 'plain' as const, text: `These types do not resume: ${namesOf(others)}.` }]
      : []),
    ...(setOfAll(after, unitId)
      ? [
          {
            tone: 'warn' as const,
            text: 'Only the opt-out by staff is removed. The others remain, and so does the opt-out of all.',
          },
        ]
      : []),
  ];
}

/** The page that asks before staff's opt-out of all is removed. */
export function liftingPage(
  ask: Ask,
  target: Target,
  { chosen, reasons, faults }: Draft,
  doerOf: DoerOf,
): AdminContactActPage {
  const { record, one } = target;
  const unitId = chosenUnit(target, chosen);
  const optOuts = setOf(target, unitId);
  const what = unitId === null ? 'everything' : `all of ${unitName(record.catalogue, unitId)}`;
  const stands: AdminContactActPage['stands'] = optOuts
    ? [{ tone: 'plain', text: `Opted out of ${what}. ${saidByAll(record, one, optOuts, doerOf)}` }]
    : [{ tone: 'plain', text: `There is no opt-out of ${what} any more.` }];
  const [offer] = offersOf(record, one, [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }]);
  if (optOuts && offer?.refusal) stands.push({ tone: 'stop', text: whyNot(offer.refusal, optOuts) });
  if (offer?.isOffered) stands.push(...resumedBy(target, unitId, offer.after()));
  const title = `Remove opt out from all ${one.channel === 'EMAIL' ? 'email' : channelMatter[one.channel]}`;
  return actPage(ask, record, {
    title,
    heading: `${title}?`,
    stands,
    faults,
    ...(optOuts && offer?.isOffered
      ? {
          form: {
            action: adminPaths.liftings(record.id),
            hidden: [
              { name: 'channel', value: one.channel },
              { name: 'unit', value: chosen },
              { name: 'shown', value: setMark(optOuts) },
            ],
            fields: [
              explanationField(
                reasons.explanation,
                faults,
                'Why? It is kept in the history, with your name.',
              ),
            ],
            button: 'Remove opt out',
            isStop: false,
          },
        }
      : {}),
  });
}

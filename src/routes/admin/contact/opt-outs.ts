/** Opting out of all of a unit, or of everything, and removing such an opt-out where staff had set it. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { hasParty, mayStaffAdd } from '../../../domain/consent/opt-out-sets.js';
import { setOfAll } from '../../../domain/consent/rule-changes.js';
import type { OptOutSet, Wish } from '../../../vocabulary/terms.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { ActField, AdminContactActPage } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, wholeOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { listOf, refusalWords } from '../../../vocabulary/words.js';
import { act, noReasons, noteAct, reasonsOf } from './act.js';
import type { Reasons } from './act.js';
import { actPage, explanationField, explanationMissing, sendAct } from './act-page.js';
import { channelMatter, unitName } from './event-words.js';
import { channelOf, openRecord, doersOf, optOutsOfAll } from './open-record.js';
import type { ChannelRecord, OpenedRecord } from './open-record.js';
import { whoseItIs } from './override-page.js';
import { movedFault } from './overrides.js';
import { saidByAll, typesOf } from './record-page.js';
import { mostShown, setMark, shownStates } from './shown-states.js';

interface Target {
  record: OpenedRecord;
  one: ChannelRecord;
}

interface Draft {
  chosen: string;
  reasons: Reasons;
  faults: FieldFault[];
}

export function optOutRoutes(deps: Deps): StaffRoute[] {
  const ofAll = { path: adminPatterns.optOuts, may: 'overrides.make', about: 'contact' } as const;
  const lifting = { path: adminPatterns.liftings, may: 'overrides.make', about: 'contact' } as const;
  return [
    {
      ...ofAll,
      method: 'GET',
      handle: async (ask, response) => {
        const target = await targetOf(deps, ask, queryOf(ask.request, 'channel') ?? '');
        const first = freeUnits(target)[0];
        showOptOut(deps, ask, response, target, {
          chosen: first === undefined ? '' : String(first),
          reasons: noReasons,
          faults: [],
        });
      },
    },
    {
      ...ofAll,
      method: 'POST',
      handle: (ask, response) => optOut(deps, ask, response),
      showAgain: async (ask, response) =>
        showOptOut(deps, ask, response, await targetSent(deps, ask), { ...draftOf(ask), faults: [] }),
    },
    {
      ...lifting,
      method: 'GET',
      handle: async (ask, response) => {
        const target = await targetOf(deps, ask, queryOf(ask.request, 'channel') ?? '');
        const chosen = queryOf(ask.request, 'unit') ?? '';
        await showLifting(deps, ask, response, target, { chosen, reasons: noReasons, faults: [] });
      },
    },
    {
      ...lifting,
      method: 'POST',
      handle: (ask, response) => lift(deps, ask, response),
      showAgain: async (ask, response) =>
        showLifting(deps, ask, response, await targetSent(deps, ask), { ...draftOf(ask), faults: [] }),
    },
  ];
}

async function targetOf(deps: Deps, ask: Ask, channel: string): Promise<Target> {
  const record = await openRecord(deps, ask);
  return { record, one: channelOf(record, channel) };
}

/** The address that a form of this file is about, and what was chosen and typed in it. */
async function targetSent(deps: Deps, ask: Ask): Promise<Target> {
  return targetOf(deps, ask, textOf(ask.request, 'channel', 20));
}

function draftOf(ask: Ask): Omit<Draft, 'faults'> {
  return { chosen: textOf(ask.request, 'unit', 20), reasons: reasonsOf(ask) };
}

/** Units for which an opt-out of all by staff would be recorded. */
function freeUnits({ record, one }: Target): number[] {
  const units = new Set(typesOf(record, one).map(({ unitId }) => unitId));
  return [...units].filter((id) => mayStaffAdd(one.subscriber.optOuts.units[id]));
}

/** A unit of the user's, null for everything. @throws DomainError `NOT_FOUND` for what the user does not reach */
function chosenUnit({ scope }: Ask, { record }: Target, chosen: string): number | null {
  if (chosen === 'all' && scope === null) return null;
  const unitId = wholeOf(chosen);
  if (unitId === null || !record.catalogue.units.has(unitId)) throw new DomainError('NOT_FOUND');
  return unitId;
}

const ofUnit = ({ record, one }: Target, unitId: number | null) => typesOf(record, one, unitId);

async function optOut(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const target = await targetSent(deps, ask);
  const { chosen, reasons } = draftOf(ask);
  const again = (newer: Target, faults: FieldFault[]) =>
    showOptOut(deps, ask, response, newer, { chosen, reasons, faults });
  if (chosen === '') return again(target, [{ text: 'Choose what to opt out of.', href: '#unit' }]);
  const unitId = chosenUnit(ask, target, chosen);
  if (!reasons.explanation) return again(target, [explanationMissing]);
  const shown = {
    shown: textOf(ask.request, 'shown', mostShown),
    types: ofUnit(target, unitId),
    wished: 'UNSUBSCRIBED',
  } as const;
  const wishes: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId }];
  const done = await act(deps, ask, target, { wishes, reasons, shown });
  if (done.kind === 'MOVED') return again(done, [movedFault(done.moved)]);
  const path = adminPaths.contact(target.record.id);
  if (done.result.events.length > 0)
    await noteAct(deps, ask, target.record, 'OVERRIDE_MADE', { unitId, detail: 'OPT_OUT_OF_ALL' });
  response.redirect(303, saying(ask, path, done.result.events.length > 0 ? 'stopped' : 'unchanged'));
}

function showOptOut(deps: Deps, ask: Ask, response: Response, target: Target, draft: Draft): void {
  const { record, one } = target;
  const free = freeUnits(target);
  const isAllFree = mayStaffAdd(one.subscriber.optOuts.portal);
  const matter = channelMatter[one.channel];
  const choices = [
    ...(isAllFree ? free : []).map((id) => ({
      value: String(id),
      label: `All of ${unitName(record.catalogue, id)}`,
      hint: hintOf(target, id),
    })),
    ...(isAllFree && ask.scope === null
      ? [
          {
            value: 'all',
            label: 'Everything, of all business units',
            hint: 'Business units that come later are included.',
          },
        ]
      : []),
  ];
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
  const page = actPage(ask, record, {
    title: `Opt out of all ${matter}`,
    heading: `Opt ${record.name} out of all ${matter}?`,
    sentences:
      choices.length > 0
        ? ['Types that are added later are included. It stands until they opt in again, or staff remove it.']
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
  sendAct(deps, response, page);
}

function hintOf(target: Target, unitId: number): string {
  const names = ofUnit(target, unitId).map(({ name }) => name);
  return names.length > 6 ? `${names.length} types today` : listOf(names);
}

async function lift(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const target = await targetSent(deps, ask);
  const { chosen, reasons } = draftOf(ask);
  const again = (newer: Target, faults: FieldFault[]) =>
    showLifting(deps, ask, response, newer, { chosen, reasons, faults });
  const unitId = chosenUnit(ask, target, chosen);
  const optOuts = setOf(target, unitId);
  if (!reasons.explanation) return again(target, [explanationMissing]);
  if (optOuts && textOf(ask.request, 'shown', 1000) !== setMark(optOuts))
    return again(target, [
      {
        text: 'The opt-out changed while this page was open, so nothing was done. Look at it as it is now.',
        href: '#explanation',
      },
    ]);
  const types = ofUnit(target, unitId);
  const shown = { shown: shownStates(target.one.subscriber, types), types, wished: 'NOT_SPECIFIED' } as const;
  const done = await act(deps, ask, target, {
    wishes: [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }],
    reasons,
    shown,
  });
  if (done.kind === 'MOVED') return again(done, [movedFault(done.moved)]);
  const [outcome] = done.result.outcomes;
  if (outcome?.result === 'REFUSED')
    return again(target, [{ text: refusalWords[outcome.code], href: '#explanation' }]);
  const { events, subscriber } = done.result;
  const isDone = events.length > 0;
  if (isDone)
    await noteAct(deps, ask, target.record, 'OVERRIDE_MADE', { unitId, detail: 'LIFT_OPT_OUT_OF_ALL' });
  // The record says by whom the others are.
  const said = setOfAll(subscriber, unitId) ? 'liftedStaffs' : 'lifted';
  response.redirect(303, saying(ask, adminPaths.contact(target.record.id), isDone ? said : 'unchanged'));
}

function setOf({ record, one }: Target, unitId: number | null): OptOutSet | undefined {
  return optOutsOfAll(record, one).find((of) => of.unitId === unitId)?.optOuts;
}

async function showLifting(
  deps: Deps,
  ask: Ask,
  response: Response,
  target: Target,
  { chosen, reasons, faults }: Draft,
): Promise<void> {
  const { record, one } = target;
  const unitId = chosenUnit(ask, target, chosen);
  const optOuts = setOf(target, unitId);
  const doerOf = await doersOf(deps, record);
  const what = unitId === null ? 'everything' : `all of ${unitName(record.catalogue, unitId)}`;
  const stands: AdminContactActPage['stands'] = optOuts
    ? [{ tone: 'plain', text: `Opted out of ${what}. ${saidByAll(record, one, optOuts, doerOf)}` }]
    : [{ tone: 'plain', text: `Nothing is opted out of ${what} any more.` }];
  const mayLift = optOuts !== undefined && hasParty(optOuts, 'STAFF');
  const isStaffsAlone = optOuts?.every(({ party }) => party === 'STAFF') ?? true;
  if (optOuts && !mayLift) stands.push({ tone: 'stop', text: whoseItIs(optOuts) });
  if (mayLift && !isStaffsAlone)
    stands.push({
      tone: 'warn',
      text: 'Only the opt-out by staff is removed. The others remain, and so does the opt-out of all.',
    });
  const title = `Remove opt out from all ${one.channel === 'EMAIL' ? 'email' : channelMatter[one.channel]}`;
  const page = actPage(ask, record, {
    title,
    heading: `${title}?`,
    sentences: isStaffsAlone ? ['The single types count again, each as it was before.'] : [],
    stands,
    faults,
    ...(mayLift
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
  sendAct(deps, response, page);
}

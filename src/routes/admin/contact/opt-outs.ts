/** Opting out of all of a unit, or of everything, and removing staff's opt-out of all. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { refusalOf } from '../../../domain/consent/change.js';
import { setOfAll } from '../../../domain/consent/rule-changes.js';
import type { Wish } from '../../../vocabulary/terms.js';
import type { Deps } from '../../../deps.js';
import { queryOf, textOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { act, noReasons, noteAct, reasonsOf } from './act.js';
import { explanationFaults, sendAct } from './act-page.js';
import { whyNot } from './offered.js';
import { channelOf, doersOf, openForAct } from './open-record.js';
import {
  chosenUnit,
  liftingPage,
  ofUnit,
  optOutPage,
  setOf,
  type Draft,
  type Target,
} from './opt-out-page.js';
import { movedFault } from './overrides.js';
import { optOutSaying } from './sayings.js';
import { mostShown, setMark, shownStates } from './shown-states.js';

export function optOutRoutes(deps: Deps): StaffRoute[] {
  const ofAll = { path: adminPatterns.optOuts, may: 'overrides.make', about: 'contact' } as const;
  const lifting = { path: adminPatterns.liftings, may: 'overrides.make', about: 'contact' } as const;
  return [
    {
      ...ofAll,
      method: 'GET',
      handle: async (ask, response) => {
        const target = await targetOf(deps, ask, queryOf(ask.request, 'channel') ?? '');
        showOptOut(deps, ask, response, target, { chosen: '', reasons: noReasons, faults: [] });
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
  const record = await openForAct(deps, ask);
  return { record, one: channelOf(record, channel) };
}

/** The address that a form of this file is about, and what was chosen and typed in it. */
async function targetSent(deps: Deps, ask: Ask): Promise<Target> {
  return targetOf(deps, ask, textOf(ask.request, 'channel', 20));
}

function draftOf(ask: Ask): Omit<Draft, 'faults'> {
  return { chosen: textOf(ask.request, 'unit', 20), reasons: reasonsOf(ask) };
}

function showOptOut(deps: Deps, ask: Ask, response: Response, target: Target, draft: Draft): void {
  sendAct(deps, response, optOutPage(ask, target, draft));
}

async function showLifting(deps: Deps, ask: Ask, response: Response, target: Target, draft: Draft) {
  sendAct(deps, response, liftingPage(ask, target, draft, await doersOf(deps, target.record)));
}

async function optOut(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const target = await targetSent(deps, ask);
  const { chosen, reasons } = draftOf(ask);
  const again = (newer: Target, faults: FieldFault[]) =>
    showOptOut(deps, ask, response, newer, { chosen, reasons, faults });
  if (chosen === '') return again(target, [{ text: 'Choose what to opt out of.', href: '#unit' }]);
  const unitId = chosenUnit(target, chosen);
  const unexplained = explanationFaults(reasons.explanation);
  if (unexplained.length > 0) return again(target, unexplained);
  const shown = {
    shown: textOf(ask.request, 'shown', mostShown),
    types: ofUnit(target, unitId),
    wished: 'UNSUBSCRIBED',
  } as const;
  const wishes: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId }];
  const done = await act(deps, ask, target, { wishes, reasons, shown });
  if (done.kind === 'MOVED') return again(done, [movedFault(done.moved)]);
  const refusal = refusalOf(done.result);
  if (refusal) return again(target, [{ text: whyNot(refusal, []), href: '#unit' }]);
  const path = adminPaths.contact(target.record.id);
  if (done.result.events.length > 0)
    await noteAct(deps, ask, target.record, 'OVERRIDE_MADE', { unitId, detail: 'OPT_OUT_OF_ALL' });
  response.redirect(
    303,
    saying(ask, path, done.result.events.length > 0 ? optOutSaying('stopped', unitId) : 'unchanged'),
  );
}

async function lift(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const target = await targetSent(deps, ask);
  const { chosen, reasons } = draftOf(ask);
  const again = (newer: Target, faults: FieldFault[]) =>
    showLifting(deps, ask, response, newer, { chosen, reasons, faults });
  const unitId = chosenUnit(target, chosen);
  const optOuts = setOf(target, unitId);
  const unexplained = explanationFaults(reasons.explanation);
  if (unexplained.length > 0) return again(target, unexplained);
  if (optOuts && textOf(ask.request, 'shown', 1000) !== setMark(optOuts))
    return again(target, [
      {
        text: 'The opt-out changed while this page was open, so nothing was done. Check it as it is now.',
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
  const refusal = refusalOf(done.result);
  if (refusal) return again(target, [{ text: whyNot(refusal, optOuts ?? []), href: '#explanation' }]);
  const { events, subscriber } = done.result;
  const isDone = events.length > 0;
  if (isDone)
    await noteAct(deps, ask, target.record, 'OVERRIDE_MADE', { unitId, detail: 'LIFT_OPT_OUT_OF_ALL' });
  // The record says by whom the others are.
  const said = optOutSaying(setOfAll(subscriber, unitId) ? 'lifted-staffs' : 'lifted', unitId);
  response.redirect(303, saying(ask, adminPaths.contact(target.record.id), isDone ? said : 'unchanged'));
}

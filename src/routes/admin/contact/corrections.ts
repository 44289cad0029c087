/** Puts right what a machine opted a contact out of, from the record: which of it, and why the contact's word is believed. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { actorWithin } from '../../../domain/consent/actors.js';
import {
  machineOptOutKey,
  undoMachineOptOut,
  type MachineOptOut,
} from '../../../domain/consent/machine-opt-outs.js';
import type { Wish } from '../../../vocabulary/terms.js';
import type { Deps } from '../../../deps.js';
import type { ActionLink } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, textsOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { dayOf } from '../../../vocabulary/words.js';
import { act, legalBasisOf, noReasons, noteAct, reasonsOf, type Reasons } from './act.js';
import {
  actPage,
  basisField,
  basisMissing,
  choiceMissing,
  explanationField,
  explanationFaults,
  sendAct,
} from './act-page.js';
import { alsoOut } from './event-words.js';
import { correctable, offersOf, whyNot } from './offered.js';
import { actOf, channelOf, openForAct, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { whatOf } from './record-page.js';

interface Target {
  record: OpenedRecord;
  one: ChannelRecord;
}

interface Draft {
  ticked: readonly string[];
  reasons: Reasons;
  faults: FieldFault[];
}

export function correctionRoutes(deps: Deps): StaffRoute[] {
  const rule = { path: adminPatterns.corrections, may: 'overrides.make', about: 'contact' } as const;
  return [
    {
      ...rule,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAct(deps, ask);
        const one = channelOf(record, queryOf(ask.request, 'channel') ?? '');
        const ticked = correctable(record, one).map(machineOptOutKey);
        show(deps, ask, response, { record, one }, { ticked, reasons: noReasons, faults: [] });
      },
    },
    {
      ...rule,
      method: 'POST',
      handle: (ask, response) => correct(deps, ask, response),
      showAgain: async (ask, response) =>
        show(deps, ask, response, await targetSent(deps, ask), { ...draftOf(ask), faults: [] }),
    },
  ];
}

/** True where correcting one of these needs a legal basis. */
function needsBasis({ record, one }: Target, made: readonly MachineOptOut[]): boolean {
  return offersOf(record, one, made.map(undoMachineOptOut)).some((offer) => offer.needs('legalBasis'));
}

async function targetSent(deps: Deps, ask: Ask): Promise<Target> {
  const record = await openForAct(deps, ask);
  return { record, one: channelOf(record, textOf(ask.request, 'channel', 20)) };
}

function draftOf(ask: Ask): Omit<Draft, 'faults'> {
  return { ticked: textsOf(ask.request, 'picks', 500), reasons: reasonsOf(ask) };
}

async function correct(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const target = await targetSent(deps, ask);
  const { record } = target;
  const { ticked, reasons } = draftOf(ask);
  const again = (newer: Target, faults: FieldFault[]) =>
    show(deps, ask, response, newer, { ticked, reasons, faults });
  const chosen = correctable(target.record, target.one).filter((of) => ticked.includes(machineOptOutKey(of)));
  const faults = [
    ...(ticked.length === 0 ? [choiceMissing] : []),
    ...(needsBasis(target, chosen) && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
    ...explanationFaults(reasons.explanation),
  ];
  if (faults.length > 0) return again(target, faults);
  const wishes = chosen.map(undoMachineOptOut);
  const done = await act(deps, ask, target, { wishes, reasons });
  if (done.kind === 'MOVED') return again(done, []);
  const refused = done.result.outcomes.flatMap((outcome) =>
    outcome.result === 'REFUSED' ? [{ text: whyNot(outcome.code, []), href: '#types' }] : [],
  );
  const isDone = done.result.events.length > 0;
  if (isDone) await noteAct(deps, ask, record, 'OVERRIDE_MADE', { detail: 'UNDO_MACHINE_OPT_OUT' });
  if (refused.length > 0) {
    const now = await openForAct(deps, ask);
    return again({ record: now, one: channelOf(now, target.one.channel) }, refused);
  }
  response.redirect(303, saying(ask, adminPaths.contact(record.id), isDone ? 'corrected' : 'unchanged'));
}

/** Where the contact says that they do want out: to an opt-out by staff, which remains when the automated one is removed. */
function leavingLinks({ record, one }: Target, of: MachineOptOut): ActionLink[] {
  const { unitId, typeId } = of;
  const wish: Wish = typeId === null ? { kind: 'OPT_OUT_OF_ALL', unitId } : { kind: 'OPT_OUT', typeId };
  if (!offersOf(record, one, [wish])[0]?.isOffered) return [];
  const { id } = record;
  const { channel } = one;
  return [
    {
      href:
        typeId === null
          ? adminPaths.optOuts(id, { channel })
          : adminPaths.overrides(id, { channel, type: typeId, to: 'UNSUBSCRIBED' }),
      label: `They do want out of ${whatOf(of, record)}`,
    },
  ];
}

function show(
  deps: Deps,
  ask: Ask,
  response: Response,
  target: Target,
  { ticked, reasons, faults }: Draft,
): void {
  const { record, one } = target;
  const made = correctable(target.record, target.one);
  const page = actPage(ask, record, {
    title: 'Put right',
    heading: 'Put right what a machine did?',
    sentences:
      made.length === 0
        ? ['There is no automated opt-out left that you may correct.']
        : [
            'A mail filter may have followed the link in a mail. Put it right if the contact says that they did not opt out. What was chosen before then counts again.',
          ],
    faults,
    links: made.flatMap((of) => leavingLinks(target, of)),
    ...(made.length > 0
      ? {
          form: {
            action: adminPaths.corrections(record.id),
            hidden: [{ name: 'channel', value: one.channel }],
            fields: [
              {
                kind: 'ticks' as const,
                id: 'types',
                name: 'picks',
                label: 'Opted out of',
                isInvalid: faults.some(({ href }) => href === '#types'),
                choices: made.map((of) => ({
                  id: `pick-${machineOptOutKey(of)}`,
                  value: machineOptOutKey(of),
                  label: whatOf(of, record),
                  hint: [
                    `By ${actorWithin(actOf(one, of.standing).actor)}, on ${dayOf(of.standing.at, ask.zone)}`,
                    ...alsoOut(of.optOuts),
                  ].join(', '),
                  isSelected: ticked.includes(machineOptOutKey(of)),
                })),
              },
              basisField(reasons.legalBasis, faults, {
                isRequired: needsBasis(
                  target,
                  made.filter((of) => ticked.includes(machineOptOutKey(of))),
                ),
              }),
              explanationField(reasons.explanation, faults, 'How and when did the contact say so?'),
            ],
            button: 'Put right',
            isStop: false,
          },
        }
      : {}),
  });
  sendAct(deps, response, page);
}

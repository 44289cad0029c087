/** Puts right what a machine opted a contact out of, from the record: which of it, and why the contact's word is believed. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { actorWithin } from '../../../domain/consent/actors.js';
import {
  machineOptOutKey,
  machineOptOutsOf,
  undoMachineOptOut,
} from '../../../domain/consent/machine-opt-outs.js';
import type { MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import { mayStaffAdd } from '../../../domain/consent/opt-out-sets.js';
import type { Deps } from '../../../deps.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { ActionLink } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, textsOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { dayOf, refusalWords } from '../../../vocabulary/words.js';
import { act, legalBasisOf, noReasons, noteAct, reasonsOf } from './act.js';
import type { Reasons } from './act.js';
import {
  actPage,
  basisField,
  basisMissing,
  choiceMissing,
  explanationField,
  explanationMissing,
  sendAct,
} from './act-page.js';
import { alsoOut } from './event-words.js';
import { actOf, channelOf, openRecord } from './open-record.js';
import type { ChannelRecord, OpenedRecord } from './open-record.js';
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
        const record = await openRecord(deps, ask);
        const one = channelOf(record, queryOf(ask.request, 'channel') ?? '');
        const ticked = machineMade(ask, { record, one }).map(machineOptOutKey);
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

/** Those that this user may change. */
function machineMade({ scope }: Ask, { record, one }: Target): MachineOptOut[] {
  return machineOptOutsOf(one.subscriber, record.catalogue).filter(({ unitId }) => isInScope(scope, unitId));
}

async function targetSent(deps: Deps, ask: Ask): Promise<Target> {
  const record = await openRecord(deps, ask);
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
  const faults = [
    ...(ticked.length === 0 ? [choiceMissing] : []),
    ...(record.catalogue.isPrivacyMode && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
    ...(reasons.explanation ? [] : [explanationMissing]),
  ];
  if (faults.length > 0) return again(target, faults);
  const chosen = machineMade(ask, target).filter((of) => ticked.includes(machineOptOutKey(of)));
  const wishes = chosen.map(undoMachineOptOut);
  const done = await act(deps, ask, target, { wishes, reasons });
  if (done.kind === 'MOVED') return again(done, []);
  const refused = done.result.outcomes.flatMap((outcome) =>
    outcome.result === 'REFUSED' ? [{ text: refusalWords[outcome.code], href: '#types' }] : [],
  );
  const isDone = done.result.events.length > 0;
  if (isDone) await noteAct(deps, ask, record, 'OVERRIDE_MADE', { detail: 'UNDO_MACHINE_OPT_OUT' });
  if (refused.length > 0) {
    const now = await openRecord(deps, ask);
    return again({ record: now, one: channelOf(now, target.one.channel) }, refused);
  }
  response.redirect(303, saying(ask, adminPaths.contact(record.id), isDone ? 'corrected' : 'unchanged'));
}

/** Where the contact says that they do want out: to an opt-out by staff, which remains when the automated one is removed. */
function leavingLinks({ record, one: { channel } }: Target, of: MachineOptOut): ActionLink[] {
  if (!mayStaffAdd(of.optOuts)) return [];
  const { id } = record;
  return [
    {
      href:
        of.typeId === null
          ? adminPaths.optOuts(id, { channel })
          : adminPaths.overrides(id, { channel, type: of.typeId, to: 'UNSUBSCRIBED' }),
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
  const made = machineMade(ask, target);
  const page = actPage(ask, record, {
    title: 'Put right',
    heading: 'Put right what a machine did?',
    sentences:
      made.length === 0
        ? ['Nothing stands any more that a machine seems to have done, as far as you may change it.']
        : [
            'A mail filter may have followed the link in a mail. Put it right where the contact says that they did not opt out; what stood before then stands again.',
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
              basisField(reasons.legalBasis, faults, { isRequired: record.catalogue.isPrivacyMode }),
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

/** Corrects automated opt-outs of a contact, from the record: which of them, and why the contact is believed. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { actorWithin } from '../../../domain/consent/actors.js';
import { machineOptOutKey, undoMachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { Wish } from '../../../vocabulary/terms.js';
import { dayOf } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { linesOf, type Texts } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import type { Ask, StaffRoute } from '../route.js';
import { act, noteAct, type Reasons } from './act.js';
import { actRoutes, basisField, basisSchema, explanationField, explanationSchema } from './act-page.js';
import { openTarget, overriding, type ActPage, type Target } from './act-page.js';
import { alsoOut } from './event-words.js';
import { correctable, offersOf, whyNot } from './offered.js';
import { actOf } from './open-record.js';
import { whatOf } from './record-page.js';

interface Correction extends Target {
  /** Automated opt-outs that the user may correct. */
  made: readonly MachineOptOut[];
}

const correctionForm = declareForm<Correction, Reasons & { picks: string[] }>({
  ...overriding,
  pattern: adminPatterns.corrections,
  groups: (correction, texts) => [
    {
      fields: [
        {
          kind: 'ticks',
          name: 'picks',
          label: 'Opted out of',
          options: correction.made.map((of) => optionOf(correction, of)),
        },
        basisField(needsBasis(correction, texts)),
        explanationField('How and when did the contact say so?'),
      ],
    },
  ],
  texts: ({ made }) => ({ picks: made.map(machineOptOutKey).join('\n') }),
  hidden: ({ one }) => [{ name: 'channel', value: one.channel }],
  button: 'Put right',
  schema: ({ subject, texts }) =>
    z.object({
      picks: z.array(z.string()).min(1, 'Choose at least one.'),
      legalBasis: basisSchema(needsBasis(subject, texts)),
      explanation: explanationSchema,
    }),
  save: async ({ deps, ask, subject, values: { picks, ...reasons } }) => {
    const { record } = subject;
    const wishes = pickedOf(subject, picks).map(undoMachineOptOut);
    const done = await act(deps, ask, subject, { wishes, reasons });
    const { events, outcomes } = done.kind === 'DONE' ? done.result : { events: [], outcomes: [] };
    if (events.length > 0)
      await noteAct(deps, ask, record, 'OVERRIDE_MADE', { detail: 'UNDO_MACHINE_OPT_OUT' });
    const faults = outcomes.flatMap((outcome) =>
      outcome.result === 'REFUSED' ? [{ text: whyNot(outcome.code, []), href: '#picks' }] : [],
    );
    if (faults.length > 0) return { faults };
    return { to: adminPaths.contact(record.id), said: events.length > 0 ? 'corrected' : 'unchanged' };
  },
});

export function correctionRoutes(deps: Deps): StaffRoute[] {
  const load = async (_deps: Deps, ask: Ask): Promise<Correction> => {
    const target = await openTarget(deps, ask);
    return { ...target, made: correctable(target.record, target.one) };
  };
  return actRoutes(deps, correctionForm, { load, show: pageOf });
}

function pageOf(correction: Correction): ActPage {
  const { made } = correction;
  return {
    title: 'Put right',
    heading: 'Put right what a machine did?',
    isOffered: made.length > 0,
    sentences: [
      made.length > 0
        ? 'A mail filter may have followed the link in a mail. Put it right if the contact says that they did not opt out. What was chosen before then counts again.'
        : 'There is no automated opt-out left that you may correct.',
    ],
    ways: made.flatMap((of) => leavingWays(correction, of)),
  };
}

function pickedOf({ made }: Correction, picks: readonly string[]): MachineOptOut[] {
  return made.filter((of) => picks.includes(machineOptOutKey(of)));
}

/** True if correcting one of the ticked opt-outs needs a legal basis. */
function needsBasis(correction: Correction, texts: Texts): boolean {
  const picked = pickedOf(correction, linesOf(texts['picks'] ?? ''));
  const offers = offersOf(correction.record, correction.one, picked.map(undoMachineOptOut));
  return offers.some((offer) => offer.needs('legalBasis'));
}

function optionOf({ record, one }: Correction, of: MachineOptOut) {
  const { actor } = actOf(one, of.standing);
  const on = dayOf(of.standing.at, record.catalogue.timeZone);
  return {
    value: machineOptOutKey(of),
    label: whatOf(of, record),
    hint: [`By ${actorWithin(actor)}, on ${on}`, ...alsoOut(of.optOuts)].join(', '),
  };
}

/** For a contact that does want to be opted out: leads to an opt-out by staff, which remains when the automated one is removed. */
function leavingWays({ record, one }: Correction, of: MachineOptOut): NonNullable<Panel['ways']> {
  const { unitId, typeId } = of;
  const { channel } = one;
  const wish: Wish = typeId === null ? { kind: 'OPT_OUT_OF_ALL', unitId } : { kind: 'OPT_OUT', typeId };
  if (!offersOf(record, one, [wish])[0]?.isOffered) return [];
  const href =
    typeId === null
      ? adminPaths.optOuts(record.id, { channel })
      : adminPaths.overrides(record.id, { channel, type: typeId, to: 'UNSUBSCRIBED' });
  return [{ href, label: `They do want out of ${whatOf(of, record)}` }];
}

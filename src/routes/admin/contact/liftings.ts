/** Removing the opt-out of all that staff set: which types resume, and which do not. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { refusalOf } from '../../../domain/consent/change.js';
import { effectiveStatus, isShownOn } from '../../../domain/consent/effective.js';
import type { Offer } from '../../../domain/consent/offers.js';
import { setOfAll } from '../../../domain/consent/rule-changes.js';
import type { ConsentState, OptOutSet } from '../../../vocabulary/terms.js';
import { listOf } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { sentOf, textOf } from '../form.js';
import { declareForm } from '../kit/form.js';
import type { Ask, StaffRoute } from '../route.js';
import { act, movedFault, noteAct } from './act.js';
import { actRoutes, explanationField, explanationSchema, openTarget, overriding } from './act-page.js';
import type { ActPage, Target } from './act-page.js';
import { channelMatter } from './event-words.js';
import { offersOf, whyNot } from './offered.js';
import { optOutsOfAll, typesOf } from './open-record.js';
import { chosenUnit } from './opt-outs.js';
import { saidByAll, whatOf } from './record-page.js';
import { optOutSaying } from './sayings.js';
import { setMark, shownStates } from './shown-states.js';
import { present } from '../present.js';

interface Lifting extends Target {
  /** Null for everything. */
  unitId: number | null;
  optOuts?: OptOutSet;
  offer?: Offer;
}

const liftingForm = declareForm<Lifting, { explanation: string }>({
  ...overriding,
  pattern: adminPatterns.liftings,
  groups: () => [{ fields: [explanationField()] }],
  hidden: ({ one, unitId, optOuts }) => [
    { name: 'channel', value: one.channel },
    { name: 'unit', value: String(unitId ?? 'all') },
    { name: 'shown', value: setMark(optOuts) },
  ],
  button: 'Remove opt out',
  schema: () => z.object({ explanation: explanationSchema }),
  save: async ({ deps, ask, subject, values: { explanation } }) => {
    const { record, one, unitId, optOuts } = subject;
    const href = '#explanation';
    if (optOuts && textOf(ask.request, 'shown', 1000) !== setMark(optOuts)) {
      const text =
        'The opt-out changed while this page was open, so nothing was done. Check it as it is now.';
      return { faults: [{ text, href }] };
    }
    const types = typesOf(record, one, unitId);
    const done = await act(deps, ask, subject, {
      wishes: [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }],
      reasons: { legalBasis: null, explanation },
      shown: { shown: shownStates(one.subscriber, types), types, wished: 'NOT_SPECIFIED' },
    });
    if (done.kind === 'MOVED') return { faults: [movedFault(done.moved, href)] };
    const refusal = refusalOf(done.result);
    if (refusal) return { faults: [{ text: whyNot(refusal, optOuts ?? []), href }] };
    const { events, subscriber } = done.result;
    const to = adminPaths.contact(record.id);
    if (events.length === 0) return { to, said: 'unchanged' };
    await noteAct(deps, ask, record, 'OVERRIDE_MADE', { unitId, detail: 'LIFT_OPT_OUT_OF_ALL' });
    return { to, said: optOutSaying(setOfAll(subscriber, unitId) ? 'lifted-staffs' : 'lifted', unitId) };
  },
});

export function liftingRoutes(deps: Deps): StaffRoute[] {
  return actRoutes(deps, liftingForm, { load: openLifting, show: pageOf });
}

/** @throws DomainError `NOT_FOUND` also for a unit that the user does not reach */
async function openLifting(deps: Deps, ask: Ask): Promise<Lifting> {
  const target = await openTarget(deps, ask);
  const { record, one } = target;
  const unitId = chosenUnit(target, sentOf(ask.request, 'unit'));
  const optOuts = optOutsOfAll(record, one).find((of) => of.unitId === unitId)?.optOuts;
  const [offer] = offersOf(record, one, [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }]);
  return { ...target, unitId, ...(optOuts ? { optOuts } : {}), ...(offer ? { offer } : {}) };
}

function pageOf(lifting: Lifting): ActPage {
  const { record, one, unitId, optOuts, offer, doerOf } = lifting;
  const what = whatOf({ unitId, typeId: null }, record);
  const title = `Remove opt out from all ${one.channel === 'EMAIL' ? 'email' : channelMatter[one.channel]}`;
  const state = optOuts
    ? `Opted out of ${what}. ${saidByAll(record, one, optOuts, doerOf)}`
    : `There is no opt-out of ${what} any more.`;
  return {
    title,
    heading: `${title}?`,
    points: [
      { tone: 'plain', text: state },
      ...(optOuts && offer?.refusal ? [{ tone: 'stop' as const, text: whyNot(offer.refusal, optOuts) }] : []),
      ...(offer?.isOffered ? resumedBy(lifting, offer.after()) : []),
    ],
    isOffered: optOuts !== undefined && offer?.isOffered === true,
  };
}

/** The types that resume, the types that stay opted out, and whether the opt-out of all remains. */
function resumedBy({ record, one, unitId }: Lifting, after: ConsentState): NonNullable<Panel['points']> {
  const out = typesOf(record, one, unitId).filter(
    (type) => type.isActive && effectiveStatus(one.subscriber, type).status === 'UNSUBSCRIBED',
  );
  const namesOf = (resumes: boolean) =>
    out.filter((type) => isShownOn(after, type, record.catalogue) === resumes).map(({ name }) => name);
  const [resumed, others] = [namesOf(true), namesOf(false)];
  return present([
    resumed.length > 0
      ? { tone: 'warn', text: `These types resume: ${listOf(resumed)}.` }
      : { tone: 'plain', text: 'No type resumes.' },
    others.length > 0 && { tone: 'plain' as const, text: `These types do not resume: ${listOf(others)}.` },
    setOfAll(after, unitId) && {
      tone: 'warn' as const,
      text: 'Only the opt-out by staff is removed. The others remain, and so does the opt-out of all.',
    },
  ]);
}

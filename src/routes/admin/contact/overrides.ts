/** Single overrides: Subscribe, Resubscribe, Unsubscribe and back to not specified, each on a page that first says what is in effect. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import {
  subscriptionStatuses,
  type SubscriptionStatus,
  type SubscriptionType,
} from '../../../vocabulary/terms.js';
import { optOutsOver } from '../../../domain/consent/effective.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import { queryOf, textOf, textsOf, wholeOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { listOf } from '../../../vocabulary/words.js';
import { act, legalBasisOf, noReasons, noteAct, reasonsOf, type Reasons } from './act.js';
import { actPage, basisMissing, choiceMissing, explanationFaults, sendAct } from './act-page.js';
import { giveProcessingBasis } from './processing-basis.js';
import { channelOf, openForAct, doersOf, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { whyNot, wishFor } from './offered.js';
import { overrideParts, withOffers } from './override-page.js';
import { overrideSaying } from './sayings.js';
import { mostShown } from './shown-states.js';

/** What is asked for: the address, what it shall become, and the types. */
interface Override {
  record: OpenedRecord;
  one: ChannelRecord;
  /** The type whose button was pressed; its unit's other types are offered with it. */
  type: SubscriptionType;
  to: SubscriptionStatus;
}

interface Draft {
  ticked: readonly number[];
  reasons: Reasons;
  faults: FieldFault[];
}

export function overrideRoutes(deps: Deps): StaffRoute[] {
  const rule = { path: adminPatterns.overrides, may: 'overrides.make', about: 'contact' } as const;
  return [
    {
      ...rule,
      method: 'GET',
      handle: async (ask, response) => {
        const override = await overrideOf(deps, ask, (name) => queryOf(ask.request, name) ?? '');
        await show(deps, ask, response, override, {
          ticked: [override.type.id],
          reasons: noReasons,
          faults: [],
        });
      },
    },
    {
      ...rule,
      method: 'POST',
      handle: async (ask, response) => {
        const override = await overrideOf(deps, ask, (name) => textOf(ask.request, name, 20));
        await perform(deps, ask, response, override);
      },
      showAgain: async (ask, response) => {
        const override = await overrideOf(deps, ask, (name) => textOf(ask.request, name, 20));
        await show(deps, ask, response, override, { ...draftOf(ask), faults: [] });
      },
    },
  ];
}

/** @throws DomainError `NOT_FOUND` where contact, address or type is not there, or not for this user */
async function overrideOf(deps: Deps, ask: Ask, field: (name: string) => string): Promise<Override> {
  const record = await openForAct(deps, ask);
  const one = channelOf(record, field('channel'));
  const type = record.catalogue.types.get(wholeOf(field('type')) ?? -1);
  const to = subscriptionStatuses.find((status) => status === field('to'));
  if (!type || !to || type.channel !== one.channel) throw new DomainError('NOT_FOUND');
  return { record, one, type, to };
}

function draftOf(ask: Ask): Omit<Draft, 'faults'> {
  const ticked = textsOf(ask.request, 'types', 500).map((text) => wholeOf(text) ?? -1);
  return { ticked, reasons: reasonsOf(ask) };
}

async function perform(deps: Deps, ask: Ask, response: Response, override: Override): Promise<void> {
  const { record, one, type, to } = override;
  const { ticked, reasons } = draftOf(ask);
  const types = record.catalogue.orderedTypes.filter(
    ({ id, unitId, channel }) => ticked.includes(id) && unitId === type.unitId && channel === type.channel,
  );
  const needsBasis = withOffers(override, types).some(({ offer }) => offer.needs('legalBasis'));
  const faults = [
    ...(types.length === 0 ? [choiceMissing] : []),
    ...(needsBasis && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
    ...explanationFaults(reasons.explanation),
  ];
  const again = (newer: Pick<Override, 'record' | 'one'>, more: FieldFault[]) =>
    show(deps, ask, response, { ...override, ...newer }, { ticked, reasons, faults: more });
  if (faults.length > 0) return again({ record, one }, faults);
  const shown = { shown: textOf(ask.request, 'shown', mostShown), types, wished: to };
  const wishes = types.map((one) => wishFor(to, one));
  const done = await act(deps, ask, { record, one }, { wishes, reasons, shown });
  if (done.kind === 'MOVED') return again(done, [movedFault(done.moved)]);
  const refused = done.result.outcomes.flatMap((outcome) => {
    if (outcome.result !== 'REFUSED' || !('typeId' in outcome.wish)) return [];
    const refusedType = record.catalogue.types.get(outcome.wish.typeId);
    if (!refusedType) return [];
    const why = whyNot(outcome.code, optOutsOver(done.result.before, refusedType));
    return [{ text: `${refusedType.name}: ${why}`, href: `#type-${refusedType.id}` }];
  });
  if (done.result.events.length > 0) {
    await noteAct(deps, ask, record, 'OVERRIDE_MADE', { unitId: type.unitId, detail: to });
    if (to === 'SUBSCRIBED') await giveProcessingBasis(deps, ask, record, reasons.processingBasis);
  }
  if (refused.length > 0) {
    const now = await openForAct(deps, ask);
    return again({ record: now, one: channelOf(now, one.channel) }, refused);
  }
  const changed = types.filter((_, place) => done.result.outcomes[place]?.result === 'CHANGED');
  const said =
    changed.length === 0
      ? 'unchanged'
      : overrideSaying(
          to,
          changed.map(({ id }) => id),
        );
  response.redirect(303, saying(ask, adminPaths.contact(record.id), said));
}

/** Says that a form was open for too long. */
export function movedFault(moved: readonly SubscriptionType[]): FieldFault {
  const names = listOf(moved.map(({ name }) => name));
  return {
    text: `${names} changed while this page was open, so nothing was done. Check it as it is now, and send it again if it is still right.`,
    href: '#types',
  };
}

async function show(
  deps: Deps,
  ask: Ask,
  response: Response,
  { record, one, type, to }: Override,
  draft: Draft,
): Promise<void> {
  const doerOf = await doersOf(deps, record);
  const page = actPage(ask, record, {
    ...overrideParts({ record, one, type, to, doerOf }, draft),
    faults: draft.faults,
  });
  sendAct(deps, response, page);
}

/** Single overrides: Subscribe, Resubscribe, Unsubscribe and back to not specified. Each has a page that first says what is in effect. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { optOutsOver } from '../../../domain/consent/effective.js';
import { formOfContact } from '../../../domain/contacts/contact-form.js';
import { editContact } from '../../../domain/contacts/save.js';
import { DomainError } from '../../../errors.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { subscriptionStatuses, type LegalBasis, type SubscriptionType } from '../../../vocabulary/terms.js';
import { sentOf, textOf, wholeOf } from '../form.js';
import { linesOf } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import type { Ask, StaffRoute } from '../route.js';
import { act, movedFault, noteAct, type Reasons } from './act.js';
import { actRoutes, basisSchema, explanationSchema, openTarget, overriding } from './act-page.js';
import { whyNot, wishFor } from './offered.js';
import { typesOf, type OpenedRecord } from './open-record.js';
import { fieldsOf, overridePage, verbFor, withOffers, type Override } from './override-page.js';
import { overrideSaying } from './sayings.js';
import { mostShown, shownStates } from './shown-states.js';

const overrideForm = declareForm<
  Override,
  Reasons & { types: SubscriptionType[]; processingBasis: LegalBasis | null }
>({
  ...overriding,
  pattern: adminPatterns.overrides,
  groups: (override, texts) => [{ fields: fieldsOf(override, typesIn(override, texts['types'])) }],
  texts: ({ type }) => ({ types: String(type.id) }),
  hidden: ({ one, type, to, offered }) => [
    { name: 'channel', value: one.channel },
    { name: 'type', value: String(type.id) },
    { name: 'to', value: to },
    {
      name: 'shown',
      value: shownStates(
        one.subscriber,
        offered.map((of) => of.type),
      ),
    },
  ],
  button: 'Subscribe',
  more: (override) => ({ button: verbFor(override) }),
  schema: ({ subject: override, texts }) =>
    z.object({
      types: z
        .array(z.string())
        .transform((ids) => typesIn(override, ids.join('\n')))
        .refine((types) => types.length > 0, 'Choose at least one.'),
      legalBasis: basisSchema(
        withOffers(override, typesIn(override, texts['types'])).some(({ offer }) =>
          offer.needs('legalBasis'),
        ),
      ),
      explanation: explanationSchema,
      processingBasis: basisSchema(false),
    }),
  save: async ({ deps, ask, subject: override, values: { types, processingBasis, ...reasons } }) => {
    const { record, type, to } = override;
    const done = await act(deps, ask, override, {
      wishes: types.map((one) => wishFor(to, one)),
      reasons,
      shown: { shown: textOf(ask.request, 'shown', mostShown), types, wished: to },
    });
    if (done.kind === 'MOVED') return { faults: [movedFault(done.moved, '#types')] };
    const { events, before, outcomes } = done.result;
    if (events.length > 0) {
      await noteAct(deps, ask, record, 'OVERRIDE_MADE', { unitId: type.unitId, detail: to });
      if (to === 'SUBSCRIBED') await giveProcessingBasis(deps, ask, record, processingBasis);
    }
    const faults = outcomes.flatMap((outcome, place) => {
      const refused = types[place];
      if (outcome.result !== 'REFUSED' || !refused) return [];
      return [
        { text: `${refused.name}: ${whyNot(outcome.code, optOutsOver(before, refused))}`, href: '#types' },
      ];
    });
    if (faults.length > 0) return { faults };
    const changed = types.filter((_, place) => outcomes[place]?.result === 'CHANGED').map(({ id }) => id);
    return {
      to: adminPaths.contact(record.id),
      said: changed.length === 0 ? 'unchanged' : overrideSaying(to, changed),
    };
  },
});

export function overrideRoutes(deps: Deps): StaffRoute[] {
  return actRoutes(deps, overrideForm, { load: openOverride, show: overridePage });
}

/** @throws DomainError `NOT_FOUND` if contact, address or type does not exist for this user */
async function openOverride(deps: Deps, ask: Ask): Promise<Override> {
  const target = await openTarget(deps, ask);
  const { record, one } = target;
  const type = record.catalogue.types.get(wholeOf(sentOf(ask.request, 'type')) ?? -1);
  const to = subscriptionStatuses.find((status) => status === sentOf(ask.request, 'to'));
  if (!type || !to || type.channel !== one.channel) throw new DomainError('NOT_FOUND');
  const ofUnit = withOffers({ ...target, to }, typesOf(record, one, type.unitId));
  return { ...target, type, to, offered: ofUnit.filter(({ offer }) => offer.isOffered) };
}

/** The ticked types, as far as they are of the same unit and channel. @param text their ids, one per line */
function typesIn({ record, type: { unitId, channel } }: Override, text = ''): SubscriptionType[] {
  const ids = linesOf(text);
  return record.catalogue.orderedTypes.filter(
    (type) => ids.includes(String(type.id)) && type.unitId === unitId && type.channel === channel,
  );
}

/** Stores the legal basis for processing of a contact that has none. If another user edited the contact meanwhile, it can be given again. */
async function giveProcessingBasis(
  deps: Deps,
  ask: Ask,
  record: OpenedRecord,
  processingBasis: LegalBasis | null,
): Promise<void> {
  const { contact } = record;
  if (!contact || !processingBasis || contact.processingBasis) return;
  const unitIds = contact.unitIds.filter((id) => isInScope(ask.scope, id));
  const saved = await editContact(deps, {
    ...{ contactId: contact._id, scope: ask.scope, version: contact.version },
    form: { ...formOfContact(contact), processingBasis, unitIds },
  });
  if ('contact' in saved)
    await noteAct(deps, ask, record, 'CONTACT_CHANGED', { detail: 'legal basis for processing' });
}

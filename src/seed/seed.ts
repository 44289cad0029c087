/** Creates the demonstration world: the same small world each time, and nothing twice. */
import type { SubscriberIds } from '../domain/consent/address.js';
import { readAddress } from '../domain/consent/read-address.js';
import { createCatalogueSource } from '../domain/consent/catalogue.js';
import { changeConsent, refusalOf, type ConsentDeps } from '../domain/consent/change.js';
import type { Catalogue } from '../vocabulary/terms.js';
import type { ContactForm } from '../domain/contacts/contact-form.js';
import { refreshContacts } from '../domain/contacts/project.js';
import { saveContacts } from '../domain/contacts/save.js';
import type { ContactDeps } from '../domain/contacts/save-passes.js';
import { DomainError } from '../errors.js';
import type { Models } from '../models/index.js';
import { raiseCatalogueVersion } from '../models/setting.js';
import { findSubscriber, findSubscribers } from '../models/find-subscribers.js';
import { confirmLifetimeHours } from '../tokens/kinds.js';
import { wordingOf } from '../domain/wordings/wording.js';
import { actsOf, type Act } from './acts.js';
import { formOfPerson } from './contacts.js';
import { people, types, units, type Person } from './world.js';

export interface SeedDeps {
  models: Models;
  subscriberIds: SubscriberIds;
  clock: () => Date;
  /** Bob's opt-in is pending, so a confirmation is queued. */
  queueConfirmation: ConsentDeps['queueConfirmation'];
}

export interface Seeded {
  /** Each person with its subscriber id, and whether this run created its past. */
  people: { person: Person; subscriberId: string; isNew: boolean }[];
}

/**
 * Writes missing units, types and the privacy mode, and gives each person a contact, and its past through `changeConsent`. Existing data is not
 * changed, so a used world stays as it is.
 * @throws DomainError `NOT_PERMITTED` if the catalogue belongs to a real account; nothing is written then
 */
export async function seed(deps: SeedDeps): Promise<Seeded> {
  await refuseRealAccount(deps.models);
  await writeCatalogue(deps.models);
  const catalogue = await createCatalogueSource(deps.models).read();
  const given = { ...deps, catalogue: async () => catalogue };
  const wanted = people.map((person) => {
    const subscriberId = deps.subscriberIds('EMAIL', readAddress('EMAIL', person.address));
    return { person, subscriberId, acts: actsOf(person, deps.clock()) };
  });
  const found = await findSubscribers(
    deps.models.subscribers,
    wanted.map(({ subscriberId }) => subscriberId),
  );
  const isNew = ({ subscriberId }: Wanted) => (found.get(subscriberId)?.seq ?? 0) === 0;
  const fresh = wanted.filter(isNew);
  // The records before their past, so that an interrupted run is continued.
  const first = Math.min(...fresh.flatMap(({ acts }) => acts.map(({ at }) => at.getTime())));
  await makeContacts(
    { ...given, clock: () => new Date(first) },
    fresh.flatMap(({ person, subscriberId }) =>
      found.get(subscriberId)?.contactId ? [] : [formOfPerson(person)],
    ),
  );
  // Each person's acts in their order. Acts of several people at once are read and written together. If one fails, the others are completed.
  const pasts = await Promise.allSettled(
    fresh.map(async ({ person, subscriberId, acts }) => {
      for (const act of acts) await perform(given, subscriberIdOf(deps, act, person, subscriberId), act);
    }),
  );
  for (const past of pasts) if (past.status === 'rejected') throw past.reason;
  const made = await findSubscribers(
    deps.models.subscribers,
    fresh.map(({ subscriberId }) => subscriberId),
  );
  await refreshContacts(
    given,
    [...made.values()].flatMap(({ contactId }) => contactId ?? []),
  );
  return {
    people: wanted.map((one) => ({ person: one.person, subscriberId: one.subscriberId, isNew: isNew(one) })),
  };
}

interface Wanted {
  person: Person;
  subscriberId: string;
  acts: Act[];
}

type GivenDeps = SeedDeps & { catalogue: () => Promise<Catalogue> };

/**
 * A catalogue is the demonstration's as long as one of its units sends from an address of the demonstration. Those have the domain `.example`, which
 * no real sender has (RFC 2606). So a demonstration whose units were replaced counts as a real account.
 */
async function refuseRealAccount({ units: unitModel, types: typeModel }: Models): Promise<void> {
  const kept = await unitModel.find({}, { senderAddress: 1 }).lean();
  const isEmpty = kept.length === 0 && (await typeModel.countDocuments({}).limit(1)) === 0;
  const own = new Set(units.map(({ senderAddress }) => senderAddress));
  if (isEmpty || kept.some(({ senderAddress }) => own.has(senderAddress))) return;
  throw new DomainError(
    'NOT_PERMITTED',
    'This database has another catalogue, which the demonstration world would be mixed into: seed an empty database.',
  );
}

async function writeCatalogue({ units: unitModel, types: typeModel, settings }: Models): Promise<void> {
  // Inserted if missing, never overwritten.
  const ifMissing = <T extends { id: number }>({ id, ...rest }: T) => ({
    updateOne: { filter: { _id: id }, update: { $setOnInsert: rest }, upsert: true },
  });
  const account = { $setOnInsert: { value: { isPrivacyMode: true } } };
  const results = [
    await unitModel.bulkWrite(units.map(ifMissing)),
    await typeModel.bulkWrite(types.map(ifMissing)),
    await settings.updateOne({ _id: 'account' }, account, { upsert: true }),
  ];
  if (results.some(({ upsertedCount }) => upsertedCount > 0)) await raiseCatalogueVersion(settings);
}

/** Makes contacts of the demonstration. @throws DomainError `INVALID_FORM` if the account differs from the demonstration's */
export async function makeContacts(deps: ContactDeps, forms: readonly ContactForm[]): Promise<void> {
  const rows = forms.map((form) => ({ form }));
  const saved = await saveContacts(deps, rows, { scope: null, kind: 'IMPORT', ref: 'seed' });
  const faults = saved.flatMap((one) => ('faults' in one ? one.faults : []));
  if (faults.length > 0)
    throw new DomainError(
      'INVALID_FORM',
      `The demonstration world cannot be made: ${faults.map(({ message }) => message).join(' ')}`,
    );
}

function subscriberIdOf(deps: SeedDeps, { channel }: Act, person: Person, ofEmail: string): string {
  return channel ? deps.subscriberIds(channel, formOfPerson(person).phone) : ofEmail;
}

async function perform(deps: GivenDeps, subscriberId: string, act: Act): Promise<void> {
  const isOnPage = act.actor.kind === 'CONTACT';
  const page = isOnPage
    ? {
        locale: 'en',
        wording: wordingOf(await deps.catalogue(), 'EMAIL', 'en').hash,
        legalBasis: 'CONSENT_WITH_NOTICE' as const,
      }
    : {};
  const found = act.confirmsPending ? await findSubscriber(deps.models.subscribers, subscriberId) : null;
  const confirmations = (found?.pending ?? []).map(({ id }) => ({ kind: 'CONFIRM', pendingId: id }) as const);
  const result = await changeConsent(
    {
      models: deps.models,
      catalogue: deps.catalogue,
      clock: () => act.at,
      // Only mails for pending opt-ins are sent.
      queueConfirmation: (pending) =>
        isStillWaiting(act, deps.clock()) ? deps.queueConfirmation(pending) : Promise.resolve(),
    },
    {
      subscriberId,
      channel: act.channel ?? 'EMAIL',
      actor: act.actor,
      wishes: [...act.wishes, ...confirmations],
      circumstances: { ...page, ...act.circumstances },
    },
  );
  const refusal = refusalOf(result);
  if (refusal)
    throw new DomainError(refusal, 'The demonstration world cannot be made: the account differs from it.');
}

function isStillWaiting(act: Act, now: Date): boolean {
  return now.getTime() - act.at.getTime() < confirmLifetimeHours * 3_600_000;
}

/**
 * "My data": everything that is kept about a person (GDPR, articles 15 and 20), as one JSON object, event by event. The record, the contact's own
 * page, the command line and the API give the same.
 */
import type { Models } from '../../models/index.js';
import type { Catalogue, ConsentEvent, OptOut } from '../../vocabulary/terms.js';
import { effectiveStatus } from '../consent/effective.js';
import { newestEvents } from '../consent/newest-events.js';
import { maskAddress } from '../consent/shown-address.js';
import { readRecord, type ChannelRecord, type FoundRecord, type RecordDeps } from './record.js';

export interface MyDataWanted {
  /** The id of a contact, or a subscriber id. */
  id: string;
  /** For a link, which may have been forwarded: only its own address, masked, and its history, and nothing of the record that tells who it is (decision 0015). */
  link?: { subscriberId: string };
  /** Omits other events. */
  isShown?: (event: ConsentEvent) => boolean;
  /** Omits types, such as those that public pages never show. */
  hasType?: (typeId: number) => boolean;
}

interface MyDataDeps extends RecordDeps {
  models: RecordDeps['models'] & Pick<Models, 'mails'>;
}

/** @throws DomainError `NOT_FOUND` */
export async function* myData(deps: MyDataDeps, wanted: MyDataWanted): AsyncGenerator<string> {
  const found = await readRecord(deps, { scope: null, id: wanted.id });
  const catalogue = await deps.catalogue();
  const addresses = found.channels.filter(
    ({ subscriberId }) => !wanted.link || subscriberId === wanted.link.subscriberId,
  );
  const ids = addresses.map(({ subscriberId }) => subscriberId);
  const head = JSON.stringify(
    {
      writtenAt: deps.clock(),
      contact: contactOf(found, catalogue, wanted),
      addresses: addresses.map((one) => addressOf(one, catalogue, wanted)),
      mails: await mailsOf(deps, ids),
    },
    null,
    1,
  );
  yield `${head.slice(0, -2)},\n "history": [`;
  let comma = '';
  const isShown = wanted.isShown ? { isShown: wanted.isShown } : {};
  for await (const event of newestEvents(deps.models, { subscriberIds: ids, ...isShown })) {
    yield `${comma}\n  ${JSON.stringify(eventOf(event))}`;
    comma = ',';
  }
  yield '\n ]\n}\n';
}

function contactOf({ contact }: FoundRecord, { units }: Catalogue, { link }: MyDataWanted): object | null {
  if (!contact) return null;
  const { firstName, lastName, email, phone, locale, properties, processingBasis, unitIds } = contact;
  const marketing = {
    isMarketingContact: contact.isMarketing !== false,
    isMarketingContactUntilNextUpdate: Boolean(contact.leavesMarketingSince),
  };
  const dates = { createdAt: contact.createdAt, updatedAt: contact.updatedAt };
  if (link) return { language: locale, legalBasisForProcessing: processingBasis, ...dates };
  return {
    id: contact._id,
    firstName,
    lastName,
    email,
    phone,
    language: locale,
    properties,
    legalBasisForProcessing: processingBasis,
    businessUnits: unitIds.map((id) => ({ id, name: units.get(id)?.name ?? null })),
    source: contact.source,
    staticLists: contact.listIds ?? [],
    ...marketing,
    ...dates,
  };
}

function addressOf(
  { channel, address, subscriberId, subscriber }: ChannelRecord,
  { orderedTypes, units }: Catalogue,
  { link, hasType = () => true }: MyDataWanted,
): object {
  const { optOuts } = subscriber;
  const entry =
    (unitId: number | null, typeId: number | null) =>
    ({ party, at, by, legalBasis, explanation }: OptOut) => ({
      ...{ unitId, typeId, party, at, by },
      ...{ legalBasis: legalBasis ?? null, explanation: explanation ?? null },
    });
  return {
    subscriberId,
    channel,
    address: (link ? maskAddress(channel, address) : address) || null,
    language: subscriber.locale,
    subscriptions: orderedTypes
      .filter((type) => type.channel === channel && hasType(type.id))
      .map((type) => {
        const { status, level, standing } = effectiveStatus(subscriber, type);
        return {
          ...{
            unitId: type.unitId,
            unit: units.get(type.unitId)?.name ?? null,
            typeId: type.id,
            name: type.name,
          },
          ...{ status, decidedBy: level },
          ...(standing && { since: standing.at, by: standing.by, legalBasis: standing.legalBasis ?? null }),
          pausedUntil: subscriber.snoozes[type.id]?.until ?? null,
        };
      }),
    optOuts: [
      ...(optOuts.portal ?? []).map(entry(null, null)),
      ...Object.entries(optOuts.units).flatMap(([id, set]) => set.map(entry(Number(id), null))),
      ...Object.entries(optOuts.types).flatMap(([id, set]) =>
        hasType(Number(id)) ? set.map(entry(null, Number(id))) : [],
      ),
    ],
    cannotReceive: subscriber.undeliverable
      ? { reason: subscriber.undeliverable.reason, since: subscriber.undeliverable.at }
      : null,
    waitingForConfirmation: subscriber.pending.map(({ unitId, typeIds, at, expiresAt }) => ({
      ...{ unitId, typeIds, at, expiresAt },
    })),
    erasedAt: subscriber.erasedAt,
  };
}

/** Mails that the portal sent or will send; they are kept for 90 days. */
async function mailsOf({ models }: MyDataDeps, subscriberIds: readonly string[]): Promise<object[]> {
  const lists = await Promise.all(
    subscriberIds.map((subscriberId) => models.mails.find({ subscriberId }).sort({ at: 1 }).lean()),
  );
  return lists
    .flat()
    .map(({ kind, unitId, state, at, endedAt }) => ({ kind, unitId, state, queuedAt: at, endedAt }));
}

function eventOf(event: ConsentEvent): object {
  const { seq, at, channel, actor, change, legalBasis, locale, wording, campaign, isMachine, detail } = event;
  return {
    seq,
    at,
    channel,
    by: actor.kind,
    linkCopiedByStaff: actor.kind === 'CONTACT' && actor.by !== undefined,
    change,
    legalBasis: legalBasis ?? null,
    explanation: detail?.explanation ?? null,
    userAgent: detail?.userAgent ?? null,
    locale: locale ?? null,
    wording: wording ?? null,
    campaign: campaign ?? null,
    seemedAutomatic: isMachine ?? false,
  };
}

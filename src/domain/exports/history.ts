/** The history: all consent events, address by address, each address from its oldest event on. */
import mongoose from 'mongoose';
import { archivedEventKey } from '../../models/archived-event.js';
import type { ArchivedEvent } from '../../models/archived-event.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { Change, ConsentEvent } from '../../vocabulary/terms.js';
import { filterContext } from '../contacts/find.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { findActors, whoActed } from '../staff/names.js';
import type { DoerOf } from '../staff/names.js';
import { choicesSchema, factsOfChoices, faultOfChoices, isChosen, targetNames } from './choices.js';
import type { Choices } from './choices.js';
import type { Cell, Export } from './contract.js';
import { countSubscribers, isKnownWithin, subscriberBatches } from './subscriber-batches.js';

const columns = [
  'at',
  'address',
  'contactId',
  'channel',
  'businessUnit',
  'type',
  'change',
  'from',
  'to',
  'party',
  'actor',
  'legalBasis',
  'explanation',
  'consentedAt',
  'language',
  'campaign',
  'lookedLikeMachine',
  'wording',
  'subscriberId',
  'number',
];

const fields = ['address', 'contactId', 'subscriptions', 'optOuts', 'events', 'seq'] as const;
type Read = Pick<Subscriber, (typeof fields)[number] | '_id'>;

export const history: Export<Choices> = {
  name: 'HISTORY',
  title: 'History of consent',
  fileName: 'history',
  input: choicesSchema,
  columns: () => columns,
  total: (deps) => countSubscribers(deps.models),
  async *read(deps, { input, scope, place }) {
    const context = await filterContext(deps, scope);
    const { catalogue } = context;
    const isWanted = isChosen(input, context);
    for await (const batch of subscriberBatches(deps.models, { scope, after: place, fields })) {
      const found: { event: ConsentEvent; subscriber: Read }[] = [];
      for (const subscriber of batch.subscribers) {
        const isKnown = isKnownWithin(scope, subscriber, batch.owners, catalogue);
        for (const event of await eventsOf(deps.models, subscriber)) {
          const { unitId, typeId } = event.change;
          // An act that was carried over from another spelling is in that spelling's history.
          if (event.carriedFrom !== undefined) continue;
          if (unitId === null ? !isKnown : !isInScope(scope, unitId)) continue;
          const { channel, at, actor } = event;
          if (isWanted({ unitId, typeId, channel, at, by: actor.kind })) found.push({ event, subscriber });
        }
      }
      const doerOf = await findActors(
        deps,
        found.map(({ event }) => event),
      );
      yield {
        rows: found.map(({ event, subscriber }) => {
          const contactId = batch.owners.get(subscriber.contactId ?? '')?._id ?? null;
          return rowOf(event, { subscriber, contactId, catalogue, doerOf });
        }),
        read: batch.subscribers.length,
        place: batch.place,
      };
    }
  },
  facts: factsOfChoices,
  fault: faultOfChoices,
};

/** All events of a subscriber, oldest first. The document was read first, so no event is missing or given twice. */
async function eventsOf(
  { archivedEvents }: Pick<Models, 'archivedEvents'>,
  { _id, events, seq }: Read,
): Promise<ConsentEvent[]> {
  const kept = [...events].sort((a, b) => a.seq - b.seq);
  const oldest = kept[0]?.seq ?? seq + 1;
  if (oldest <= 1) return kept;
  const older = await archivedEvents
    .find({ _id: mongoose.trusted({ $gte: `${_id}:`, $lt: archivedEventKey(_id, oldest) }) })
    .sort({ _id: 1 })
    .lean<ArchivedEvent[]>();
  return [...older.map(({ event }) => event), ...kept];
}

interface About extends Pick<FilterContext, 'catalogue'> {
  subscriber: Read;
  contactId: string | null;
  doerOf: DoerOf;
}

function rowOf(event: ConsentEvent, { subscriber, contactId, catalogue, doerOf }: About): Cell[] {
  const { change } = event;
  return [
    event.at.toISOString(),
    subscriber.address,
    contactId,
    event.channel,
    ...targetNames(change, catalogue),
    change.op,
    ...fromTo(change),
    partyOf(change),
    whoActed(event, doerOf),
    event.legalBasis ?? null,
    event.detail?.explanation ?? null,
    event.consentedAt?.toISOString() ?? null,
    event.locale ?? null,
    event.campaign ?? null,
    event.isMachine ? 'yes' : null,
    event.wording ?? null,
    subscriber._id,
    String(event.seq),
  ];
}

/** The state before and after a change, as far as it has one. */
function fromTo(change: Change): [from: Cell, to: Cell] {
  switch (change.op) {
    case 'STATUS':
    case 'LINKS_REVOKED':
      return [String(change.from), String(change.to)];
    case 'OPT_OUT_OF_ALL': {
      const word = (isOut: boolean) => (isOut ? 'UNSUBSCRIBED' : 'NOT_SPECIFIED');
      return [word(change.from), word(change.to)];
    }
    case 'SNOOZE':
      return [change.from?.toISOString() ?? null, change.to?.toISOString() ?? null];
    case 'PENDING':
      return [null, change.typeIds.join(' ')];
    case 'UNDELIVERABLE':
      return [null, change.reason];
    case 'DELIVERABLE':
      return [change.was, null];
    case 'ONE_TIME_BASIS':
      return [null, change.purpose];
    case 'CONFIRMED':
    case 'ERASED':
      return [null, null];
  }
}

/** The party that opted out, or whose opt-out was removed. */
function partyOf(change: Change): Cell {
  if (change.op !== 'STATUS' && change.op !== 'OPT_OUT_OF_ALL') return null;
  return change.party ?? change.removes ?? null;
}

/** Bounced and unsubscribed addresses, also those that are no contacts: one row for each party's opt-out, and one for a bounce or complaint. */
import { z } from 'zod';
import type { Subscriber } from '../../models/subscriber.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { Standing, UndeliverableReason } from '../../vocabulary/terms.js';
import { actorName } from '../consent/actors.js';
import { filterContext } from '../contacts/find.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { doerInWords, findDoers } from '../staff/names.js';
import type { DoerOf } from '../staff/names.js';
import { choicesSchema, factsOfChoices, faultOfChoices, isChosen, targetNames } from './choices.js';
import type { Chosen } from './choices.js';
import type { Cell, Export } from './contract.js';
import { countSubscribers, isKnownWithin, subscriberBatches } from './subscriber-batches.js';

/** `OPT_OUT` is of a type or of all, as the column of the type says. */
export const exportedReasons = ['OPT_OUT', 'HARD_BOUNCE', 'COMPLAINT'] as const;
export type ExportedReason = (typeof exportedReasons)[number];

export const exportedReasonNames: Readonly<Record<ExportedReason | UndeliverableReason, string>> = {
  OPT_OUT: 'Opted out',
  HARD_BOUNCE: 'Hard bounce',
  COMPLAINT: 'Complaint',
};

const inputSchema = choicesSchema.extend({ reason: z.enum(exportedReasons).nullable().default(null) });
type Input = z.infer<typeof inputSchema>;

const columns = [
  'address',
  'contactId',
  'channel',
  'businessUnit',
  'type',
  'reason',
  'since',
  'actor',
  'legalBasis',
  'explanation',
  'reference',
  'businessUnitId',
  'typeId',
];

const fields = [
  ...(['address', 'channel', 'contactId', 'mergedInto'] as const),
  ...(['subscriptions', 'optOuts', 'undeliverable'] as const),
];
type Read = Pick<Subscriber, (typeof fields)[number]>;

interface Entry extends Chosen {
  subscriber: Read;
  reason: ExportedReason;
  standing: Standing;
}

export const unsubscribed: Export<Input> = {
  name: 'UNSUBSCRIBED',
  title: 'Bounced and unsubscribed addresses',
  fileName: 'unsubscribed',
  input: inputSchema,
  columns: () => columns,
  total: (deps) => countSubscribers(deps.models),
  async *read(deps, { input, scope, place }) {
    const context = await filterContext(deps, scope);
    const { catalogue } = context;
    const isWanted = isChosen(input, context);
    for await (const batch of subscriberBatches(deps.models, { scope, after: place, fields })) {
      const entries = batch.subscribers.flatMap((subscriber) => {
        // An erased address cannot be exported, and another spelling's decisions are with the address that it was merged into.
        if (subscriber.address === null || subscriber.mergedInto) return [];
        const isKnown = isKnownWithin(scope, subscriber, batch.owners, catalogue);
        return entriesOf(subscriber, catalogue).filter(
          (entry) =>
            (entry.unitId === null ? isKnown : isInScope(scope, entry.unitId)) &&
            (input.reason === null || entry.reason === input.reason) &&
            isWanted(entry),
        );
      });
      const doerOf = await findDoers(
        deps,
        entries.map(({ standing }) => standing.ref),
      );
      const contactIdOf = ({ contactId }: Read) => batch.owners.get(contactId ?? '')?._id ?? null;
      yield {
        rows: entries.map((entry) => rowOf(entry, contactIdOf(entry.subscriber), catalogue, doerOf)),
        read: batch.subscribers.length,
        place: batch.place,
      };
    }
  },
  fault: faultOfChoices,
  facts: (input, context) => [
    ...factsOfChoices(input, context),
    ...(input.reason ? [{ term: 'Reason', words: [exportedReasonNames[input.reason]] }] : []),
  ],
};

/** Everything that keeps mail from an address. */
function entriesOf(subscriber: Read, { types }: Pick<FilterContext['catalogue'], 'types'>): Entry[] {
  const { channel, optOuts, undeliverable } = subscriber;
  const entry = (
    unitId: number | null,
    typeId: number | null,
    reason: ExportedReason,
    standing: Standing,
  ): Entry => {
    const { by, at } = standing;
    return { subscriber, channel, unitId, typeId, reason, standing, by, at };
  };
  return [
    ...(optOuts.portal ?? []).map((one) => entry(null, null, 'OPT_OUT', one)),
    ...Object.entries(optOuts.units).flatMap(([id, set]) =>
      set.map((one) => entry(Number(id), null, 'OPT_OUT', one)),
    ),
    ...Object.entries(optOuts.types).flatMap(([id, set]) => {
      const unitId = types.get(Number(id))?.unitId;
      return unitId === undefined ? [] : set.map((one) => entry(unitId, Number(id), 'OPT_OUT', one));
    }),
    ...(undeliverable ? [entry(null, null, undeliverable.reason, undeliverable)] : []),
  ];
}

function rowOf(
  entry: Entry,
  contactId: string | null,
  catalogue: FilterContext['catalogue'],
  doerOf: DoerOf,
): Cell[] {
  const { subscriber, channel, reason, standing, unitId, typeId } = entry;
  const { at, by, ref } = standing;
  const doer = doerOf(ref, at);
  return [
    subscriber.address,
    contactId,
    channel,
    ...targetNames(entry, catalogue),
    reason,
    at.toISOString(),
    actorName({ kind: by, ...(ref === undefined ? {} : { ref }) }, doer && doerInWords(doer)),
    standing.legalBasis ?? null,
    standing.explanation ?? null,
    ref ?? null,
    unitId === null ? null : String(unitId),
    typeId === null ? null : String(typeId),
  ];
}

/** Schema version 3: subscribers say which of their opt-outs a machine made, so that they can be listed; older documents are told here. */
import type { MachineMade, Standing } from '../domain/consent/terms.js';
import type { SubscriberHead } from './subscriber.js';
import type { Models } from './index.js';

type Row = Pick<SubscriberHead, '_id' | 'version' | 'statuses' | 'optOuts' | 'machineMade'>;

/** Done twice it changes nothing; a document that is written meanwhile is read again. */
export async function noteMachineMade({
  subscribers,
  types,
}: Pick<Models, 'subscribers' | 'types'>): Promise<void> {
  const unitOf = new Map(
    (await types.find({}, { unitId: 1 }).lean()).map(({ _id, unitId }) => [String(_id), unitId]),
  );
  const fields = { version: 1, statuses: 1, optOuts: 1, machineMade: 1 };
  for await (const row of subscribers.collection.find<Row>({}, { projection: fields })) {
    for (let now: Row | null = row; now && !now.machineMade;) {
      const machineMade = machineMadeOf(now, unitOf);
      if (!machineMade) break;
      const outcome = await subscribers.collection.updateOne(
        { _id: now._id as never, version: now.version },
        { $set: { machineMade } },
      );
      if (outcome.matchedCount === 1) break;
      now = await subscribers.collection.findOne<Row>({ _id: row._id as never }, { projection: fields });
    }
  }
}

/** As the domain had it when this version came; a step that was released is never altered. */
function machineMadeOf({ statuses, optOuts }: Row, unitOf: ReadonlyMap<string, number>): MachineMade | null {
  const standing: [string, Standing][] = [
    ...(optOuts.portal ? [['portal', optOuts.portal] as [string, Standing]] : []),
    ...Object.entries(optOuts.units),
    ...Object.entries(statuses).flatMap(([id, own]): [string, Standing][] => {
      const unitId = unitOf.get(id);
      return own.status === 'UNSUBSCRIBED' && unitId !== undefined ? [[String(unitId), own]] : [];
    }),
  ];
  const made = standing.filter(
    ([, { by, isMachine }]) => isMachine === true && (by === 'CONTACT' || by === 'ONE_CLICK'),
  );
  if (made.length === 0) return null;
  return {
    at: new Date(Math.max(...made.map(([, { at }]) => at.getTime()))),
    of: ['all', ...[...new Set(made.map(([unit]) => unit))].sort()],
  };
}

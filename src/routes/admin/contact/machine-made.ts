/** Finds the addresses that a machine seems to have opted out of something, newest first, page by page. */
import { trusted } from 'mongoose';
import { reading } from '../../../domain/consent/durability.js';
import type { Models } from '../../../models/index.js';
import type { Subscriber } from '../../../models/subscriber.js';
import type { Scope } from '../../../scope.js';

export interface MachineMadePage {
  subscribers: Subscriber[];
  /** Where the next page begins; null on the last. */
  next: string | null;
}

/**
 * @param before where the page begins, as the page before it said
 * @param scope what a machine did to everything of the account is found by whoever reaches all of it
 */
export async function findMachineMade(
  models: Pick<Models, 'subscribers'>,
  { scope, before, limit }: { scope: Scope; before?: string; limit: number },
): Promise<MachineMadePage> {
  const from = cursorOf(before);
  const found = await reading(() =>
    models.subscribers
      .find({
        'machineMade.of': trusted({ $in: scope === null ? ['all'] : scope.map(String) }),
        ...(from
          ? {
              $or: [
                { 'machineMade.at': trusted({ $lt: from.at }) },
                { 'machineMade.at': from.at, _id: trusted({ $lt: from.id }) },
              ],
            }
          : {}),
      })
      .sort({ 'machineMade.at': -1, _id: -1 })
      .limit(limit + 1)
      .read('primary')
      .readConcern('majority')
      .lean<Subscriber[]>(),
  );
  const subscribers = found.slice(0, limit);
  const last = subscribers[subscribers.length - 1];
  const hasMore = found.length > limit && last?.machineMade;
  return { subscribers, next: hasMore ? `${last.machineMade?.at.getTime() ?? 0}.${last._id}` : null };
}

function cursorOf(before: string | undefined): { at: Date; id: string } | null {
  const [, ms, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(before ?? '') ?? [];
  return ms && id ? { at: new Date(Number(ms)), id } : null;
}

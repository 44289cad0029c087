/** What the change feed works with, and what a follower of it is. */
import type { Logger } from '../log.js';
import type { Bucket, Change } from '../models/change.js';
import type { Models } from '../models/index.js';
import type { Catalogue } from '../vocabulary/terms.js';

export interface FeedDeps {
  models: Models;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
  log: Pick<Logger, 'error'>;
}

/** One file in `followers/` and one line in its registry. */
export interface Follower {
  /** Names its cursors in the database: never renamed, and never given to another. */
  name: string;
  /**
   * Deals with some entries of one bucket, in their order. It must be idempotent: after a crash the same entries come again, perhaps with
   * others behind them, and two processes may deal with them at once.
   */
  follow: (deps: FeedDeps, entries: readonly Change[], bucket: Bucket) => Promise<void>;
}

/** Types of the change feed and its followers. */
import type { Logger } from '../log.js';
import type { Bucket, Change } from '../models/change.js';
import type { Models } from '../models/index.js';
import type { Catalogue } from '../vocabulary/terms.js';

export interface FeedDeps {
  models: Models;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
  log: Pick<Logger, 'error'>;
  /** True while this process works on a job, which needs the database more than the feed does. */
  isBusy?: () => boolean;
}

/** A follower: one file in `followers/` and one line in its registry. */
export interface Follower {
  /** Names its cursors in the database. Never rename it or reuse it for another follower. */
  name: string;
  /** False while it has no room for more. */
  isReady?: () => Promise<boolean>;
  /**
   * Processes some entries of one bucket, in their order. It must be idempotent: after a crash the same entries come again, perhaps with others
   * behind them, and two processes may get them at once.
   */
  follow: (deps: FeedDeps, entries: readonly Change[], bucket: Bucket) => Promise<void>;
}

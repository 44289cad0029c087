/** What goes into an act of consent and what comes out of it, whether one subscriber is changed or many. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type { Models } from '../../models/index.js';
import type { SaveChange, SubscriberHead } from '../../models/subscriber.js';
import type {
  Actor,
  Catalogue,
  Channel,
  Circumstances,
  ConsentEvent,
  ConsentState,
  Wish,
} from '../../vocabulary/terms.js';

export interface ConsentDeps {
  models: Pick<Models, 'subscribers' | 'archivedEvents'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
  /** Queues the confirmation of a pending wish; called before the wish is written, so that a crash cannot lose the mail. */
  queueConfirmation: (pending: {
    subscriberId: string;
    unitId: number;
    pendingId: string;
    locale?: string;
  }) => Promise<void>;
  /**
   * Why a confirmation to this subscriber would not be sent; null if it will be. Asked before a wish is left pending,
   * since a pending wish promises a mail. If absent, confirmations are always sent.
   */
  whyUnconfirmable?: (subscriber: SubscriberHead) => Promise<RefusalCode | null>;
  /** Called for every recorded act, for the metrics. */
  onChanged?: (actor: Actor, events: readonly ConsentEvent[]) => void;
  onRefused?: (code: RefusalCode) => void;
  onConflict?: () => void;
  /**
   * Updates contacts' facets after a write to their addresses. Bulk work waits for it; otherwise it runs in the
   * background.
   */
  refreshContacts?: (contactIds: string[]) => Promise<unknown>;
  /** Receives work that continues after the answer, so that a clean stop can wait for it. The promise never rejects. */
  background?: (work: Promise<unknown>) => void;
}

export interface ConsentInput {
  subscriberId: string;
  /** Channel of a subscriber that the database does not know yet, such as one whose link outlived a restore. */
  channel: Channel;
  /** The address of a subscriber that the database may not know yet, in its normal form. It is stored with the first event, except after erasure. */
  address?: string;
  actor: Actor;
  wishes: Wish[];
  /**
   * What the caller has just read, for the first attempt (null: the subscriber is unknown). Its version shows if it is
   * out of date.
   */
  found?: SubscriberHead | null;
  circumstances?: Circumstances;
  /** For an undo: the newest event that it takes back. If a later event exists, the act changes nothing. */
  onlyAfter?: number;
  /** The epoch of the link that acts. A link that was revoked while this act waited counts as expired. */
  linkEpoch?: number;
  /** The language that the contact chose on the page; kept with the write. */
  chosenLocale?: string;
  /**
   * Kept with the write, so that the contact's next page can say what happened. It receives the outcome of each wish.
   */
  lastSave?: {
    nonce: string;
    isAsFound: boolean;
    describe: (outcomes: Outcome[], before: ConsentState) => SaveChange[];
  };
}

export type Outcome =
  | { wish: Wish; result: 'CHANGED' | 'PENDING' | 'NO_CHANGE' }
  | { wish: Wish; result: 'REFUSED'; code: RefusalCode };

export interface ConsentResult {
  outcomes: Outcome[];
  /** Events recorded; empty where nothing changed. */
  events: ConsentEvent[];
  before: ConsentState;
  subscriber: SubscriberHead;
}

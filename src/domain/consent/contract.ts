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
   * Why a confirmation to this subscriber would not be sent; null where it will be. Asked before a wish is left pending, which would
   * promise one. Absent: it always is sent.
   */
  whyUnconfirmable?: (subscriber: SubscriberHead) => Promise<RefusalCode | null>;
  /** Told of every recorded act, for the metrics. */
  onChanged?: (actor: Actor, events: readonly ConsentEvent[]) => void;
  onRefused?: (code: RefusalCode) => void;
  onConflict?: () => void;
  /** Brings contacts' facets up to what was just written of their addresses. Work in bulk waits for it; otherwise it runs in the background. */
  refreshContacts?: (contactIds: string[]) => Promise<unknown>;
  /** Told of work that goes on after the answer, so that a clean stop can wait for it; it never rejects. */
  background?: (work: Promise<unknown>) => void;
}

export interface ConsentInput {
  subscriberId: string;
  /** Channel of a subscriber that the database does not know yet, such as one whose link outlived a restore. */
  channel: Channel;
  actor: Actor;
  wishes: Wish[];
  /** What the caller has just read, for the first attempt (null: nobody knows it); should it be old by now, its version says so. */
  found?: SubscriberHead | null;
  circumstances?: Circumstances;
  /** For an undo: the newest event that it takes back. Where a later one has come meanwhile, the act is void and nothing is wished. */
  onlyAfter?: number;
  /** The link's epoch, where a link acts: one that was revoked while this act waited its turn is fresh no more. */
  linkEpoch?: number;
  /** The language that the contact chose on the page; kept with the write. */
  chosenLocale?: string;
  /** Kept with the write, so that the contact's next page can say what happened; told each wish's outcome. */
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

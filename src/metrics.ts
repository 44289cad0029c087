/** The portal's counters, as small functions, so that a route or an operation counts in one line. */
import type { ActorKind } from './vocabulary/terms.js';
import type { RefusalCode } from './vocabulary/refusal-codes.js';

export const mailOutcomes = ['SENT', 'RETRIED', 'FAILED', 'UNKNOWN', 'DROPPED'] as const;
export type MailOutcome = (typeof mailOutcomes)[number];

export const jobOutcomes = ['DONE', 'PREVIEWED', 'RETRIED', 'DEAD'] as const;
export type JobOutcome = (typeof jobOutcomes)[number];

export interface Metrics {
  /** @param route the route's pattern, never a URL; @param seconds from first byte in to last byte out */
  requestEnded(route: string, method: string, status: number, seconds: number): void;
  /** An opt-out became durable. @param by its source */
  optedOut(by: ActorKind): void;
  /** A wish was refused. */
  refused(code: RefusalCode): void;
  /** The outcome of an attempt to send. @param kind of the mail, such as `CONFIRMATION` */
  mailEnded(kind: string, outcome: MailOutcome): void;
  /** The outcome of a mail to the unsubscribe address. */
  unsubscribeMailRead(outcome: 'OPTED_OUT' | 'UNREADABLE'): void;
  /** The outcome of an attempt at a job. @param kind such as `BULK_EDIT` */
  jobEnded(kind: string, outcome: JobOutcome): void;
  /** A conditional write met a newer version of the document and is retried. */
  writeConflicted(): void;
  /** The result of the last readiness check. */
  databaseChecked(isWritable: boolean): void;
}

/** For processes without a metrics port: nothing is counted or loaded. */
export const noMetrics: Metrics = {
  requestEnded: () => {},
  optedOut: () => {},
  refused: () => {},
  mailEnded: () => {},
  unsubscribeMailRead: () => {},
  jobEnded: () => {},
  writeConflicted: () => {},
  databaseChecked: () => {},
};

/** What mail providers and mail servers report: bounces, complaints, unsubscribes. */

/** `NOTHING` is an event that changes no subscriber, such as a delivery. */
export const reportKinds = ['HARD', 'SOFT', 'COMPLAINT', 'OPT_OUT', 'NOTHING'] as const;
export type ReportKind = (typeof reportKinds)[number];

/**
 * What an endpoint counts. `ECHO`: the provider did not send, since the address is on its own list. `TEST`: the provider's test event. `NOT_OURS`: a
 * report by mail without a token of this portal.
 */
export const countedReports = [...reportKinds, 'ECHO', 'TEST', 'NOT_OURS'] as const;
export type CountedReport = (typeof countedReports)[number];

/** A single report in neutral form. */
export interface DeliveryReport {
  /** The provider's id of the event, unique within its endpoint: a report with the same id counts once. */
  id: string;
  kind: ReportKind;
  /** As the provider wrote it; not needed with `subscriberId`. */
  address?: string;
  /** From a token of the mail. */
  subscriberId?: string;
  at: Date;
  /** Enhanced status code (RFC 3463), such as `5.1.1`. */
  status?: string;
  /** Text of the mail server or the provider. It may hold the address. */
  diagnostic?: string;
  /** The subscription type of the mail, if it is known. */
  typeId?: number;
  /** Value of the mail's `List-Unsubscribe` header. A token of this portal in it tells the type. */
  listUnsubscribe?: string;
  /** The provider did not send, since the address is on its own list. */
  isEcho?: boolean;
  /** The provider's test event. */
  isTest?: boolean;
}

/** Why an address cannot receive. */
export interface CannotReceive {
  reason: 'HARD_BOUNCE' | 'COMPLAINT';
  /** How many soft bounces together counted as the hard bounce. */
  soft?: number;
}

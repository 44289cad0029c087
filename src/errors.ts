/** The faults the domain can name: one class, one closed list of codes; knows no HTTP. */

/** Why a wish about consent was refused (specification: "Who may change what"). */
export const refusalCodes = [
  'PREVIOUSLY_OPTED_OUT',
  /** In bulk, opting in never lifts an opt-out of all. */
  'OPTED_OUT_OF_ALL',
  'LEGAL_BASIS_REQUIRED',
  'EXPLANATION_REQUIRED',
  'NOT_SET_BY_STAFF',
  'LINK_EXPIRED',
  'TYPE_ARCHIVED',
  'UNKNOWN_TYPE',
  'ERASED',
  /** A confirmation is needed, and no address is known that it could be mailed to. */
  'NO_ADDRESS',
  /** The address bounced or complained, so nothing is mailed to it. */
  'UNDELIVERABLE',
  'TOO_MANY_CONFIRMATIONS',
  'NOT_ALLOWED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Everything else that can go wrong in a way worth a name. */
export const faultCodes = [
  'INVALID_ADDRESS',
  'INVALID_TOKEN',
  'UNKNOWN_UNIT',
  'DATABASE_AWAY',
  'OUTCOME_UNKNOWN',
  'TOO_MANY_REQUESTS',
  'INVALID_FORM',
  'NO_DATABASE',
  'FOLDER_IN_USE',
  'DATABASE_BUSY',
  'WRONG_SUBSCRIBER_KEY',
  'WRONG_SCHEMA',
  'INVALID_CONFIGURATION',
  'INVALID_FILE',
  'INVALID_KEYS',
  'PORT_TAKEN',
  'TOUR_FAILED',
  'NOT_FOUND',
  'NOT_PERMITTED',
  'FORGED_REQUEST',
  'INVALID_AUTHENTICATION',
  'MISSING_SCOPES',
] as const;
export type FaultCode = (typeof faultCodes)[number];

export type ErrorCode = RefusalCode | FaultCode;

/** A refusal or a fault that callers may show: `code` for programs, `message` as one sentence for people. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** Of a refusal for now: how long it lasts. */
  readonly retryAfterSeconds: number | undefined;
  constructor(
    code: ErrorCode,
    message: string = code,
    options?: ErrorOptions & { retryAfterSeconds?: number },
  ) {
    super(message, options);
    this.name = 'DomainError';
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

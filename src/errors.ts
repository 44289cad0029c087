/** The errors of the domain: one class and one closed list of codes. It does not know HTTP. */
import type { RefusalCode } from './vocabulary/refusal-codes.js';

/** Other errors that have a code. */
export const faultCodes = [
  'INVALID_ADDRESS',
  'INVALID_TOKEN',
  'UNKNOWN_UNIT',
  'DATABASE_AWAY',
  'OUTCOME_UNKNOWN',
  'PROVIDER_AWAY',
  'TOO_MANY_REQUESTS',
  'INVALID_FORM',
  'IDEMPOTENCY_KEY_REUSED',
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
  'CONFLICT',
  'WRONG_NUMBER',
  'NOT_PERMITTED',
  'FORGED_REQUEST',
  'INVALID_AUTHENTICATION',
  'MISSING_SCOPES',
] as const;
export type FaultCode = (typeof faultCodes)[number];

export type ErrorCode = RefusalCode | FaultCode;

/** A refusal or an error that callers may show: `code` for programs, `message` as one sentence for people. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** For a temporary refusal: how long it lasts. */
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

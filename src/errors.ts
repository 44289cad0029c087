/** The faults the domain can name: one class, one closed list of codes; knows no HTTP. */
import type { RefusalCode } from './vocabulary/refusal-codes.js';

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

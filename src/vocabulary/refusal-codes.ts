/** Why a wish about consent is refused: one closed list of codes. */

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
  /** A confirmation is needed, but no e-mail address is known. */
  'NO_ADDRESS',
  /** The address bounced or complained, so nothing is mailed to it. */
  'UNDELIVERABLE',
  'TOO_MANY_CONFIRMATIONS',
  'NOT_ALLOWED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * Refusals in rows of a job only: the contact was deleted, belongs to another unit or to more units than the user reaches, or is on too many lists. The
 * last five are of enrolments by hand.
 */
export const rowRefusals = [
  'NO_CONTACT',
  'OTHER_UNIT',
  'SHARED_CONTACT',
  'TOO_MANY_LISTS',
  'UNDER_WAY',
  'ENROLLED_BEFORE',
  'SUPPRESSED',
  'GOAL',
  'INACTIVE',
] as const;
export type RowRefusal = (typeof rowRefusals)[number];

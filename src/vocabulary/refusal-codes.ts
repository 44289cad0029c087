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
  /** A confirmation is needed, and no address is known that it could be mailed to. */
  'NO_ADDRESS',
  /** The address bounced or complained, so nothing is mailed to it. */
  'UNDELIVERABLE',
  'TOO_MANY_CONFIRMATIONS',
  'NOT_ALLOWED',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Refusals that only a row of a job can meet: the contact is gone, or is of another unit. */
export const rowRefusals = ['NO_CONTACT', 'OTHER_UNIT'] as const;
export type RowRefusal = (typeof rowRefusals)[number];

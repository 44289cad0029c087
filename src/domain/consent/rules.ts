/** Who may change what: the specification's table as data. `decide.ts` reads it. */

/** The rows of the table. */
export const ruleRows = [
  'CONTACT_FRESH',
  'CONTACT_COPIED',
  'CONTACT_EXPIRED',
  'ONE_CLICK',
  'STAFF_SINGLE',
  'STAFF_BULK',
  'IMPORT_LIST',
  'IMPORT_CONTACTS',
  'WORKFLOW',
  'API_V3',
  'API_V4',
  'SYSTEM',
] as const;
export type RuleRow = (typeof ruleRows)[number];

/** What a cell of the table says. */
export type Cell =
  | 'YES'
  | 'NO'
  /** No: a fresh link is mailed instead. */
  | 'FRESH_LINK'
  /** Yes; pending where the unit uses double opt-in. */
  | 'YES_OR_PENDING'
  /** The same; always pending where the contact opted out. */
  | 'PENDING_AFTER_CONTACT'
  /** With explanation, and with a legal basis in privacy mode. */
  | 'EXPLAINED'
  /** The same, but never where the contact opted out. */
  | 'EXPLAINED_UNLESS_CONTACT'
  /** Never where the contact opted out. */
  | 'UNLESS_CONTACT'
  /** Where the contact opted out, with explanation, and with a legal basis in privacy mode. */
  | 'EXPLAINED_IF_CONTACT'
  /** Yes; with basis and explanation in privacy mode. */
  | 'EXPLAINED_IN_PRIVACY_MODE'
  /** With basis and explanation. */
  | 'WITH_REASONS'
  /** With basis and explanation; where the contact opted out, only on evidence of a later consent. */
  | 'EVIDENCED'
  | 'NEVER_AFTER_OPT_OUT'
  | 'BY_OPTING_IN'
  /** Only staff's own entry. */
  | 'ONLY_SET_BY_STAFF'
  /** The same, but only as a separate wish: opting in does not lift it. */
  | 'ONLY_SET_BY_STAFF_IF_ASKED'
  /** Only its own entries. */
  | 'BY_UNDOING_IMPORT';

export interface Row {
  optOut: Cell;
  optIn: Cell;
  optInAfterOptOut: Cell;
  setBack: Cell;
  lift: Cell;
  /** An opt-out counts as one in effect after it has ended, until the contact itself opts in (decision 0722). */
  remembersOptOuts?: true;
}

/** The table of the specification, "Who may change what". */
// oxfmt-ignore
export const rules: Readonly<Record<RuleRow, Row>> = {
  CONTACT_FRESH:   { optOut: 'YES', optIn: 'YES_OR_PENDING',            optInAfterOptOut: 'YES_OR_PENDING',           setBack: 'NO',  lift: 'BY_OPTING_IN' },
  CONTACT_COPIED:  { optOut: 'YES', optIn: 'YES_OR_PENDING',            optInAfterOptOut: 'PENDING_AFTER_CONTACT',    setBack: 'NO',  lift: 'BY_OPTING_IN' },
  CONTACT_EXPIRED: { optOut: 'YES', optIn: 'FRESH_LINK',                optInAfterOptOut: 'FRESH_LINK',               setBack: 'NO',  lift: 'NO' },
  ONE_CLICK:       { optOut: 'YES', optIn: 'NO',                        optInAfterOptOut: 'NO',                       setBack: 'NO',  lift: 'NO' },
  STAFF_SINGLE:    { optOut: 'YES', optIn: 'EXPLAINED',                 optInAfterOptOut: 'EXPLAINED',                setBack: 'EXPLAINED_IF_CONTACT', lift: 'ONLY_SET_BY_STAFF' },
  STAFF_BULK:      { optOut: 'YES', optIn: 'EXPLAINED',                 optInAfterOptOut: 'EXPLAINED_UNLESS_CONTACT', setBack: 'UNLESS_CONTACT', lift: 'ONLY_SET_BY_STAFF_IF_ASKED' },
  IMPORT_LIST:     { optOut: 'YES', optIn: 'NO',                        optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'BY_UNDOING_IMPORT' },
  IMPORT_CONTACTS: { optOut: 'YES', optIn: 'WITH_REASONS',              optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'BY_UNDOING_IMPORT' },
  WORKFLOW:        { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'NO', remembersOptOuts: true },
  API_V3:          { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'NEVER_AFTER_OPT_OUT',      setBack: 'NO',  lift: 'NO' },
  API_V4:          { optOut: 'YES', optIn: 'EXPLAINED_IN_PRIVACY_MODE', optInAfterOptOut: 'EVIDENCED',                setBack: 'NO',  lift: 'NO' },
  SYSTEM:          { optOut: 'NO',  optIn: 'NO',                        optInAfterOptOut: 'NO',                       setBack: 'NO',  lift: 'NO' },
};

/** Every URL of the staff's pages, named once; one block a part of the house. */
import { patterns } from './paths.js';

/** Route patterns, within `/admin`. */
export const adminPatterns = {
  overview: '/',

  // signing in
  signIn: '/sign-in',
  signInCode: '/sign-in/code',
  signOut: '/sign-out',
  setUp: '/setup/:token',
  welcome: '/welcome/:token',

  // one's own account
  account: '/account',
  accountName: '/account/name',
  accountPassword: '/account/password',
  endedSessions: '/account/ended-sessions',
  oneTimeCodes: '/account/one-time-codes',
  codesSetUp: '/account/one-time-codes/set-up',
  codesConfirmation: '/account/one-time-codes/confirmation',
  codesRemoval: '/account/one-time-codes/removal',
  recoveryCodes: '/account/one-time-codes/recovery-codes',
  oidc: '/sign-in/oidc',
  oidcReturn: '/sign-in/oidc/return',
  passkeySignIns: '/sign-in/passkeys',
  passkeySignInChallenges: '/sign-in/passkey-challenges',

  // somebody's own passkeys
  passkeys: '/account/passkeys',
  passkeyChallenges: '/account/passkey-challenges',
  passkeyRemovals: '/account/passkeys/:passkey/removals',

  // API keys and the audit log
  keys: '/settings/keys',
  newKey: '/settings/keys/new',
  keyRevocations: '/settings/keys/:key/revocations',
  audit: '/audit',
  auditFiles: '/audit/files',

  // contacts
  contacts: '/contacts',
  newContact: '/contacts/new',
  contact: '/contacts/:contact',
  contactHistory: '/contacts/:contact/history',
  contactHistoryFile: '/contacts/:contact/history.csv',
  contactEdit: '/contacts/:contact/edit',
  contactDeletion: '/contacts/:contact/deletion',
  contactErasure: '/contacts/:contact/erasure',
  overrides: '/contacts/:contact/overrides',
  optOuts: '/contacts/:contact/opt-outs',
  liftings: '/contacts/:contact/liftings',
  corrections: '/contacts/:contact/corrections',
  communications: '/contacts/:contact/communications',
  linkMails: '/contacts/:contact/link-mails',
  linkCopies: '/contacts/:contact/link-copies',
  linkRevocations: '/contacts/:contact/link-revocations',
  preview: '/contacts/:contact/preview',
  machineOptOuts: '/machine-opt-outs',

  // bulk work and jobs
  views: '/views',
  viewDeletions: '/views/:view/deletions',
  newBulkEdit: '/bulk-edits/new',
  bulkEdits: '/bulk-edits',
  newLinkMailing: '/link-mailings/new',
  linkMailings: '/link-mailings',
  jobs: '/jobs',
  job: '/jobs/:job',
  jobProgress: '/jobs/:job/progress',
  jobConfirmations: '/jobs/:job/confirmations',
  jobCancellations: '/jobs/:job/cancellations',
  jobRetries: '/jobs/:job/retries',
  jobDownloads: '/jobs/:job/downloads',

  // settings
  settings: '/settings',
  units: '/settings/units',
  newUnit: '/settings/units/new',
  unit: '/settings/units/:unit',
  types: '/settings/types',
  newType: '/settings/types/new',
  type: '/settings/types/:type',
  typePositions: '/settings/types/:type/positions',
  typeArchivings: '/settings/types/:type/archivings',
  typeRestorings: '/settings/types/:type/restorings',
  accountSettings: '/settings/account',
  mail: '/settings/mail',
  testMails: '/settings/mail/tests',
  swatch: '/settings/swatch.svg',

  // users
  users: '/settings/users',
  newUser: '/settings/users/new',
  user: '/settings/users/:user',
  userClosure: '/settings/users/:user/closure',
  userReopening: '/settings/users/:user/reopening',
  userLinks: '/settings/users/:user/links',
} as const;

const at = (pattern: string, ...values: string[]) =>
  patterns.admin + values.reduce((path, value) => path.replace(/:\w+/, encodeURIComponent(value)), pattern);

type Query = Readonly<Record<string, string | number | undefined>>;

/** Adds what is given; nothing and empty texts are left out. */
function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)])))}`;
}

/** Paths with their parameters in place. */
export const adminPaths = {
  overview: () => patterns.admin,

  // signing in
  signIn: (next?: string) => at(adminPatterns.signIn) + (next ? `?${new URLSearchParams({ next })}` : ''),
  signInCode: () => at(adminPatterns.signInCode),
  signOut: () => at(adminPatterns.signOut),
  setUp: (token: string) => at(adminPatterns.setUp, token),
  welcome: (token: string) => at(adminPatterns.welcome, token),

  // one's own account
  account: () => at(adminPatterns.account),
  accountName: () => at(adminPatterns.accountName),
  accountPassword: () => at(adminPatterns.accountPassword),
  endedSessions: () => at(adminPatterns.endedSessions),
  oneTimeCodes: () => at(adminPatterns.oneTimeCodes),
  codesSetUp: () => at(adminPatterns.codesSetUp),
  codesConfirmation: () => at(adminPatterns.codesConfirmation),
  codesRemoval: () => at(adminPatterns.codesRemoval),
  recoveryCodes: () => at(adminPatterns.recoveryCodes),
  oidc: (next?: string) => withQuery(at(adminPatterns.oidc), { next }),
  oidcReturn: () => at(adminPatterns.oidcReturn),
  passkeySignIns: () => at(adminPatterns.passkeySignIns),
  passkeySignInChallenges: () => at(adminPatterns.passkeySignInChallenges),

  // somebody's own passkeys
  passkeys: () => at(adminPatterns.passkeys),
  passkeyChallenges: () => at(adminPatterns.passkeyChallenges),
  passkeyRemovals: (passkey: string) => at(adminPatterns.passkeyRemovals, passkey),

  // API keys and the audit log
  keys: () => at(adminPatterns.keys),
  newKey: () => at(adminPatterns.newKey),
  keyRevocations: (key: string) => at(adminPatterns.keyRevocations, key),
  audit: (query: Query = {}) => withQuery(at(adminPatterns.audit), query),
  auditFiles: () => at(adminPatterns.auditFiles),

  // contacts
  contacts: (query = '') => at(adminPatterns.contacts) + (query && `?${query}`),
  newContact: () => at(adminPatterns.newContact),
  contact: (id: string, query: Query = {}) => withQuery(at(adminPatterns.contact, id), query),
  contactHistory: (id: string, query: Query = {}) => withQuery(at(adminPatterns.contactHistory, id), query),
  contactHistoryFile: (id: string) => at(adminPatterns.contactHistoryFile, id),
  contactEdit: (id: string) => at(adminPatterns.contactEdit, id),
  contactDeletion: (id: string) => at(adminPatterns.contactDeletion, id),
  contactErasure: (id: string) => at(adminPatterns.contactErasure, id),
  overrides: (id: string, query: Query = {}) => withQuery(at(adminPatterns.overrides, id), query),
  optOuts: (id: string, query: Query = {}) => withQuery(at(adminPatterns.optOuts, id), query),
  liftings: (id: string, query: Query = {}) => withQuery(at(adminPatterns.liftings, id), query),
  corrections: (id: string, query: Query = {}) => withQuery(at(adminPatterns.corrections, id), query),
  communications: (id: string) => at(adminPatterns.communications, id),
  linkMails: (id: string) => at(adminPatterns.linkMails, id),
  linkCopies: (id: string) => at(adminPatterns.linkCopies, id),
  linkRevocations: (id: string) => at(adminPatterns.linkRevocations, id),
  preview: (id: string, query: Query = {}) => withQuery(at(adminPatterns.preview, id), query),
  machineOptOuts: (query: Query = {}) => withQuery(at(adminPatterns.machineOptOuts), query),

  // bulk work and jobs
  views: () => at(adminPatterns.views),
  viewDeletions: (view: string) => at(adminPatterns.viewDeletions, view),
  newBulkEdit: (query = '') => at(adminPatterns.newBulkEdit) + (query && `?${query}`),
  bulkEdits: () => at(adminPatterns.bulkEdits),
  newLinkMailing: (query = '') => at(adminPatterns.newLinkMailing) + (query && `?${query}`),
  linkMailings: () => at(adminPatterns.linkMailings),
  jobs: (query = '') => at(adminPatterns.jobs) + (query && `?${query}`),
  job: (job: string) => at(adminPatterns.job, job),
  jobProgress: (job: string) => at(adminPatterns.jobProgress, job),
  jobConfirmations: (job: string) => at(adminPatterns.jobConfirmations, job),
  jobCancellations: (job: string) => at(adminPatterns.jobCancellations, job),
  jobRetries: (job: string) => at(adminPatterns.jobRetries, job),
  jobDownloads: (job: string) => at(adminPatterns.jobDownloads, job),

  // settings
  settings: () => at(adminPatterns.settings),
  units: () => at(adminPatterns.units),
  newUnit: () => at(adminPatterns.newUnit),
  unit: (id: number) => at(adminPatterns.unit, String(id)),
  types: () => at(adminPatterns.types),
  newType: (query: Query = {}) => withQuery(at(adminPatterns.newType), query),
  type: (id: number) => at(adminPatterns.type, String(id)),
  typePositions: (id: number) => at(adminPatterns.typePositions, String(id)),
  typeArchivings: (id: number) => at(adminPatterns.typeArchivings, String(id)),
  typeRestorings: (id: number) => at(adminPatterns.typeRestorings, String(id)),
  accountSettings: () => at(adminPatterns.accountSettings),
  mail: () => at(adminPatterns.mail),
  testMails: () => at(adminPatterns.testMails),
  /** @param accent #rrggbb */
  swatch: (accent: string) => withQuery(at(adminPatterns.swatch), { accent }),

  // users
  users: () => at(adminPatterns.users),
  newUser: () => at(adminPatterns.newUser),
  user: (id: string) => at(adminPatterns.user, id),
  userClosure: (id: string) => at(adminPatterns.userClosure, id),
  userReopening: (id: string) => at(adminPatterns.userReopening, id),
  userLinks: (id: string) => at(adminPatterns.userLinks, id),
} as const;

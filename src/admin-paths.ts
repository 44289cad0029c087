/** Every URL of the admin pages, written once, in one block per part. */
import { patterns } from './paths.js';

/** Route patterns, within `/admin`. A pattern has at most one parameter. */
export const adminPatterns = {
  dashboard: '/',
  dashboardFile: '/dashboard.csv',

  // signing in
  signIn: '/sign-in',
  signInCode: '/sign-in/code',
  signOut: '/sign-out',
  unsentForm: '/unsent-form',
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
  contactSearches: '/contacts/searches',
  addresses: '/contacts/addresses',
  newContact: '/contacts/new',
  contact: '/contacts/:contact',
  contactHistory: '/contacts/:contact/history',
  contactHistoryFile: '/contacts/:contact/history.csv',
  contactProperties: '/contacts/:contact/properties',
  contactEdit: '/contacts/:contact/edit',
  contactDeletion: '/contacts/:contact/deletion',
  contactErasure: '/contacts/:contact/erasure',
  contactData: '/contacts/:contact/data',
  erasures: '/erasures',
  erasureReceipts: '/erasures/receipt.txt',
  overrides: '/contacts/:contact/overrides',
  optOuts: '/contacts/:contact/opt-outs',
  liftings: '/contacts/:contact/liftings',
  corrections: '/contacts/:contact/corrections',
  clearings: '/contacts/:contact/clearings',
  clearingQuestions: '/contacts/:contact/clearing-questions',
  communications: '/contacts/:contact/communications',
  linkMails: '/contacts/:contact/link-mails',
  linkCopies: '/contacts/:contact/link-copies',
  linkRevocations: '/contacts/:contact/link-revocations',
  preview: '/contacts/:contact/preview',
  machineOptOuts: '/machine-opt-outs',
  allMachineOptOuts: '/machine-opt-outs/all',

  // lists
  lists: '/lists',
  newList: '/lists/new',
  list: '/lists/:list',
  listConditions: '/lists/:list/conditions',
  listFilters: '/lists/:list/filters',
  listDeletions: '/lists/:list/deletions',
  contactLists: '/contacts/:contact/lists',
  newListEdit: '/list-edits/new',
  listEdits: '/list-edits',

  // marketing contacts
  marketing: '/marketing',
  marketingSettings: '/marketing/settings',
  manageMarketing: '/marketing/manage',
  marketingUnengaged: '/marketing/manage/unengaged',
  marketingLists: '/marketing/manage/contacts',
  marketingConditions: '/marketing/manage/conditions',
  marketingReview: '/marketing/manage/review',
  marketingUpdates: '/marketing/updates',
  newMarketingEdit: '/marketing-edits/new',
  marketingEdits: '/marketing-edits',

  // bulk work and jobs
  views: '/views',
  viewDeletions: '/views/:view/deletions',
  newBulkEdit: '/bulk-edits/new',
  bulkEdits: '/bulk-edits',
  newLinkMailing: '/link-mailings/new',
  linkMailings: '/link-mailings',
  exports: '/exports',
  unsubscribedExports: '/exports/unsubscribed',
  contactExports: '/exports/contacts',
  historyExports: '/exports/history',
  exportFiles: '/exports/:job/files',
  jobs: '/jobs',
  job: '/jobs/:job',
  jobProgress: '/jobs/:job/progress',
  jobConfirmations: '/jobs/:job/confirmations',
  jobCancellations: '/jobs/:job/cancellations',
  jobRetries: '/jobs/:job/retries',
  jobDownloads: '/jobs/:job/downloads',

  // imports
  imports: '/imports',
  newImport: '/imports/new',
  importUnit: '/imports/new/unit',
  importFile: '/imports/new/file',
  import: '/imports/:import',
  importColumn: '/imports/:import/column',
  importReadings: '/imports/:import/readings',
  importChecks: '/imports/:import/checks',
  importConfirmation: '/imports/:import/confirmation',
  importRejectedRows: '/imports/:import/rejected-rows',
  importRowResults: '/imports/:import/row-results',
  importUndo: '/imports/:import/undo',
  importListing: '/imports/:import/list',
  importNonMarketing: '/imports/:import/non-marketing',
  importContactDeletion: '/imports/:import/contact-deletion',

  // workflows
  workflows: '/workflows',
  newWorkflow: '/workflows/new',
  workflow: '/workflows/:workflow',
  workflowTrigger: '/workflows/:workflow/trigger',
  workflowFilter: '/workflows/:workflow/filter',
  workflowConditions: '/workflows/:workflow/conditions',
  workflowNewStep: '/workflows/:workflow/new-step',
  workflowStep: '/workflows/:workflow/step',
  workflowStepRemovals: '/workflows/:workflow/step-removals',
  workflowStepMoves: '/workflows/:workflow/step-moves',
  workflowSettings: '/workflows/:workflow/settings',
  workflowNames: '/workflows/:workflow/names',
  workflowReview: '/workflows/:workflow/review',
  workflowStates: '/workflows/:workflow/states',
  workflowHistory: '/workflows/:workflow/history',
  workflowEnrolment: '/workflows/:workflow/enrolment',
  workflowEnrolments: '/workflows/:workflow/enrolments',
  workflowEnrolmentActs: '/workflows/:workflow/enrolment-acts',
  workflowContacts: '/workflows/:workflow/contacts',
  workflowTest: '/workflows/:workflow/test',
  contactWorkflows: '/contacts/:contact/workflows',
  newEnrolment: '/enrolments/new',
  enrolments: '/enrolments',

  // settings
  settings: '/settings',
  properties: '/settings/properties',
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
  bounces: '/settings/bounces',
  bounceLimit: '/settings/bounces/limit',
  bounceEndpoint: '/settings/bounces/:endpoint',
  bounceEndpointTests: '/settings/bounces/:endpoint/tests',
  bounceEndpointDeletions: '/settings/bounces/:endpoint/deletions',
  sources: '/settings/sources',
  newSource: '/settings/sources/new',
  source: '/settings/sources/:source',
  sourceRuns: '/settings/sources/:source/runs',
  sourceAcceptances: '/settings/sources/:source/acceptances',
  sourceDeletions: '/settings/sources/:source/deletions',
  webhooks: '/settings/webhooks',
  newWebhook: '/settings/webhooks/new',
  webhook: '/settings/webhooks/:webhook',
  webhookSecrets: '/settings/webhooks/:webhook/secrets',
  webhookTests: '/settings/webhooks/:webhook/tests',
  webhookStates: '/settings/webhooks/:webhook/states',
  webhookReplays: '/settings/webhooks/:webhook/replays',
  webhookDeletions: '/settings/webhooks/:webhook/deletions',
  webhookDelivery: '/settings/webhooks/:webhook/delivery',
  webhookRedeliveries: '/settings/webhooks/:webhook/redeliveries',

  // users
  users: '/settings/users',
  newUser: '/settings/users/new',
  user: '/settings/users/:user',
  userClosure: '/settings/users/:user/closure',
  userReopening: '/settings/users/:user/reopening',
  userLinks: '/settings/users/:user/links',
} as const;

/** Parameters of a URL's query; empty or missing ones are left out. A string is a complete query. */
type Query = Readonly<Record<string, string | number | undefined>> | string;

type Arguments<Pattern extends string> = Pattern extends `${string}:${string}`
  ? [parameter: string | number, query?: Query]
  : [query?: Query];

type Paths = {
  [Name in keyof typeof adminPatterns]: (...given: Arguments<(typeof adminPatterns)[Name]>) => string;
};

/** Each pattern as a function that inserts its parameter and its query: `adminPaths.job('7', { … })`. */
export const adminPaths = Object.fromEntries(
  Object.entries(adminPatterns).map(([name, pattern]) => [name, pathOf(pattern)]),
) as Paths;

function pathOf(pattern: string) {
  // The dashboard is `/admin` itself.
  const path = patterns.admin + (pattern === '/' ? '' : pattern);
  if (!pattern.includes(':')) return (query?: Query) => path + queryText(query);
  return (parameter: string | number, query?: Query) =>
    path.replace(/:\w+/, encodeURIComponent(parameter)) + queryText(query);
}

function queryText(query: Query = ''): string {
  const given =
    typeof query === 'string'
      ? query
      : new URLSearchParams(
          Object.entries(query).flatMap(([name, value]) =>
            value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
          ),
        ).toString();
  return given && `?${given}`;
}

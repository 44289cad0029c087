/** Words of the audit log. */
import type { Catalogue } from '../../vocabulary/terms.js';
import { mostNetworks } from '../../domain/staff/audit.js';
import { doerInWords, type DoerOf } from '../../domain/staff/names.js';
import { jobKinds } from '../../jobs/registry.js';
import type { AuditEntry, AuditKind } from '../../models/audit-entry.js';
import { channelNames, counted, momentOf, statusNames } from '../../vocabulary/words.js';

export const kindWords: Readonly<Record<AuditKind, string>> = {
  SIGNED_IN: 'Signed in',
  SIGN_IN_REFUSED: 'Sign-in refused',
  SIGNED_OUT: 'Signed out',
  SESSION_ENDED: 'Session ended',
  ACCESS_REFUSED: 'Access refused',
  USER_CREATED: 'User created',
  USER_CHANGED: 'User changed',
  PASSWORD_CHANGED: 'Password changed',
  SECOND_FACTOR_CHANGED: 'One-time codes changed',
  PASSKEY_CHANGED: 'Passkeys changed',
  KEY_CREATED: 'API key made',
  KEY_REVOKED: 'API key revoked',
  SETTINGS_CHANGED: 'Settings changed',
  WORKFLOW_CHANGED: 'Workflow changed',
  UNIT_CHANGED: 'Business unit changed',
  TYPE_CHANGED: 'Subscription type changed',
  CONTACT_CREATED: 'Contact created',
  CONTACT_CHANGED: 'Contact changed',
  CONTACT_DELETED: 'Contact deleted',
  OVERRIDE_MADE: 'Override made',
  PERSON_ERASED: 'Person erased',
  VIEW_CHANGED: 'Saved view changed',
  LIST_CHANGED: 'List changed',
  LINK_COPIED: 'Link copied',
  LINK_SENT: 'Link sent',
  LINKS_REVOKED: 'Links revoked',
  EXPORTED: 'Exported',
  IMPORT_CHANGED: 'Import changed',
  JOB_STARTED: 'Job started',
  JOB_CHANGED: 'Job changed',
  TEST_MAIL_SENT: 'Test mail sent',
};

/** Words of details that are stored as codes. */
const detailWords: Readonly<Record<string, string>> = {
  ...channelNames,
  ...statusNames,
  ...Object.fromEntries(jobKinds.map(({ name, label }) => [name, label])),
  OPT_OUT_OF_ALL: 'Opted out of all',
  LIFT_OPT_OUT_OF_ALL: 'Opt-out of all removed',
  CLEAR_UNDELIVERABLE: 'A bounce cleared',
  RECORD_COMMUNICATION: 'A call or one-to-one mail',
  UNDO_MACHINE_OPT_OUT: 'A machine’s opt-out put right',
};

/** The actor of an entry: a person, the command line, or unknown. */
export function whoOf({ by, at }: Pick<AuditEntry, 'by' | 'at'>, doerOf: DoerOf): string {
  if (by === null) return 'a visitor who had not signed in';
  if (by === 'cli') return 'the command line';
  const doer = doerOf(by, at);
  return doer ? doerInWords(doer) : by;
}

/** The object of an entry, by its kind; never by the name of a contact, so that files have none. */
export function aboutOf(
  { about, at }: Pick<AuditEntry, 'about' | 'at'>,
  doerOf: DoerOf,
  { units, types }: Pick<Catalogue, 'units' | 'types'>,
): string | undefined {
  const { kind, id } = partsOf(about);
  const doer = doerOf(about, at);
  switch (kind) {
    case '':
      return undefined;
    case 'user':
      return doer ? doerInWords(doer) : 'a deleted account';
    case 'contact':
      return 'a contact';
    case 'subscriber':
      return 'an address without a contact';
    case 'unit':
      return units.get(Number(id))?.name ?? `unit ${id}`;
    case 'type':
      return types.get(Number(id))?.name ?? `type ${id}`;
    case 'key':
      return doer?.key === undefined ? 'an API key' : `the API key ${doerInWords(doer)}`;
    case 'job':
      return 'a job';
    case 'endpoint':
      return 'an endpoint for bounces';
    case 'source':
      return 'a scheduled source';
    case 'import':
      return 'an import';
    case 'view':
      return 'a saved view';
    case 'list':
      return 'a list';
    case 'workflow':
      return 'a workflow';
    default:
      return `${kind} ${id}`;
  }
}

/** The kind and the id in `contact:7f3a`; both are empty without an object. */
export function partsOf(about: string | null): { kind: string; id: string } {
  const [, kind = '', id = ''] = /^(\w+):(.+)$/.exec(about ?? '') ?? [];
  return { kind, id };
}

/** "300 times until 28 Nov 2026, 14:30 CET"; empty for what happened once. */
function timesOf({ count = 1, lastAt }: AuditEntry, zone: string): string {
  return count > 1 && lastAt ? `${counted(count, 'time')} until ${momentOf(lastAt, zone)}` : '';
}

/** "192.0.2.7", "192.0.2.7 and 3 other networks" */
export function fromOf({ from, networks = [] }: AuditEntry): string {
  const others = networks.filter((network) => network !== from).length;
  if (others === 0) return from ?? '';
  // At the maximum there may have been more.
  const many =
    networks.length >= mostNetworks ? `at least ${others} other networks` : counted(others, 'other network');
  return `${from ?? ''} and ${many}`;
}

/** The details of the act, and how often it happened. */
export function detailOf(entry: AuditEntry, zone: string): string {
  return [detailWords[entry.detail] ?? entry.detail, timesOf(entry, zone)].filter(Boolean).join(', ');
}

/** Messages of the record after an act. */
import type { AdminNotice } from '../../../views/admin-frame.js';
import { isCoveredByAll } from '../../../domain/consent/effective.js';
import { listOf } from '../../../vocabulary/words.js';
import type { SubscriptionStatus } from '../../../vocabulary/terms.js';
import { typeName, unitName } from './event-words.js';
import type { OpenedRecord } from './open-record.js';

type Named = Pick<OpenedRecord, 'name' | 'catalogue'>;
/** Maximum length of a name in a mark. */
const longestName = 100;

/** Names the message of an override, with the types that it changed: `subscribed-3-5`. */
export function overrideSaying(to: SubscriptionStatus, typeIds: readonly number[]): string {
  const kind = to.toLowerCase().replace('_', '-');
  const name = [kind, ...typeIds].join('-');
  return name.length > longestName ? kind : name;
}

/** Names the message about an opt-out of all: `stopped-0` of a unit, `stopped-all` of everything. */
export function optOutSaying(kind: 'stopped' | 'lifted' | 'lifted-staffs', unitId: number | null): string {
  return `${kind}-${unitId ?? 'all'}`;
}

/** The message of this name, in words; undefined for an unknown one. */
export function recordSaying(said: string, record: Named): AdminNotice | undefined {
  const [, kind = '', about] = /^([a-z-]+?)(?:-(all|[0-9-]+))?$/.exec(said) ?? [];
  if (Object.hasOwn(namedSayings, kind)) return namedSayings[kind]?.(record, about);
  return Object.hasOwn(sayings, said) ? sayings[said] : undefined;
}

const inHistory = 'The change is in the history, with your name.';

function typesIn({ catalogue }: Named, about?: string): string {
  const names = (about?.split('-') ?? []).map((id) => typeName(catalogue, Number(id)));
  return names.length > 0 ? listOf(names) : 'the types that were chosen';
}

function allOf({ catalogue }: Named, about?: string): string {
  return about === 'all' ? 'everything' : `all of ${unitName(catalogue, Number(about))}`;
}

/** True if an opt-out of all leaves transactional types. */
function hasTransactional({ catalogue }: Named, about?: string): boolean {
  return catalogue.orderedTypes.some(
    (type) => type.isActive && !isCoveredByAll(type) && (about === 'all' || type.unitId === Number(about)),
  );
}

/** Messages that name the person, and the types or the unit. */
const namedSayings: Readonly<Record<string, (record: Named, about?: string) => AdminNotice>> = {
  subscribed: (record, about) => ({
    tone: 'good',
    strong: `${record.name} is subscribed to ${typesIn(record, about)}.`,
    sentence: inHistory,
  }),
  unsubscribed: (record, about) => ({
    tone: 'good',
    strong: `${record.name} is opted out of ${typesIn(record, about)}.`,
    sentence: inHistory,
  }),
  'not-specified': (record, about) => ({
    tone: 'good',
    strong: `${record.name} is set back to “not specified” for ${typesIn(record, about)}.`,
    sentence: inHistory,
  }),
  stopped: (record, about) => ({
    tone: 'good',
    strong: `${record.name} is opted out of ${allOf(record, about)}.`,
    sentence: hasTransactional(record, about) ? `Transactional types go on. ${inHistory}` : inHistory,
  }),
  lifted: (record, about) => ({
    tone: 'good',
    strong: `${record.name} is no longer opted out of ${allOf(record, about)}.`,
    sentence: 'The single types count again, as shown below.',
  }),
  'lifted-staffs': (record, about) => ({
    tone: 'warn',
    strong: `The opt-out by staff was removed. ${record.name} is still opted out of ${allOf(record, about)}.`,
    sentence: 'Others opted them out too: see below by whom.',
  }),
};

const sayings: Readonly<Record<string, AdminNotice>> = {
  created: {
    tone: 'good',
    strong: 'Added.',
    sentence: 'Anything that this address decided before still counts.',
  },
  edited: { tone: 'good', strong: 'Saved.' },
  lists: { tone: 'good', strong: 'Lists saved.' },
  unchanged: { tone: 'good', strong: 'Nothing to change.', sentence: 'It was like that already.' },
  corrected: {
    tone: 'good',
    strong: 'Put right.',
    sentence: 'The automated opt-out was removed. What was chosen before counts again.',
  },
  cleared: {
    tone: 'good',
    strong: 'Bounce cleared.',
    sentence: 'Mail is sent to the address again.',
  },
  asked: {
    tone: 'good',
    strong: 'The question is queued.',
    sentence: 'The address can receive again once the contact confirms it by the link in the mail.',
  },
  'asked-before': {
    tone: 'warn',
    strong: 'The question was sent today.',
    sentence: 'It is sent once a day at most.',
  },
  communicated: {
    tone: 'good',
    strong: 'Recorded.',
    sentence: 'You may reach them this once. Nothing else was changed.',
  },
  needless: {
    tone: 'good',
    strong: 'No legal basis is needed.',
    sentence: 'They did not opt out of all, so nothing was recorded.',
  },
  mailed: { tone: 'good', strong: 'The mail is queued.', sentence: 'It is sent within a minute or so.' },
  'mailed-before': {
    tone: 'warn',
    strong: 'The link was sent a moment ago.',
    sentence: 'It is not sent twice within a minute.',
  },
  revoked: {
    tone: 'good',
    strong: 'Links revoked.',
    sentence: 'Those sent so far can opt out, and nothing else.',
  },
};

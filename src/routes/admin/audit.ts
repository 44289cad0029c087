/** The audit log: the list of entries, and the CSV file. */
import type { Response } from 'express';
import { trusted } from 'mongoose';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../vocabulary/access.js';
import { auditEntries, auditPage, isAuditKind, type AuditFilter } from '../../domain/staff/audit.js';
import { doerInWords, findDoers } from '../../domain/staff/names.js';
import { auditKinds, refusalKinds, type AuditEntry } from '../../models/audit-entry.js';
import type { User } from '../../models/user.js';
import type { Scope } from '../../vocabulary/scope.js';
import { dayIn, spanOfDay } from '../../vocabulary/time-zones.js';
import { momentOf } from '../../vocabulary/words.js';
import { auditBy } from './audit-by.js';
import { findRecordNames, type RecordName } from './audit-records.js';
import { aboutOf, detailOf, fromOf, kindWords, whoOf } from './audit-words.js';
import { sendCsv } from './csv-file.js';
import { textOf } from './form.js';
import { cursorIn, cursorText, timeAndId } from '../../cursor.js';
import { actView } from './kit/form.js';
import { listRoute, type ListPage } from './kit/list-page.js';
import { post, type AdminRoute, type Ask } from './route.js';

const pageSize = 50;

const columns = [
  'Time',
  'What',
  'Who',
  'Who, id',
  'About',
  'About, id',
  'Detail',
  'Business unit',
  'From',
  'Times',
  'Last time',
] as const;

interface AuditRow {
  entry: AuditEntry;
  who: string;
  about: RecordName | undefined;
}

const auditList: ListPage<AuditRow> = {
  pattern: adminPatterns.audit,
  path: adminPaths.audit,
  may: 'audit.read',
  section: 'audit',
  title: 'Audit log',
  lead: ({ scope, zone }) =>
    `Who did what, when, and from where. Nothing here can be changed or deleted. The same refusal within an hour is one entry with a count. Days and times are in the time zone ${zone}.${scope === null ? '' : ' You see the entries of your business units.'}`,
  file: (_ask, chosen) => {
    const hidden = Object.entries(chosen).map(([name, value]) => ({ name, value }));
    return actView(adminPaths.auditFiles(), `Download ${hidden.length > 0 ? 'these' : 'all'} as CSV`, hidden);
  },
  filters: async (deps, { scope }) => [
    {
      kind: 'select',
      name: 'kind',
      label: 'What',
      all: 'Everything',
      options: auditKinds.map((value) => ({ value, label: kindWords[value] })),
    },
    { kind: 'select', name: 'by', label: 'Who', all: 'Everybody', options: await peopleOf(deps, scope) },
    { kind: 'day', name: 'day', label: 'Day' },
  ],
  load: async (deps, ask, { chosen, before }) => {
    const place = cursorIn(before, timeAndId) ?? undefined;
    const filter = filterOf(ask, (name) => chosen[name]);
    const { entries, hasOlder } = await auditPage(deps, filter, { before: place, size: pageSize });
    const [doerOf, recordOf] = await Promise.all([
      findDoers(deps, refsOf(entries)),
      findRecordNames(deps, ask, entries),
    ]);
    const last = entries.at(-1);
    return {
      rows: entries.map((entry) => ({
        entry,
        who: whoOf(entry, doerOf),
        // An act on the own account needs no second name.
        about: entry.about === entry.by ? undefined : recordOf(entry, doerOf),
      })),
      ...(hasOlder && last ? { older: cursorText({ at: last.at, id: last._id }) } : {}),
    };
  },
  columns: ({ zone }) => [
    {
      heading: 'What',
      cell: ({ entry }) => ({
        state: { tone: refusalKinds.includes(entry.kind) ? 'out' : 'none', words: kindWords[entry.kind] },
      }),
    },
    { heading: 'About', cell: ({ entry, about }) => ({ ...about, note: detailOf(entry, zone) }) },
    { heading: 'Who', cell: ({ who }) => ({ text: who }) },
    {
      heading: 'When',
      isNumeric: true,
      cell: ({ entry: { at } }) => ({ time: { iso: at.toISOString(), words: momentOf(at, zone) } }),
    },
    { heading: 'From', cell: ({ entry }) => ({ text: fromOf(entry) }) },
  ],
  empty: (isFiltered) => ({
    heading: 'No entries',
    sentence: isFiltered ? 'No entry matches these filters.' : 'Nothing has happened yet.',
  }),
};

export function auditRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, auditList),
    // A form and not a link: the download adds an entry to the log, and a GET writes nothing.
    post(adminPatterns.auditFiles, { may: 'audit.read', about: 'nothing' }, async (ask, response) => {
      const filter = filterOf(ask, (name) => textOf(ask.request, name, 60) || undefined);
      await auditBy(deps, ask, {
        kind: 'EXPORTED',
        detail: ['audit log', filter.kind, filter.day && textOf(ask.request, 'day', 60)]
          .filter(Boolean)
          .join(', '),
      });
      await sendFile(deps, response, filter, ask.zone);
    }),
  ];
}

/** Invalid values are ignored. */
function filterOf({ scope, zone }: Ask, asked: (name: string) => string | undefined): AuditFilter {
  const [kind = '', by = '', day = ''] = ['kind', 'by', 'day'].map(asked);
  const span = spanOfDay(day, zone);
  return {
    scope,
    ...(isAuditKind(kind) ? { kind } : {}),
    ...(/^(user:[\w-]{1,40}|cli)$/.test(by) ? { by } : {}),
    ...(span ? { day: span } : {}),
  };
}

/** Options of the filter by user: all users whose entries the reader may see. */
async function peopleOf(deps: Deps, scope: Scope): Promise<{ value: string; label: string }[]> {
  const users = await deps.models.users
    .find(scope === null ? {} : { unitIds: trusted({ $in: [null, ...scope] }) }, { name: 1, email: 1 })
    .sort({ name: 1 })
    .limit(500)
    .lean<Pick<User, '_id' | 'name' | 'email'>[]>();
  return [
    ...users.map((user) => ({ value: staffRef({ id: user._id }), label: doerInWords(user) })),
    { value: 'cli', label: 'The command line' },
  ];
}

function refsOf(entries: readonly AuditEntry[]): string[] {
  return entries.flatMap(({ by, about }) => [by ?? [], about ?? []].flat());
}

/** Entries whose people are looked up together. */
const batchSize = 500;

async function sendFile(deps: Deps, response: Response, filter: AuditFilter, zone: string): Promise<void> {
  const catalogue = await deps.catalogue();
  async function* rows() {
    let batch: AuditEntry[] = [];
    for await (const entry of auditEntries(deps, filter)) {
      batch.push(entry);
      if (batch.length < batchSize) continue;
      yield* rowsOf(batch);
      batch = [];
    }
    yield* rowsOf(batch);
  }
  async function* rowsOf(entries: readonly AuditEntry[]) {
    const doerOf = await findDoers(deps, refsOf(entries));
    for (const entry of entries) {
      yield [
        entry.at.toISOString(),
        kindWords[entry.kind],
        whoOf(entry, doerOf),
        entry.by ?? '',
        aboutOf(entry, doerOf, catalogue) ?? '',
        entry.about ?? '',
        entry.detail,
        entry.unitId === null ? '' : (catalogue.units.get(entry.unitId)?.name ?? String(entry.unitId)),
        (entry.networks ?? [entry.from ?? '']).join(' '),
        String(entry.count ?? 1),
        (entry.lastAt ?? entry.at).toISOString(),
      ];
    }
  }
  await sendCsv(response, `audit-log-${dayIn(deps.clock(), zone)}.csv`, columns, rows());
}

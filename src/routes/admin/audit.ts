/** The page of the audit log: entries, filters and the CSV file. */
import type { Response } from 'express';
import { trusted } from 'mongoose';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../vocabulary/access.js';
import { auditEntries, auditPage, isAuditKind } from '../../domain/staff/audit-log.js';
import type { AuditFilter } from '../../domain/staff/audit-log.js';
import { doerInWords, findDoers } from '../../domain/staff/names.js';
import { auditKinds } from '../../models/audit-entry.js';
import type { AuditEntry } from '../../models/audit-entry.js';
import type { User } from '../../models/user.js';
import type { Scope } from '../../vocabulary/scope.js';
import { spanOfDay } from '../../vocabulary/time-zones.js';
import type { Option } from '../../views/admin-frame.js';
import { auditBy } from './audit-by.js';
import { aboutOf, entryRow, kindWords, whoOf } from './audit-words.js';
import { sendCsv } from './csv-file.js';
import { queryOf, textOf } from './form.js';
import { adminFrame } from './frame.js';
import type { AdminRoute, Ask } from './route.js';

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

export function auditRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.audit,
      may: 'audit.read',
      about: 'nothing',
      handle: async (ask, response) => {
        const filter = filterOf(ask, (name) => queryOf(ask.request, name, 60));
        const day = filter.day ? (queryOf(ask.request, 'day', 60) ?? '') : '';
        const before = queryOf(ask.request, 'before', 60);
        const [{ entries, hasOlder }, catalogue, people] = await Promise.all([
          auditPage(deps, filter, { before, size: pageSize }),
          deps.catalogue(),
          peopleOf(deps, ask.scope, filter.by),
        ]);
        const doerOf = await findDoers(deps, refsOf(entries));
        const { kind = '', by = '' } = filter;
        response.send(
          deps.views.page('admin-audit', {
            ...adminFrame(ask, 'audit', 'Audit log'),
            action: adminPaths.audit(),
            kinds: [
              { value: '', label: 'Everything', isSelected: kind === '' },
              ...auditKinds.map((value) => ({ value, label: kindWords[value], isSelected: value === kind })),
            ],
            people,
            day,
            zone: ask.zone,
            isFiltered: kind + by + day !== '',
            isLimited: ask.scope !== null,
            entries: entries.map((entry) => entryRow(entry, doerOf, catalogue)),
            ...(hasOlder
              ? { olderHref: adminPaths.audit({ kind, by, day, before: entries.at(-1)?._id }) }
              : {}),
            ...(before ? { newestHref: adminPaths.audit({ kind, by, day }) } : {}),
            file: { action: adminPaths.auditFiles(), kind, by, day },
          }),
        );
      },
    },
    {
      // A form and not a link: the download adds an entry to the log, and a GET writes nothing.
      method: 'POST',
      path: adminPatterns.auditFiles,
      may: 'audit.read',
      about: 'nothing',
      handle: async (ask, response) => {
        const filter = filterOf(ask, (name) => textOf(ask.request, name, 60) || undefined);
        await auditBy(deps, ask, {
          kind: 'EXPORTED',
          detail: ['audit log', filter.kind, filter.day && textOf(ask.request, 'day', 60)]
            .filter(Boolean)
            .join(', '),
        });
        await sendFile(deps, response, filter);
      },
    },
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
async function peopleOf(deps: Deps, scope: Scope, chosen = ''): Promise<Option[]> {
  const users = await deps.models.users
    .find(scope === null ? {} : { unitIds: trusted({ $in: [null, ...scope] }) }, { name: 1, email: 1 })
    .sort({ name: 1 })
    .limit(500)
    .lean<Pick<User, '_id' | 'name' | 'email'>[]>();
  const options = users.map((user) => ({ value: staffRef({ id: user._id }), label: doerInWords(user) }));
  return [{ value: '', label: 'Everybody' }, ...options, { value: 'cli', label: 'The command line' }].map(
    (option) => ({ ...option, isSelected: option.value === chosen }),
  );
}

function refsOf(entries: readonly AuditEntry[]): string[] {
  return entries.flatMap(({ by, about }) => [by ?? [], about ?? []].flat());
}

/** Entries whose people are looked up together. */
const batchSize = 500;

async function sendFile(deps: Deps, response: Response, filter: AuditFilter): Promise<void> {
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
        aboutOf(entry, doerOf, catalogue)?.text ?? '',
        entry.about ?? '',
        entry.detail,
        entry.unitId === null ? '' : (catalogue.units.get(entry.unitId)?.name ?? String(entry.unitId)),
        (entry.networks ?? [entry.from ?? '']).join(' '),
        String(entry.count ?? 1),
        (entry.lastAt ?? entry.at).toISOString(),
      ];
    }
  }
  await sendCsv(response, `audit-log-${deps.clock().toISOString().slice(0, 10)}.csv`, columns, rows());
}

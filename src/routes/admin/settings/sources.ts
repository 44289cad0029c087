/** Settings: the list of scheduled sources, and a new one. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { createSource, sourcesWithin, type SourceSettings } from '../../../domain/sources/sources.js';
import { findImport, type Import } from '../../../models/import.js';
import type { Source } from '../../../models/source.js';
import { staffRef } from '../../../vocabulary/access.js';
import { channels, type BusinessUnit, type Channel } from '../../../vocabulary/terms.js';
import { channelNames, counted, figure, momentOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import { unitOptions } from '../options.js';
import type { AdminRoute } from '../route.js';
import { unitsWithin } from '../user-access.js';
import { newSourceTexts, sourceGroups, sourceSchema, sourceState } from './source-form.js';

export const sourceCrumbs = [...settingsCrumbs, { href: adminPaths.sources(), text: 'Scheduled sources' }];

interface SourceRow {
  source: Source;
  unit: string;
  brought: string;
}

const sourceList: ListPage<SourceRow> = {
  pattern: adminPatterns.sources,
  path: adminPaths.sources,
  may: 'settings.read',
  section: 'settings',
  title: 'Scheduled sources',
  crumbs: settingsCrumbs,
  lead: 'Opt-out lists of other systems. Sayso fetches each one every hour or every day.',
  sayings: {
    deleted: { tone: 'good', strong: 'Source deleted.', sentence: 'The opt-outs that it made stay.' },
  },
  main: { href: adminPaths.newSource(), label: 'New source', may: 'settings.change' },
  load: async (deps, { scope }) => {
    const sources = await sourcesWithin(deps, scope);
    const { units } = await deps.catalogue();
    return {
      rows: await Promise.all(
        sources.map(async (source) => {
          const id = source.lastRun?.importId;
          return {
            source,
            unit: source.unitId === null ? 'All business units' : (units.get(source.unitId)?.name ?? ''),
            brought: broughtWords(source, id ? await findImport(deps.models, id, scope) : null),
          };
        }),
      ),
    };
  },
  columns: ({ zone }) => [
    {
      heading: 'Name',
      cell: ({ source: { _id, name }, unit }) => ({ href: adminPaths.source(_id), text: name, note: unit }),
    },
    { heading: 'State', cell: ({ source }) => ({ state: sourceState(source) }) },
    {
      heading: 'Last run',
      cell: ({ source: { lastRun }, brought }) =>
        lastRun ? { text: momentOf(lastRun.at, zone), note: brought } : { text: 'None yet' },
    },
    {
      heading: 'Next run',
      isNumeric: true,
      cell: ({ source: { nextAt } }) => ({
        time: { iso: nextAt.toISOString(), words: momentOf(nextAt, zone) },
      }),
    },
  ],
  empty: () => ({
    heading: 'No sources yet',
    sentence: 'A source fetches an opt-out list again and again, so that nobody has to upload it.',
  }),
  refresh: (rows) => (rows.some(({ source: { run } }) => run !== null) ? 5 : undefined),
};

/** "12 addresses opted out, 3 opt-outs removed": what the last run did, or why it did nothing. */
export function broughtWords({ lastRun }: Pick<Source, 'lastRun'>, one: Import | null): string {
  if (!lastRun) return '';
  if (lastRun.outcome === 'UNCHANGED') return 'The list had not changed.';
  if (lastRun.outcome !== 'DONE') return lastRun.sentence ?? '';
  const { changed = 0, removed, optedIn } = one?.result ?? {};
  const left = removed === undefined ? '' : `, ${counted(removed, 'opt-out', 'opt-outs')} removed`;
  const stayed = optedIn ? `, ${figure(optedIn)} opted in again and not changed` : '';
  return `${counted(changed, 'address', 'addresses')} opted out${left}${stayed}`;
}

interface NewSource {
  units: readonly BusinessUnit[];
  isOfAccount: boolean;
  zone: string;
}

type Wish = { settings: SourceSettings; channel: Channel; unit: string };

const newSourceForm = declareForm<NewSource, Wish>({
  pattern: adminPatterns.newSource,
  may: 'settings.change',
  about: 'nothing',
  isKept: false,
  groups: ({ units, isOfAccount, zone }) => [
    {
      legend: 'Whose mail',
      hint: 'This cannot be changed later.',
      fields: [
        {
          kind: 'select',
          name: 'unit',
          label: 'Business unit',
          isRequired: true,
          options: [
            // None is proposed: a list of one brand must not stop the mail of all.
            ...(units.length > 1 ? [{ value: '', label: 'Choose…' }] : []),
            ...unitOptions(units),
            ...(isOfAccount ? [{ value: 'all', label: 'All business units' }] : []),
          ],
        },
        {
          kind: 'select',
          name: 'channel',
          label: 'Channel',
          options: channels.map((value) => ({ value, label: channelNames[value] })),
        },
      ],
    },
    ...sourceGroups(zone, false),
  ],
  texts: () => newSourceTexts,
  button: 'Create source',
  schema: ({ subject: { units, isOfAccount } }) =>
    z
      .looseObject({
        unit: z
          .string()
          .refine(
            (text) => (text === 'all' ? isOfAccount : units.some(({ id }) => String(id) === text)),
            'Choose a business unit.',
          ),
        channel: z.enum(channels),
      })
      .transform(({ unit, channel, ...rest }, context): Wish => {
        const read = sourceSchema(null).safeParse(rest);
        if (read.success) return { settings: read.data, channel, unit };
        for (const { path, message } of read.error.issues)
          context.addIssue({ code: 'custom', path: [...path], message });
        return z.NEVER;
      }),
  save: async ({ deps, ask, values: { settings, unit, channel } }) => {
    const unitId = unit === 'all' ? null : Number(unit);
    const id = await createSource(deps, { ...settings, unitId, channel, createdBy: staffRef(ask.user) });
    const detail = `Scheduled source “${settings.name}” created`;
    await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: `source:${id}`, unitId, detail });
    return { to: adminPaths.source(id), said: 'created' };
  },
});

export function sourceListRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, sourceList),
    ...formRoutes<NewSource>(deps, {
      section: 'settings',
      load: async (all, { scope, zone }) => ({
        ...{ units: await unitsWithin(all, scope), isOfAccount: scope === null, zone },
      }),
      show: (_about, form) => ({
        title: 'New source',
        crumbs: sourceCrumbs,
        form: form(newSourceForm),
      }),
      forms: [newSourceForm],
    }),
  ];
}

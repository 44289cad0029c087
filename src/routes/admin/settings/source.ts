/** One scheduled source: its last run, "Run now", a smaller list to accept, its settings, and its deletion. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { acceptList } from '../../../domain/sources/runs.js';
import { deleteSource, deleteSourceAndOptOuts } from '../../../domain/sources/delete-source.js';
import { changeSource, findSource, queueRun, type SourceSettings } from '../../../domain/sources/sources.js';
import { DomainError } from '../../../errors.js';
import { findImport, type Import } from '../../../models/import.js';
import type { Source } from '../../../models/source.js';
import { mayRole, staffRef } from '../../../vocabulary/access.js';
import { channelNames, figure, momentOf } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { auditBy } from '../audit-by.js';
import { messagesOf } from '../imports/import-words.js';
import type { Sayings } from '../frame.js';
import { plansIn } from '../kit/fields.js';
import { declareAct, declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { sourceGroups, sourceSchema, sourceState, sourceTexts } from './source-form.js';
import { broughtWords, sourceCrumbs } from './sources.js';

interface Seen {
  source: Source;
  unit: string;
  last: Import | null;
}

const sayings: Sayings = {
  created: { tone: 'good', strong: 'Source created.', sentence: 'Run it now, or wait for its time.' },
  saved: { tone: 'good', strong: 'Saved.', sentence: 'The next run fetches the whole list again.' },
  queued: { tone: 'good', strong: 'The run is queued.', sentence: 'A worker fetches the list now.' },
  accepted: { tone: 'good', strong: 'Accepted.', sentence: 'A worker imports the smaller list now.' },
};

const rule = { may: 'settings.change', about: 'source' } as const;

const settingsForm = declareForm<Seen, SourceSettings>({
  pattern: adminPatterns.source,
  ...rule,
  isKept: false,
  // One card: a panel with groups of its own would be a card in a card.
  groups: ({ source }, _texts, { zone }) => [
    { fields: plansIn(sourceGroups(zone, source.credential.secret !== null)) },
  ],
  texts: ({ source }) => sourceTexts(source),
  version: ({ source }) => source.version,
  button: 'Save',
  schema: ({ subject: { source } }) => sourceSchema(source),
  save: async ({ deps, ask, subject: { source }, values, version }) => {
    if ((await changeSource(deps, { ...source, version }, values)) === 'STALE') return 'STALE';
    await audit(deps, ask, source, 'changed');
    return { to: adminPaths.source(source._id), said: 'saved' };
  },
});

const runForm = declareAct<Seen>({
  ...rule,
  pattern: adminPatterns.sourceRuns,
  button: 'Run now',
  look: 'plain',
  save: async ({ deps, ask, subject: { source } }) => {
    await queueRun(deps, source, deps.clock());
    await audit(deps, ask, source, 'run by hand');
    return { to: adminPaths.source(source._id), said: 'queued' };
  },
});

const acceptanceForm = declareAct<Seen>({
  ...rule,
  pattern: adminPatterns.sourceAcceptances,
  // Another list may be held by the time the button is pressed.
  version: ({ last }) => last?.counts?.distinct ?? 0,
  button: 'Accept the smaller list',
  look: 'stop',
  save: async ({ deps, ask, subject: { source, last }, version }) => {
    if (version !== last?.counts?.distinct) return 'STALE';
    try {
      await acceptList(deps, source);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CONFLICT') throw error;
      return { faults: [{ text: error.message, href: '' }] };
    }
    await audit(deps, ask, source, `smaller list of ${figure(version)} accepted`);
    return { to: adminPaths.source(source._id), said: 'accepted' };
  },
});

const deletionForm = declareForm<Seen, { optOuts: 'STAY' | 'GO' }>({
  ...rule,
  isKept: false,
  groups: () => [
    {
      fields: [
        {
          kind: 'radios',
          name: 'optOuts',
          label: 'Opt-outs that this source made',
          options: [
            { value: 'STAY', label: 'They stay' },
            { value: 'GO', label: 'They are removed', hint: 'Opt-outs that others made stay.' },
          ],
        },
      ],
    },
  ],
  texts: () => ({ optOuts: 'STAY' }),
  schema: () => z.object({ optOuts: z.enum(['STAY', 'GO']) }),
  pattern: adminPatterns.sourceDeletions,
  button: 'Delete source',
  look: 'stop',
  save: async ({ deps, ask, subject: { source }, values: { optOuts }, confirmed }) => {
    const isGoing = optOuts === 'GO';
    if (confirmed !== optOuts)
      return {
        confirm: {
          heading: isGoing ? 'Delete this source and its opt-outs?' : 'Delete this source?',
          sentences: [
            'Its list is not fetched any more.',
            isGoing
              ? `Each address loses the opt-out that this source made, so it may get ${messagesOf[source.channel]} again. Opt-outs that others made stay.`
              : 'The opt-outs that it made stay.',
          ],
          button: isGoing ? 'Delete source and opt-outs' : 'Delete source',
          confirmed: optOuts,
        },
      };
    if (!isGoing) {
      await deleteSource(deps, source);
      await audit(deps, ask, source, 'deleted');
      return { to: adminPaths.sources(), said: 'deleted' };
    }
    try {
      const undo = await deleteSourceAndOptOuts(deps, source, staffRef(ask.user));
      await audit(deps, ask, source, 'deleted, with its opt-outs');
      return { to: adminPaths.import(undo._id), said: 'undone' };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'CONFLICT') throw error;
      return { faults: [{ text: error.message, href: '' }] };
    }
  },
});

export function sourceRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Seen>(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings,
    load: sourceAsked,
    show: ({ ask, subject: { source, unit, last } }, form) => {
      const mayChange = mayRole(ask.user.role, 'settings.change');
      const { lastRun, run, nextAt, channel, accepted } = source;
      const isHeld = lastRun?.outcome === 'HELD' && run === null;
      const attention: Panel[] = isHeld
        ? [
            {
              heading: 'The list has shrunk by more than half',
              sentences: [
                lastRun.sentence ?? '',
                source.mode === 'MIRROR'
                  ? 'Nothing has changed. If you accept it, the other addresses lose the opt-out of this source.'
                  : 'Nothing has changed. If you accept it, later lists are compared with this one.',
              ],
              ...(mayChange ? { form: form(acceptanceForm) } : {}),
            },
          ]
        : [];
      return {
        title: source.name,
        state: sourceState(source),
        crumbs: sourceCrumbs,
        ...(run === null ? {} : { refresh: 5 }),
        aside: [
          {
            heading: 'Runs',
            facts: [
              { term: 'Business unit', text: unit },
              { term: 'Channel', text: channelNames[channel] },
              {
                term: 'Last run',
                text: lastRun ? momentOf(lastRun.at, ask.zone) : 'None yet',
                note: broughtWords(source, last),
                ...(last ? { href: adminPaths.import(last._id) } : {}),
              },
              { term: 'Addresses in the list', text: figure(accepted) },
              { term: 'Next run', text: momentOf(nextAt, ask.zone) },
              ...(source.failures > 0 ? [{ term: 'Failures in a row', text: figure(source.failures) }] : []),
            ],
            ...(mayChange ? { form: form(runForm) } : {}),
          },
        ],
        panels: [
          ...attention,
          { heading: 'Settings', form: form(settingsForm) },
          ...(mayChange ? [{ heading: 'Delete', form: form(deletionForm) }] : []),
        ],
      };
    },
    forms: [settingsForm, runForm, acceptanceForm, deletionForm],
  });
}

/** @throws DomainError `NOT_FOUND` for a source that does not exist for this user */
async function sourceAsked(deps: Deps, { request, scope }: Ask): Promise<Seen> {
  const source = await findSource(deps, String(request.params['source']), scope);
  if (!source) throw new DomainError('NOT_FOUND');
  const { unitId, lastRun } = source;
  const unit = unitId === null ? 'All business units' : (await deps.catalogue()).units.get(unitId)?.name;
  const last = lastRun?.importId ? await findImport(deps.models, lastRun.importId, scope) : null;
  return { source, unit: unit ?? '', last };
}

async function audit(deps: Deps, ask: Ask, { _id, unitId, name }: Source, what: string): Promise<void> {
  const detail = `Scheduled source “${name}” ${what}`;
  await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: `source:${_id}`, unitId, detail });
}

/** One object of each kind that belongs only to Fjell, each with a name that no user limited to Northwind may read. */
import { randomBytes } from 'node:crypto';
import { createEndpoint } from '../../src/domain/bounces/endpoints.js';
import { createEndpoint as createWebhook } from '../../src/domain/webhooks/endpoints.js';
import { createSource } from '../../src/domain/sources/sources.js';
import { createApiKey } from '../../src/domain/staff/api-keys.js';
import { createUser } from '../../src/domain/staff/users.js';
import { wholeIndex } from '../../src/domain/contacts/selection.js';
import { allOf } from '../../src/domain/filters/filter.js';
import { saveView } from '../../src/domain/contacts/saved-views.js';
import { createList } from '../../src/domain/lists/lists.js';
import { createWorkflow } from '../../src/domain/workflows/workflows.js';
import { insertImport } from '../../src/models/import.js';
import { queueJob } from '../../src/models/job.js';
import { fjell, weekendLetters } from './people.js';
import type { TestPortal } from './app.js';
import { contactIn } from './contacts.js';

/** Words that occur nowhere else. Each name has the same beginning, so that one search finds any. */
export const canary = 'Zeisig';

/** For a route about one object: its id, for the first parameter of the path. */
export type ThingMaker = (portal: TestPortal) => Promise<string>;

/** Gives Fjell and its types names that are canaries. Run this before the portal reads its catalogue. */
export async function nameTheOtherUnit({ units, types }: TestPortal['deps']['models']): Promise<void> {
  await units.updateOne({ _id: fjell.id }, { $set: { name: `${canary}unit`, translations: {} } });
  for (const { _id } of await types.find({ unitId: fjell.id }, { _id: 1 }).lean())
    await types.updateOne({ _id }, { $set: { name: `${canary}type${_id}`, translations: {} } });
}

/**
 * Creates an object of Fjell's for each kind that a route may concern. For a route about one's own things: another user's, for each name of a
 * parameter. A missing kind fails the matrix.
 */
export const makers: Readonly<Record<string, ThingMaker>> = {
  unit: async () => String(fjell.id),
  type: async ({ deps }) => String((await deps.models.types.findOne({ unitId: fjell.id }).lean())?._id),
  user: async ({ deps }) => {
    const user = await createUser(deps, {
      email: `${canary.toLowerCase()}user-${randomBytes(4).toString('hex')}@staff.example`,
      name: `${canary}user`,
      role: 'support',
      scope: [fjell.id],
    });
    return user._id;
  },
  key: async ({ deps }) => {
    const name = `${canary}key`;
    const { record } = await createApiKey(deps, {
      name,
      scopes: ['links'],
      scope: [fjell.id],
      expiresAt: null,
      by: 'user:nobody',
    });
    return record._id;
  },
  contact: async (portal) => {
    const { _id } = await contactIn(portal, {
      firstName: `${canary}contact`,
      email: `${canary.toLowerCase()}contact-${randomBytes(4).toString('hex')}@example.com`,
      unitIds: [fjell.id],
    });
    return _id;
  },
  endpoint: async ({ deps }) => {
    const id = await createEndpoint(deps, { provider: 'postmark', unitId: fjell.id, by: 'user:nobody' });
    const problem = { at: deps.clock(), sentence: `${canary}endpoint` };
    await deps.models.reportEndpoints.updateOne({ _id: id }, { $set: { problem } });
    return id;
  },
  workflow: async ({ deps }) => {
    const name = `${canary}workflow`;
    return createWorkflow(deps, { name, unitIds: [fjell.id], by: 'user:nobody' });
  },
  source: ({ deps }) =>
    createSource(deps, {
      ...{ name: `${canary}source`, url: 'https://lists.example.com/', format: 'CSV', path: '', field: '' },
      ...{ schedule: { every: 'DAILY', at: '02:30' }, mode: 'APPEND', unitId: fjell.id, channel: 'EMAIL' },
      ...{ credential: { kind: 'NONE', header: '', secret: null }, createdBy: 'user:nobody' },
    }),
  webhook: async ({ deps }) => {
    const about = { url: 'https://hooks.example.com/', eventTypes: [], typeIds: [], unitIds: [fjell.id] };
    const made = await createWebhook(deps, { ...about, name: `${canary}webhook` }, 'user:nobody');
    return made.id;
  },
  passkey: async ({ deps }) => {
    const id = `${canary}passkey`;
    const passkey = {
      id,
      publicKey: '',
      counter: 0,
      transports: [],
      name: id,
      addedAt: deps.clock(),
      lastUsedAt: null,
    };
    const owner = await createUser(deps, {
      email: `${canary.toLowerCase()}owner@staff.example`,
      name: `${canary}owner`,
      role: 'support',
      scope: [fjell.id],
    });
    await deps.models.users.updateOne({ _id: owner._id }, { $set: { passkeys: [passkey] } });
    return id;
  },
  view: async ({ deps }) => {
    const filter = allOf([{ on: 'unit', of: '', is: 'IS', values: [String(fjell.id)] }]);
    const saved = await saveView(deps, {
      userId: 'somebody',
      scope: null,
      name: `${canary}view`,
      view: { ...wholeIndex, filter },
      isShared: true,
    });
    return 'view' in saved ? saved.view._id : '';
  },
  list: async ({ deps }) => {
    const wanted = { name: `${canary}list`, kind: 'ACTIVE' as const, unitIds: [fjell.id], by: 'user:nobody' };
    const made = await createList(deps, { ...wanted, scope: null });
    return 'list' in made ? made.list._id : '';
  },
  import: async ({ deps }) => {
    const _id = `of-the-other-unit-${randomBytes(4).toString('hex')}`;
    await insertImport(deps.models, {
      ...{
        _id,
        kind: 'OPT_OUTS',
        state: 'DONE',
        unitId: fjell.id,
        channel: 'EMAIL',
        choice: null,
        revision: 1,
      },
      ...{
        file: { name: `${canary}import.csv`, size: 1 },
        fault: null,
        counts: null,
        undoes: null,
        undoneBy: null,
      },
      ...{
        result: { changed: 1, unchanged: 0 },
        by: 'cli',
        at: deps.clock(),
        confirmedAt: null,
        endedAt: null,
      },
    });
    return _id;
  },
  job: async ({ deps }) => {
    const id = `of-the-other-unit-${randomBytes(4).toString('hex')}`;
    const input = {
      selection: { kind: 'IDS', ids: [] },
      channel: 'EMAIL',
      typeIds: [weekendLetters.id],
      status: 'OPT_OUT',
      hasOptOutOfAllRemoved: false,
      legalBasis: null,
      processingBasis: null,
      explanation: `${canary}job`,
    };
    await queueJob(deps, { id, kind: 'BULK_EDIT', input, scope: [fjell.id] });
    // A finished job: its progress ends at once, and no action applies to it.
    await deps.models.jobs.updateOne({ _id: id }, { $set: { state: 'DONE' } });
    return id;
  },
};

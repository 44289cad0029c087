/** The API of workflows: their state, as staff change it, within the business units of the key. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import { emptyPlan } from '../../../src/domain/workflows/plan.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../../../src/domain/workflows/workflows.js';
import type { ApiScope } from '../../../src/models/api-key.js';
import { openTestPortal, type TestPortal } from '../../support/app.js';
import { fjell, northwind } from '../../support/people.js';
import { having, onFilter, wait } from '../../support/workflow-room.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterAll(() => portal.stop());

async function keyWith(scopes: ApiScope[], scope: number[] | null = null): Promise<string> {
  const about = { name: 'test', scopes, scope, expiresAt: null, by: 'user:1' };
  return (await createApiKey(portal.deps, about)).key;
}

async function setState(as: string, id: string, state: string) {
  const response = await fetch(`${portal.url}/api/v1/workflows/${id}/state`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  });
  return { status: response.status, answer: Object(await response.json()) };
}

it('a workflow is paused, resumed and turned off once, and each act is audited', async () => {
  const { deps } = portal;
  const id = await createWorkflow(deps, { name: 'Welcome', unitIds: [northwind.id], by: 'user:1' });
  const key = await keyWith(['settings.write', 'contacts.read'], [northwind.id]);
  for (const state of ['ACTIVE', 'PAUSED', 'OFF']) expect((await setState(key, id, state)).status).toBe(409);
  const plan = { ...emptyPlan, trigger: onFilter(having('tier', 'gold')), steps: [wait(1, 'DAYS')] };
  await saveDraft(deps, await getWorkflow(deps, id, null), plan);
  const choice = { enrolsNow: false, moves: false, by: 'user:1' };
  await publish(deps, await getWorkflow(deps, id, null), choice);
  for (const [state, now] of [
    ['ACTIVE', 'STARTING'],
    ['PAUSED', 'PAUSED'],
    ['PAUSED', 'PAUSED'],
    ['ACTIVE', 'STARTING'],
    ['OFF', 'OFF'],
    ['OFF', 'OFF'],
  ] as const)
    expect(await setState(key, id, state)).toMatchObject({ status: 200, answer: { id, state: now } });
  expect((await setState(key, id, 'ACTIVE')).status).toBe(409);
  const entries = await deps.models.auditEntries.find({ about: `workflow:${id}` }).lean();
  expect(entries.map(({ detail }) => detail).sort()).toEqual(
    ['paused', 'resumed', 'turned off'].map((what) => `“Welcome”: ${what}`),
  );
  expect(entries.every(({ by, unitId }) => by?.startsWith('key:') && unitId === northwind.id)).toBe(true);
  expect(await deps.models.jobs.countDocuments({ 'input.workflowId': id, 'input.what': 'OFF' })).toBe(1);
});

it('a key needs the scope for settings, and reaches the workflows of its business units', async () => {
  const id = await createWorkflow(portal.deps, { name: 'Of all', unitIds: null, by: 'user:1' });
  expect((await setState(await keyWith(['settings.write'], [fjell.id]), id, 'OFF')).status).toBe(404);
  expect((await setState(await keyWith(['contacts.write']), id, 'OFF')).status).toBe(403);
  const get = async (key: string, path: string) => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${portal.url}/api/v1/workflows${path}`, { headers });
    return { status: response.status, answer: Object(await response.json()) };
  };
  const shown = await get(await keyWith(['contacts.read']), `/${id}`);
  expect(shown).toMatchObject({ status: 200, answer: { id, state: 'DRAFT', businessUnitIds: null } });
  expect((await get(await keyWith(['contacts.read'], [fjell.id]), `/${id}`)).status).toBe(404);
});

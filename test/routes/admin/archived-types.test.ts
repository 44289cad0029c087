/** The forms of workflows offer an archived subscription type only if it is chosen already. */
import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { setTypeActive } from '../../../src/domain/catalogue/types.js';
import { planSchema } from '../../../src/domain/workflows/plan.js';
import { openTestPortal } from '../../support/app.js';
import { trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');

async function created(name: string): Promise<string> {
  await marketer.press(await marketer.open(adminPaths.newWorkflow()), /Create workflow/, { name });
  return (await portal.deps.models.workflows.findOne({ name }).lean())?._id ?? '';
}

it('the forms of a trigger and a step offer an archived subscription type only if it is chosen already', async () => {
  const typeId = String(trailNotes.id);
  const id = await created('First');
  await marketer.press(await marketer.open(adminPaths.workflowTrigger(id)), /^Save$/, {
    way: 'OPTED_OUT',
    typeId,
  });
  const newStep = { kind: 'CONSENT', after: 'first' };
  const form = await marketer.open(adminPaths.workflowStep(id, newStep));
  await marketer.press(form, /Save step/, { status: 'OPT_OUT', typeId });
  const { steps } = planSchema.parse((await portal.deps.models.workflows.findById(id).lean())?.draft);
  const offered = async (path: string) =>
    load((await marketer.open(path)).html)(`#typeId option[value="${typeId}"]`).text();
  await setTypeActive(portal.deps, trailNotes.id, false);
  for (const path of [
    adminPaths.workflowTrigger(id),
    adminPaths.workflowStep(id, { step: steps[0]?.id ?? '' }),
  ])
    expect(await offered(path), path).toContain('archived');
  const other = await created('Second');
  for (const path of [adminPaths.workflowTrigger(other), adminPaths.workflowStep(other, newStep)])
    expect(await offered(path), path).toBe('');
});

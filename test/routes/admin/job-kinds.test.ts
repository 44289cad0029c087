/** What pages do with each registered kind of job: its label, and who may act on it. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { jobKinds } from '../../../src/jobs/registry.js';
import { queueJob } from '../../../src/models/job.js';
import { mayRole, roles } from '../../../src/vocabulary/access.js';
import type { Role } from '../../../src/vocabulary/access.js';
import { openTestPortal } from '../../support/app.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const visitors = new Map<Role, StaffVisitor>();
const portal = await openTestPortal();
for (const role of roles) visitors.set(role, await signedIn(portal, role));

async function deadJob(kind: string, role: Role): Promise<string> {
  const id = `${kind}-${role}`;
  await queueJob(portal.deps, { id, kind, input: {}, scope: null });
  await portal.deps.models.jobs.updateOne({ _id: id }, { $set: { state: 'DEAD' } });
  return id;
}

describe('every kind of job', () => {
  it.each(jobKinds.map((kind) => [kind.name, kind] as const))(
    '%s has its label on its page and in the list for all roles, and only a role with its permission may act on it',
    async (name, kind) => {
      for (const [role, visitor] of visitors) {
        const id = await deadJob(name, role);
        const page = await visitor.open(adminPaths.job(id));
        expect(page.text).toContain(kind.label);
        expect((await visitor.open(adminPaths.jobs(`kind=${name}`))).html).toContain(adminPaths.job(id));
        const may = mayRole(role, 'jobs.run') && mayRole(role, kind.permission);
        expect(page.html.includes(adminPaths.jobRetries(id)), role).toBe(may);
        const { status } = await visitor.post(adminPaths.jobRetries(id), {});
        expect(status, role).toBe(may ? 200 : mayRole(role, 'jobs.run') ? 404 : 403);
        expect((await portal.deps.models.jobs.findById(id).lean())?.state, role).toBe(
          may ? 'QUEUED' : 'DEAD',
        );
      }
    },
  );

  it('has a unique name', () => {
    expect(new Set(jobKinds.map(({ name }) => name)).size).toBe(jobKinds.length);
  });
});

/** Queues the job that a form asks for. The form has a nonce, so that a double click makes one job and one audit entry. */
import { randomBytes } from 'node:crypto';
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { wantedOf } from '../../../jobs/kind.js';
import { queueJob } from '../../../models/job.js';
import { auditBy } from '../audit-by.js';
import { textOf } from '../form.js';
import type { Ask } from '../route.js';

/** The hidden field of the form. A form that is shown again keeps its nonce. */
export function nonceField({ request }: Ask): { name: string; value: string } {
  const sent = request.method === 'POST' ? textOf(request, 'nonce', 40) : '';
  return { name: 'nonce', value: sent || randomBytes(12).toString('base64url') };
}

/**
 * Queues the job. Its key is bound to this user, so that a form never answers with another user's job.
 * @returns the path of the job's page
 * @throws DomainError `INVALID_FORM` for a nonce that the portal did not make
 */
export async function queueJobOf(deps: Deps, ask: Ask, wanted: ReturnType<typeof wantedOf>): Promise<string> {
  const nonce = textOf(ask.request, 'nonce', 40);
  if (!/^[\w-]{16}$/.test(nonce)) throw new DomainError('INVALID_FORM');
  const id = `${ask.user.id}-${nonce}`;
  const { isNew } = await queueJob(deps, { id, ...wanted, requestedBy: ask.user.id, scope: ask.scope });
  if (isNew) await auditBy(deps, ask, { kind: 'JOB_STARTED', about: `job:${id}`, detail: wanted.kind });
  return adminPaths.job(id);
}

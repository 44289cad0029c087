/** Notes when a bounce or a complaint was cleared: reports of something older say nothing new. */
import { randomBytes } from 'node:crypto';
import type { Models } from '../../models/index.js';
import { writing } from '../consent/durability.js';

/** Called before the clearing itself, so that a crash between the two leaves no report that counts again. */
export async function noteClearing(
  { models, clock }: { models: Pick<Models, 'bounceReports'>; clock: () => Date },
  subscriberId: string,
): Promise<void> {
  const at = clock();
  const _id = `cleared:${randomBytes(12).toString('base64url')}`;
  await writing(() => models.bounceReports.create({ _id, kind: 'CLEARED', subscriberId, at, doneAt: at }));
}

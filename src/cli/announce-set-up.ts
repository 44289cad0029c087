/** Writes the set-up link for the first account to the log. */
import { adminPaths } from '../admin-paths.js';
import type { Deps } from '../deps.js';
import { offerSetUp } from '../domain/staff/set-up-link.js';
import { logUnscrubbed } from '../log.js';

/** Without any account, writes one line with a link that works for an hour. It is the only line that is not scrubbed (decision 0445). */
export async function announceSetUp(deps: Pick<Deps, 'models' | 'clock' | 'config'>): Promise<void> {
  const token = await offerSetUp(deps);
  if (token === null) return;
  logUnscrubbed(
    deps.config,
    `There is no account yet. Create the first within an hour: ${deps.config.baseUrl}${adminPaths.setUp(token)} (later: start again, or \`sayso user create\`)`,
  );
}

/** Prints an API key of the demonstration, and three calls ready to paste. */
import type { Deps } from '../deps.js';
import { createApiKey } from '../domain/staff/api-keys.js';
import { apiScopes } from '../models/api-key.js';
import { patterns } from '../paths.js';
import { people, trailNotes } from '../seed/world.js';

const madeBy = 'demo';

/** The key of an earlier start stops working, as its passwords do. */
export async function printApi(deps: Deps, say: (sentence: string) => void): Promise<void> {
  const { baseUrl } = deps.config;
  await deps.models.apiKeys.deleteMany({ createdBy: madeBy });
  const about = { name: 'Demonstration', scopes: apiScopes, scope: null, expiresAt: null, by: madeBy };
  const { key } = await createApiKey(deps, about);
  const [one, other] = people.map(({ address }) => address);
  const call = (path: string, body?: object) => {
    const sent = body && ` -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    say(`  curl -H 'Authorization: Bearer ${key}'${sent ?? ''} ${baseUrl}/api/v1/${path}`);
  };
  say(
    `\nThe API is described at ${baseUrl}${patterns.api}. This key, made for this start, may do everything:`,
  );
  say(`  ${key}`);
  say('\nWhat somebody gets, whether a mailing may be sent, and the links for it:');
  call(`subscribers/${one}`);
  call('eligibility', { address: other, typeId: trailNotes.id });
  call('links', { address: one, businessUnitId: trailNotes.unitId, typeId: trailNotes.id });
}

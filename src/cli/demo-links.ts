/** Prints the links of everybody in the demonstration, ready to click or paste. */
import type { Deps } from '../deps.js';
import { mintLink } from '../domain/links/mint-links.js';
import { paths } from '../paths.js';
import { people, trailNotes } from '../seed/world.js';

export async function printLinks(deps: Deps, say: (sentence: string) => void): Promise<void> {
  const { baseUrl } = deps.config;
  say(`\nThe portal runs at ${baseUrl}. These are the people of the demonstration:`);
  for (const { name, role, address } of people) {
    const links = await mintLink(deps, {
      address,
      channel: 'EMAIL',
      unitId: trailNotes.unitId,
      typeId: trailNotes.id,
    });
    say(`\n${name} ${role} (${address})`);
    say(`  Preferences  ${links.managePreferencesUrl}`);
    say(`  Unsubscribe  ${links.unsubscribeAllUrl}`);
    say(`  One-click    curl -d List-Unsubscribe=One-Click ${headerUrl(links.headers['List-Unsubscribe'])}`);
  }
  say(`\nLost link    ${baseUrl}${paths.find()}`);
  say(`Outbox       ${baseUrl}${paths.outbox()}`);
  say('\nCtrl+C stops it; what was changed is kept until the next time.');
}

/** The `https` URL of a List-Unsubscribe header. */
export function headerUrl(header: string): string {
  return /<(https?:[^>]+)>/.exec(header)?.[1] ?? '';
}

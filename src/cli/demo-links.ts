/** Prints the links of everybody in the demonstration, ready to click or paste. */
import type { Deps } from '../deps.js';
import { mintLink } from '../domain/links/mint-links.js';
import { paths } from '../paths.js';
import { people, trailNotes } from '../seed/world.js';

export interface Showing {
  /** Where the demonstration keeps everything, as one would type it. */
  folder: string;
  /** The world was there before, so the people may be elsewhere by now. */
  isOld: boolean;
  say: (sentence: string) => void;
}

export async function printLinks(deps: Deps, { folder, isOld, say }: Showing): Promise<void> {
  const { baseUrl, mongodbUri } = deps.config;
  say(`\nThe portal runs at ${baseUrl}. These are the people of the demonstration:`);
  for (const { name, role, address } of people) {
    const links = await mintLink(deps, {
      address,
      channel: 'EMAIL',
      unitId: trailNotes.unitId,
      typeId: trailNotes.id,
    });
    say(isOld ? `\n${name} began as: ${role} (${address})` : `\n${name} ${role} (${address})`);
    say(`  Preferences  ${links.managePreferencesUrl}`);
    say(`  Unsubscribe  ${links.unsubscribeAllUrl}`);
    say(`  One-click    curl -d List-Unsubscribe=One-Click ${headerUrl(links.headers['List-Unsubscribe'])}`);
  }
  say(`\nLost link    ${baseUrl}${paths.find()}`);
  say(`Outbox       ${baseUrl}${paths.outbox()}`);
  const afresh = mongodbUri === undefined ? ` (\`rm -r ${folder}\` starts over)` : '';
  say(`\nCtrl+C stops it; what was changed is kept until the next time${afresh}.`);
}

/** The `https` URL of a List-Unsubscribe header. */
export function headerUrl(header: string): string {
  return /<(https?:[^>]+)>/.exec(header)?.[1] ?? '';
}

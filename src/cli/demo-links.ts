/** Prints the links of all people of the demonstration, ready to click or paste. */
import { adminPaths } from '../admin-paths.js';
import type { Deps } from '../deps.js';
import { mintLink } from '../domain/links/mint-links.js';
import { paths } from '../paths.js';
import type { DemoSignIn } from '../seed/demo-staff.js';
import { people, trailNotes } from '../seed/world.js';
import { printApi } from './demo-api.js';

export interface Showing {
  /** The folder of the demonstration, as a user would type it. */
  folder: string;
  /** The world existed before, so the statuses may have changed. */
  isOld: boolean;
  staff: readonly DemoSignIn[];
  say: (sentence: string) => void;
}

export async function printLinks(deps: Deps, { folder, isOld, staff, say }: Showing): Promise<void> {
  const { baseUrl, mongodbUri } = deps.config;
  say(`\nThe portal runs at ${baseUrl}. These are the people of the demonstration:`);
  for (const { name, role, address } of people) {
    const links = await mintLink(deps, {
      address,
      channel: 'EMAIL',
      unitId: trailNotes.unitId,
      typeId: trailNotes.id,
    });
    say(`\n${name} ${role}${isOld ? ', unless you changed it' : ''} (${address})`);
    say(`  Preferences  ${links.managePreferencesUrl}`);
    say(`  Unsubscribe  ${links.unsubscribeAllUrl}`);
    say(`  One-click    curl -d List-Unsubscribe=One-Click ${headerUrl(links.headers['List-Unsubscribe'])}`);
  }
  say(`\nLost link    ${baseUrl}${paths.find()}`);
  say(`Outbox       ${baseUrl}${paths.outbox()}`);
  const { reportedPeople } = await import('../seed/demo-reports.js');
  say('\nMail providers reported these contacts:');
  for (const { name, role, address } of reportedPeople) say(`  ${name} ${role} (${address})`);
  say(`\nStaff sign in at ${baseUrl}${adminPaths.signIn()}, with passwords made for this start:`);
  for (const { name, role, email, password, unit } of staff)
    say(
      `  ${role.padEnd(8)}  ${email.padEnd(24)}  ${password}  ${name}${unit ? `, who reaches ${unit} alone` : ''}`,
    );
  say('\nOnce signed in, as a marketer or an admin, and the last as an admin:');
  say(`  An imported opt-out list, with its undo  ${baseUrl}${adminPaths.imports()}`);
  say(`  A workflow with contacts at its steps    ${baseUrl}${adminPaths.workflows()}`);
  say(`  Marketing contacts near the limit        ${baseUrl}${adminPaths.marketing()}`);
  say(`  A scheduled source, as an admin          ${baseUrl}${adminPaths.sources()}`);
  say(`  Exports of unsubscribed addresses        ${baseUrl}${adminPaths.exports()}`);
  say(`  Bounces and complaints                   ${baseUrl}${adminPaths.bounces()}`);
  await printApi(deps, say);
  const afresh = mongodbUri === undefined ? ` (\`rm -r ${folder}\` starts over)` : '';
  say(`\nCtrl+C stops it; what was changed is kept until the next time${afresh}.`);
}

/** The `https` URL of a List-Unsubscribe header. */
export function headerUrl(header: string): string {
  return /<(https?:[^>]+)>/.exec(header)?.[1] ?? '';
}

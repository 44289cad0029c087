/** Support staff sign in, find the contact, override an opt-out, and see it in the history. */
import { adminPaths } from '../admin-paths.js';
import { northwind, trailNotes } from '../seed/world.js';
import type { TourBrowser } from './demo-tour-browser.js';
import { failTour, textOf } from './demo-tour-pages.js';
import { mainContact } from './demo-tour-preferences.js';
import type { TourPart } from './demo-tour-part.js';

const explanation = 'Called us: opted out by mistake, and would like the letter again.';

export const tourStaff: TourPart = async ({ tell, signIn, addressOf }) => {
  const address = addressOf(mainContact);
  const type = trailNotes;
  const { name, browser } = await signIn('support');
  tell(`${name} of support signed in.`);

  const id = await makeRecord(browser, { email: address, firstName: 'Tora', lastName: 'Ness' });
  tell("Made the contact's record, and looked it up by its address.");

  const standing = await browser.get(adminPaths.contact(id));
  if (!rowOf(standing, type.name).includes('Opted out')) failTour('the record does not show the opt-out');
  tell(`The record shows: ${rowOf(standing, type.name)}`);

  const override = adminPaths.overrides(id, { channel: type.channel, type: type.id, to: 'SUBSCRIBED' });
  const basis = { legalBasis: 'CONSENT_WITH_NOTICE', explanation, processingBasis: 'CONSENT_WITH_NOTICE' };
  const chosen = { types: String(type.id), ...basis };
  const changed = await browser.fillIn(override, chosen, adminPaths.overrides(id));
  if (!rowOf(changed, type.name).includes('Subscribed')) failTour('the override did not take effect');
  tell(`Resubscribed on the contact's word, with basis and explanation: ${rowOf(changed, type.name)}`);

  const history = await browser.get(adminPaths.contactHistory(id));
  const line = textOf(history.split('<li>').find((event) => event.includes(explanation)) ?? '');
  if (!line.includes(name)) failTour('the history does not show it');
  tell(`History, newest first: ${line}`);
};

/** Makes a record, and finds it by its address. @returns the id of the contact */
export async function makeRecord(
  browser: TourBrowser,
  { email, firstName, lastName }: Record<'email' | 'firstName' | 'lastName', string>,
): Promise<string> {
  const fields = { email, firstName, lastName, unitIds: String(northwind.id) };
  await browser.post(adminPaths.newContact(), fields);
  const found = await browser.get(adminPaths.contacts(String(new URLSearchParams({ q: email }))));
  const row = new RegExp(`href="${adminPaths.contacts()}/([\\w-]+)"[^>]*><strong>${firstName} ${lastName}`);
  return row.exec(found)?.[1] ?? failTour('the contact is not found by its address');
}

/** The text of the table row that begins with this type. */
function rowOf(page: string, name: string): string {
  const rows = page.split('<tr>').filter((row) => row.includes(`<strong>${name}</strong>`));
  return textOf(rows[0]?.split('</tr>')[0]?.replace(/<td class="end">.*/s, '') ?? '');
}

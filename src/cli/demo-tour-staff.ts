/** The second part of `sayso demo --tour`: support staff sign in, find the contact, override an opt-out, and see it in the history. */
import { adminPaths } from '../admin-paths.js';
import type { SubscriptionType } from '../vocabulary/terms.js';
import type { DemoSignIn } from '../seed/demo-staff.js';
import type { Portal } from '../server.js';
import { browserAt } from './demo-tour-browser.js';
import { failTour, hiddenFieldsOf, textOf } from './demo-tour-pages.js';

const explanation = 'Called us: opted out by mistake, and would like the letter again.';

/**
 * @param about the contact's address and the type that it opted out of
 * @param firstStep number of the first step
 * @throws DomainError `TOUR_FAILED` at the first unexpected result
 */
export async function takeStaffTour(
  { url }: Pick<Portal, 'url'>,
  { name, email, password }: DemoSignIn,
  about: { address: string; type: SubscriptionType; firstStep: number },
  say: (sentence: string) => void,
): Promise<void> {
  const { address, type } = about;
  let step = about.firstStep;
  const browser = browserAt(url);
  await browser.post(adminPaths.signIn(), { email, password });
  say(`${step++}. ${name} of support signed in.`);

  await browser.post(adminPaths.newContact(), {
    email: address,
    firstName: 'Tora',
    lastName: 'Ness',
    unitIds: String(type.unitId),
  });
  const found = await browser.get(adminPaths.contacts(String(new URLSearchParams({ q: address }))));
  const record = new RegExp(`href="(${adminPaths.contacts()}/[\\w-]+)"[^>]*><strong>Tora Ness`).exec(
    found,
  )?.[1];
  if (!record) return failTour('the contact is not found by its address');
  say(`${step++}. Made the contact's record, and looked it up by its address.`);

  const standing = await browser.get(record);
  if (!rowOf(standing, type.name).includes('Opted out')) failTour('the record does not show the opt-out');
  say(`${step++}. The record shows: ${rowOf(standing, type.name)}`);

  const id = record.slice(record.lastIndexOf('/') + 1);
  const override = adminPaths.overrides(id, { channel: type.channel, type: type.id, to: 'SUBSCRIBED' });
  const form = await browser.get(override);
  const changed = await browser.post(adminPaths.overrides(id), {
    ...hiddenFieldsOf(form, 'fields'),
    types: String(type.id),
    legalBasis: 'CONSENT_WITH_NOTICE',
    explanation,
    processingBasis: 'CONSENT_WITH_NOTICE',
  });
  if (!rowOf(changed, type.name).includes('Subscribed')) failTour('the override did not take effect');
  say(
    `${step++}. Resubscribed on the contact's word, with basis and explanation: ${rowOf(changed, type.name)}`,
  );

  const history = await browser.get(adminPaths.contactHistory(id));
  const line = textOf(history.split('<li>').find((event) => event.includes(explanation)) ?? '');
  if (!line.includes(name)) failTour('the history does not show it');
  say(`${step}. History, newest first: ${line}`);
}

/** The text of the table row that begins with this type. */
function rowOf(page: string, name: string): string {
  const rows = page.split('<tr>').filter((row) => row.includes(`<strong>${name}</strong>`));
  return textOf(rows[0]?.split('</tr>')[0]?.replace(/<td class="end">.*/s, '') ?? '');
}

/** A marketer sets a contact to non-marketing. The clock is put forward to the next update, when it takes effect. */
import { adminPaths } from '../admin-paths.js';
import { isMarketingContact, updateBatch } from '../domain/marketing/status.js';
import { lastUpdate } from '../domain/marketing/update-date.js';
import { readMarketingState } from '../domain/marketing/usage.js';
import { findContactById } from '../models/contact.js';
import { failTour } from './demo-tour-pages.js';
import { makeRecord } from './demo-tour-staff.js';
import type { TourPart } from './demo-tour-part.js';

const minute = 60_000;

export const tourMarketing: TourPart = async ({ deps, tell, signIn, addressOf }) => {
  const { name, browser } = await signIn('marketer');
  const email = addressOf('wilma');
  const contact = await makeRecord(browser, { email, firstName: 'Wilma', lastName: 'Berg' });
  const isMarketing = async () => {
    const found = await findContactById(deps.models.contacts, contact);
    return isMarketingContact(found ?? failTour('the contact is gone'));
  };
  const form = adminPaths.newMarketingEdit({ contact });
  await browser.fillIn(form, { status: 'NON_MARKETING' }, adminPaths.marketingEdits());
  await browser.until('>Done<');
  const { next, settings } = await readMarketingState(deps);
  const day = next.at.toISOString().slice(0, 10);
  if (!(await isMarketing())) failTour('the contact is non-marketing before the update');
  tell(`${name} set ${email} to non-marketing. It is a marketing contact until the next update, on ${day}.`);

  const { timeZone } = await deps.catalogue();
  /** What a worker does whose clock shows this moment. */
  const updateAt = async (now: Date) => {
    const { at: before } = lastUpdate(now, settings.day, timeZone);
    while ((await updateBatch({ ...deps, clock: () => now }, { before, guard: () => undefined })) > 0);
  };
  await updateAt(new Date(next.at.getTime() - minute));
  if (!(await isMarketing())) failTour('the contact is non-marketing before the update');
  tell('Ran the update with the clock one minute before that day: nothing changed.');
  await updateAt(next.at);
  if (await isMarketing()) failTour('the contact is still a marketing contact');
  tell('Ran it with the clock at that day: the contact is a non-marketing contact.');
};

/** A marketer builds a workflow that opts in, and sees that it skips a contact that opted out. */
import { adminPaths } from '../admin-paths.js';
import { effectiveStatus } from '../domain/consent/effective.js';
import { readHistory } from '../domain/consent/history.js';
import { readAddress } from '../domain/consent/read-address.js';
import { trailNotes } from '../seed/world.js';
import { optOutByLink } from './demo-tour-lists.js';
import { failTour } from './demo-tour-pages.js';
import { makeRecord } from './demo-tour-staff.js';
import type { TourPart } from './demo-tour-part.js';

export const tourWorkflow: TourPart = async ({ deps, url, tell, signIn, addressOf, mark }) => {
  const email = addressOf('vera');
  await optOutByLink({ deps, url }, email);
  const { name, browser } = await signIn('marketer');
  const contact = await makeRecord(browser, { email, firstName: 'Vera', lastName: 'Holt' });
  tell(`${email} unsubscribed with the link of a mail, and has a record.`);

  await browser.post(adminPaths.newWorkflow(), { name: `Welcome ${mark}`, reach: 'all' });
  const id = /\/workflows\/([\w-]+)/.exec(browser.at())?.[1] ?? failTour('the workflow was not created');
  await browser.fillIn(adminPaths.workflowTrigger(id), { way: 'BY_HAND', typeId: '', listId: '' });
  const step = adminPaths.workflowStep(id, { after: 'first', kind: 'CONSENT' });
  const optIn = { status: 'OPT_IN', typeId: String(trailNotes.id), legalBasis: 'LEGITIMATE_INTEREST_CLIENT' };
  await browser.fillIn(step, { ...optIn, explanation: 'Bought boots.' }, adminPaths.workflowStep(id));
  await browser.fillIn(adminPaths.workflowReview(id), {});
  tell(`${name} built a workflow that opts in to ${trailNotes.name}, reviewed it, and activated it.`);

  const enrolled = await browser.fillIn(adminPaths.contactWorkflows(contact), { workflow: id });
  const path = new RegExp(`href="(${adminPaths.workflowEnrolment(id)}[^"]*)"`).exec(enrolled)?.[1];
  if (!path) return failTour('the record does not name the workflow');
  tell('Enrolled the contact by hand.');
  await browser.get(path.replaceAll('&#x3D;', '='));
  await browser.until('Skipped');
  const enrolment = await deps.models.enrolments.findOne({ workflowId: id, contactId: contact }).lean();
  const [passed] = enrolment?.path ?? [];
  if (passed?.reason !== 'PREVIOUSLY_OPTED_OUT') failTour(`the step was ${passed?.outcome ?? 'not run'}`);
  const record = await readHistory(deps.models, deps.subscriberIds('EMAIL', readAddress('EMAIL', email)));
  const { status } = effectiveStatus((record ?? failTour('there is no record')).subscriber, trailNotes);
  if (status !== 'UNSUBSCRIBED') failTour(`the contact is ${status}`);
  tell(`The workflow skipped the step: ${passed?.reason ?? ''}. The contact is still ${status}.`);

  const page = await browser.get(adminPaths.workflow(id));
  const revision = /name="?revision"? value="?(\d+)/.exec(page)?.[1] ?? '';
  await browser.post(adminPaths.workflowStates(id), { to: 'OFF', revision, confirmed: 'yes' });
};

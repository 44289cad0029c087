/** The main task: a link in a mail, an opt-in and an opt-out on the page, and the record that holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { effectiveStatus } from '../domain/consent/effective.js';
import { faultsOfHistory, readHistory } from '../domain/consent/history.js';
import { mintLink } from '../domain/links/mint-links.js';
import { listOutbox, type OutboxMail } from '../mail/outbox.js';
import { queueMail } from '../mail/queue.js';
import { outboxFolderOf } from '../mail/transport.js';
import { paths } from '../paths.js';
import { northwind, trailNotes } from '../seed/world.js';
import { failTour as fail, headingOf, hiddenFieldsOf, textOf, ticksOf } from './demo-tour-pages.js';
import type { TourPart } from './demo-tour-part.js';

/** The contact of this part and of the next one, new each time, so that the people of the demonstration do not change. */
export const mainContact = 'tour';

export const tourPreferences: TourPart = async ({ deps, url, tell, addressOf }) => {
  const address = addressOf(mainContact);
  const links = await mintLink(deps, {
    address,
    channel: 'EMAIL',
    unitId: northwind.id,
    typeId: trailNotes.id,
  });
  tell(`Minted a link for ${address}:\n   ${links.managePreferencesUrl}`);

  await queueMail(deps, {
    id: `PREFERENCES_LINK:${links.subscriberId}`,
    kind: 'PREFERENCES_LINK',
    subscriberId: links.subscriberId,
    unitId: northwind.id,
    typeId: trailNotes.id,
    queuedBy: 'tour',
  });
  const mail = await mailTo(deps.config, address);
  const link = /https?:\/\/\S+\/p\/[\w.-]+/.exec(mail.text)?.[0] ?? fail('the mail holds no link');
  tell(`Wrote the mail "${mail.subject}" to the outbox: ${deps.config.baseUrl}${paths.outbox()}`);

  const path = new URL(link).pathname;
  const page = await get(`${url}${path}`);
  tell(`Opened the link of the mail: "${headingOf(page)}"`);

  const switchedOn = await post(`${url}${path}`, {
    ...hiddenFieldsOf(page, 'choices-form'),
    ...ticksOf(page),
    [`type-${trailNotes.id}`]: 'on',
  });
  tell(`Switched ${trailNotes.name} on. The page answers: ${notice(switchedOn)}`);
  const { [`type-${trailNotes.id}`]: _, ...others } = ticksOf(switchedOn);
  const switchedOff = await post(`${url}${path}`, {
    ...hiddenFieldsOf(switchedOn, 'choices-form'),
    ...others,
  });
  tell(`Opted out of ${trailNotes.name}. The page answers: ${notice(switchedOff)}`);

  const history = (await readHistory(deps.models, links.subscriberId)) ?? fail('there is no record');
  const { status, level } = effectiveStatus(history.subscriber, trailNotes);
  if (status !== 'UNSUBSCRIBED') fail(`the stored status is ${status}`);
  tell(`Stored status: ${status}, decided by ${level}.`);
  const event = history.events.at(-1);
  tell(`Its event: ${JSON.stringify(event, null, 2).replaceAll('\n', '\n   ')}`);
  const faults = faultsOfHistory(history);
  if (faults.length > 0) fail(faults.join('; '));
  tell('The chain of the history is valid, and replaying it gives the stored state.');
};

async function mailTo(config: Parameters<typeof outboxFolderOf>[0], address: string): Promise<OutboxMail> {
  for (let tries = 0; tries < 150; tries++) {
    const mail = (await listOutbox(outboxFolderOf(config))).find(({ to }) => to === address);
    if (mail) return mail;
    // It does not keep the process alive: a user may stop it in the meantime.
    await sleep(200, undefined, { ref: false });
  }
  return fail('no mail came within 30 seconds');
}

async function get(url: string): Promise<string> {
  const answer = await fetch(url);
  return answer.ok ? answer.text() : fail(`${answer.status} instead of a page`);
}

async function post(url: string, fields: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const location = answer.headers.get('location');
  if (answer.status !== 303 || !location) fail(`${answer.status} instead of 303`);
  return get(new URL(location ?? '', url).href);
}

function notice(page: string): string {
  return `"${textOf(/role="?status"?[^>]*>([^]*?)<\/p>/.exec(page)?.[1] ?? '')}"`;
}

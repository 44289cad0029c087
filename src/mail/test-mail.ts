/** Tests the configured mail server: one mail, written and delivered like all others, at once and without the queue. */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.js';
import type { BusinessUnit } from '../vocabulary/terms.js';
import type { Views } from '../views/contract.js';
import { messageWriter } from './message.js';
import { openMailTransport, type Delivery } from './transport.js';

/**
 * Sends it, and waits for the server's answer.
 * @param wish `to` is one address; the mail contains no other
 * @returns its outcome; the `reason` contains no address
 * @throws DomainError `INVALID_ADDRESS`
 */
export async function sendTestMail(
  deps: { config: Config; views: Pick<Views, 'mail'>; clock: () => Date },
  wish: { unit: BusinessUnit; to: string; backUrl: string },
): Promise<Delivery> {
  const { unit, to, backUrl } = wish;
  const subject = `A test of ${unit.name}’s mails`;
  const { html, text } = deps.views.mail({
    subject,
    heading: 'This mail came through',
    sentences: [`A user sent it from the settings, to test mails of ${unit.name}.`],
    button: { label: 'Back to the settings', url: backUrl },
    small: ['Nobody is subscribed to this, and nothing was changed by it.'],
    unit: { name: unit.name, postalAddress: unit.postalAddress, accent: unit.accent.light },
    footerLinks: [],
    locale: 'en',
    direction: 'ltr',
  });
  const written = await messageWriter(deps.config)({
    id: `TEST:${randomUUID()}`,
    from: { name: unit.senderName, address: unit.senderAddress },
    to,
    subject,
    html,
    text,
    headers: null,
    at: deps.clock(),
  });
  const transport = openMailTransport(deps.config, { dialogueMs: 20_000 });
  try {
    return await transport.deliver(written);
  } finally {
    transport.stop();
  }
}

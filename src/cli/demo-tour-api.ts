/** A sending system with an API key asks who may get a mailing, mints its links, and hears of an opt-out by webhook. */
import { createServer } from 'node:http';
import { z } from 'zod';
import { createApiKey, revokeApiKey } from '../domain/staff/api-keys.js';
import { trailNotes } from '../seed/world.js';
import { headerUrl } from './demo-links.js';
import { failTour } from './demo-tour-pages.js';
import type { TourPart } from './demo-tour-part.js';
import { waitUntil } from './demo-tour-browser.js';

const eligibilities = z.object({ results: z.array(z.object({ isEligible: z.boolean(), rule: z.string() })) });
const minted = z.object({ headers: z.object({ 'List-Unsubscribe': z.string() }) });
const webhook = z.object({ id: z.string() });
const eventBody = z.object({ type: z.string(), data: z.object({ address: z.string(), to: z.string() }) });

export const tourApi: TourPart = async ({ deps, url, tell, addressOf, mark }) => {
  const [gets, gone] = [addressOf('xenia'), addressOf('yngve')];
  const scopes = ['links', 'eligibility', 'statuses.write', 'webhooks'] as const;
  const about = { name: `Shop ${mark}`, scopes, scope: null, expiresAt: null, by: 'tour' };
  const { key, record } = await createApiKey(deps, about);
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const answer = await fetch(`${url}/api/v1/${path}`, { method, headers, ...(body && { body }) });
    if (!answer.ok) return failTour(`${answer.status} at ${path.split('/')[0] ?? ''}`);
    return answer.text();
  };
  const receiver = await receive();
  try {
    const made = await call('POST', 'webhooks', JSON.stringify({ name: 'Shop', url: receiver.url }));
    const { id } = webhook.parse(JSON.parse(made));
    tell('A shop with an API key set up a webhook, to hear of every opt-out.');
    const status = (address: string, change: object) =>
      call(
        'PUT',
        `subscribers/${encodeURIComponent(address)}/subscriptions/${trailNotes.id}`,
        JSON.stringify(change),
      );
    const basis = { legalBasis: 'LEGITIMATE_INTEREST_CLIENT', explanation: 'Bought boots.' };
    await status(gets, { status: 'SUBSCRIBED', ...basis });
    await status(gone, { status: 'UNSUBSCRIBED' });
    const ask = async () => {
      const inputs = [gets, gone].map((address) => ({ address, typeId: trailNotes.id }));
      const answer = await call('POST', 'eligibility/batch', JSON.stringify({ inputs }));
      return eligibilities.parse(JSON.parse(answer)).results;
    };
    const [first, second] = await ask();
    if (!first?.isEligible || second?.isEligible) failTour('the wrong address may get the mailing');
    tell(
      `It asked who may get ${trailNotes.name}: ${gets} may (${first?.rule ?? ''}), ${gone} may not (${second?.rule ?? ''}).`,
    );

    const mails = [{ address: gets, businessUnitId: trailNotes.unitId, typeId: trailNotes.id }];
    const lines = mails.map((mail) => `${JSON.stringify(mail)}\n`).join('');
    const links = minted.parse(JSON.parse(await call('POST', 'links/batch', lines, 'application/x-ndjson')));
    tell('It minted the links and headers of the mailing, one line for each mail.');

    const form = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    const oneClick = new URL(headerUrl(links.headers['List-Unsubscribe'])).pathname;
    const clicked = await fetch(url + oneClick, { method: 'POST', body: form });
    if (!clicked.ok) failTour(`${clicked.status} at the one-click link`);
    const heard = await waitUntil(() =>
      receiver.got.find(({ data }) => data.address === gets && data.to === 'UNSUBSCRIBED'),
    );
    tell(
      `${gets} unsubscribed with the button of the mail program. The webhook told the shop: ${heard.type}.`,
    );
    const [after] = await ask();
    if (after?.isEligible) failTour('the address may still get the mailing');
    tell(`It asked again: ${gets} may not get it any more (${after?.rule ?? ''}).`);
    await call('DELETE', `webhooks/${id}`);
  } finally {
    receiver.close();
    await revokeApiKey(deps, record._id, null);
  }
};

/** The shop's receiver, at a free port of loopback. A real one checks the signature first: see docs/examples. */
async function receive() {
  const got: z.infer<typeof eventBody>[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const event = eventBody.safeParse(JSON.parse(body));
      if (event.success) got.push(event.data);
      response.writeHead(204).end();
    });
  }).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/webhooks`, got, close };
}

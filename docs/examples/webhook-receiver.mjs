/**
 * Receives webhooks: `WEBHOOK_SECRET=whsec_… PORT=8090 node webhook-receiver.mjs`. `standardwebhooks` checks the signature;
 * `verifyWebhook` of @sayso/client does the same.
 */
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
/** The same event may come again. A real receiver keeps the ids in its database, together with what it did. */
const seen = new Set();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(`got ${event.type}`);
  }
  // Answer soon: work that takes longer goes into a queue.
  response.writeHead(204).end();
});
server.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`listening on ${server.address().port}`),
);

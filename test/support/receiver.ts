/** A receiver of webhooks on loopback, which answers as a test wants. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { listening } from './close-afterwards.js';

export interface GotWebhook {
  headers: IncomingHttpHeaders;
  body: string;
  event: z.infer<typeof eventSchema>;
}

const eventSchema = z.looseObject({
  id: z.string().optional(),
  type: z.string(),
  data: z.looseObject({
    subscriberId: z.string().nullish(),
    address: z.string().nullish(),
    sequence: z.number().optional(),
  }),
});

export interface Receiver {
  url: string;
  got: GotWebhook[];
  /** Answers in this way from now on. */
  answer: (how: (got: GotWebhook, response: ServerResponse) => void) => void;
}

export async function openReceiver(): Promise<Receiver> {
  const got: GotWebhook[] = [];
  let answer: Parameters<Receiver['answer']>[0] = (_got, response) => void response.end('taken');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const one = { headers: request.headers, body, event: eventSchema.parse(JSON.parse(body)) };
      got.push(one);
      answer(one, response);
    });
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    answer: (how) => void (answer = how),
  };
}

/** Answers with this status and these headers. */
export const answering =
  (status: number, headers: Record<string, string> = {}) =>
  (_got: GotWebhook, response: ServerResponse) =>
    void response.writeHead(status, headers).end(`status ${status}`);

/** What a receiver gets after it has checked the signature with the reference library. @throws if it is not that of this secret */
export const verified = (secret: string, { body, headers }: GotWebhook): unknown =>
  new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });

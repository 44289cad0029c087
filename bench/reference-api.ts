/**
 * Minimal handlers of the API, the ceiling of what Express and a database can do: the same key check, reads, writes and answers as the portal's, and nothing else.
 * `reference-api.ts DATABASE_URI KEY_FILE SUBSCRIBER_ID_KEY`
 */
import { createHash } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import helmet from 'helmet';
import { SignJWT } from 'jose';
import { trusted } from 'mongoose';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import type { ApiKey } from '../src/models/api-key.js';
import { connect } from '../src/models/connect.js';
import { createModels } from '../src/models/index.js';
import type { Subscriber } from '../src/models/subscriber.js';
import { readKeySet } from '../src/tokens/keys.js';
import { tokenKinds } from '../src/tokens/kinds.js';
import { subscriberOf, types } from './world.js';
import { updateOf } from './writes.js';

const [databaseUri = '', keyFile = '', subscriberKey = ''] = process.argv.slice(2);
const connection = await connect(databaseUri);
const { subscribers, contacts, apiKeys } = createModels(connection);
const bare = connection.getClient().db(connection.name).collection<Subscriber>('subscribers');
const idOf = subscriberIdsOf(subscriberKey);
const [key] = await readKeySet(keyFile);
if (!key?.signKey) throw new Error('The key set cannot sign.');
const { signKey, algorithm, kid } = key;
const write = updateOf('oneClick', subscriberOf('A'.repeat(22), 'someone@example.com', new Date()));

const authenticate: RequestHandler = async (request, response, next) => {
  const hash = createHash('sha256')
    .update(String(request.get('authorization')).slice('Bearer '.length))
    .digest('base64url');
  const found = await apiKeys.findById(hash.slice(0, 22)).lean<ApiKey>();
  if (found?.hash === hash && found.revokedAt === null) return next();
  response.status(401).json({});
};

async function headOf(address: string): Promise<Subscriber> {
  const found = await subscribers.findById(idOf('EMAIL', address), { events: 0 }).lean<Subscriber>();
  if (!found) throw new Error('nobody');
  return found;
}

async function headsOf(addresses: readonly string[]): Promise<Map<string, Subscriber>> {
  const ids = addresses.map((address) => idOf('EMAIL', address));
  const found = await subscribers.find({ _id: trusted({ $in: ids }) }, { events: 0 }).lean<Subscriber[]>();
  return new Map(found.map((one) => [one._id, one]));
}

/** The shape of HubSpot's v4. */
function statusOf({ address, subscriptions, optOuts, createdAt }: Subscriber, type: (typeof types)[number]) {
  const standing = subscriptions[type.id];
  const isOut = optOuts.types[type.id] !== undefined;
  return {
    ...{ subscriberIdString: address, channel: type.channel, subscriptionId: type.id },
    ...{ subscriptionName: type.name, businessUnitId: type.unitId },
    status: isOut ? 'UNSUBSCRIBED' : standing ? 'SUBSCRIBED' : 'NOT_SPECIFIED',
    timestamp: standing?.at ?? createdAt,
    source: standing ? 'Public status API' : 'Not specified',
    legalBasis: standing?.legalBasis ?? null,
    legalBasisExplanation: standing?.explanation ?? null,
    setStatusSuccessReason: null,
  };
}

function envelope(results: object[]): object {
  const at = new Date();
  const times = { requestedAt: at, startedAt: at, completedAt: at };
  return { status: 'COMPLETE', results, ...times, links: null, numErrors: 0, errors: [] };
}

const sign = (kind: 'preferences' | 'unsubscribe', claims: object) =>
  new SignJWT({ iss: 'sayso', aud: tokenKinds[kind].audience, ...claims })
    .setProtectedHeader({ alg: algorithm, typ: tokenKinds[kind].typ, kid })
    .sign(signKey);

async function linksOf({ _id: sub, address }: Subscriber, typeId: number): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub, bu: 1, v: 0, iat, exp: iat + 15_552_000 };
  const [manage, all, single] = await Promise.all([
    sign('preferences', claims),
    sign('unsubscribe', claims),
    sign('unsubscribe', { ...claims, st: typeId }),
  ]);
  const origin = 'https://preferences.example.com';
  const links = {
    ...{ address, managePreferencesUrl: `${origin}/p/${manage}`, unsubscribeAllUrl: `${origin}/u/${all}` },
    unsubscribeSingleUrl: `${origin}/u/${single}`,
    headers: {
      'List-Unsubscribe': `<${origin}/o/${single}>, <mailto:unsubscribe@northwind.internal?subject=${single}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    footer: null,
  };
  return `${JSON.stringify(links)}\n`;
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(helmet());
const json = express.json({ limit: '1mb' });
app.post('/api/v1/eligibility', authenticate, json, async ({ body }, response) => {
  const { subscriptions, optOuts, contactId, mayBeNonMarketing } = await headOf(body.address);
  const standing = subscriptions[body.typeId];
  const isIn = standing !== undefined && optOuts.types[body.typeId] === undefined;
  // The marketing status of the contact decides too, if it may be a non-marketing contact.
  const isAsked = isIn && contactId && mayBeNonMarketing;
  const owner = isAsked ? await contacts.findById(contactId, { isMarketing: 1 }).lean() : null;
  const isEligible = isIn && owner?.isMarketing !== false;
  const { by: source, legalBasis, at } = standing ?? {};
  response.json({ isEligible, rule: 'SUBSCRIPTION_STATUS', source, legalBasis, at, until: null });
});
app.post(
  '/communication-preferences/v4/statuses/batch/read',
  authenticate,
  json,
  async ({ body }, response) => {
    const inputs: string[] = body.inputs;
    const heads = await headsOf(inputs);
    const results = inputs.flatMap((address) => {
      const head = heads.get(idOf('EMAIL', address));
      return head
        ? [{ subscriberIdString: address, statuses: types.map((type) => statusOf(head, type)) }]
        : [];
    });
    response.json(envelope(results));
  },
);
app.post(
  '/communication-preferences/v4/statuses/:address',
  authenticate,
  json,
  async ({ params }, response) => {
    const head = await headOf(String(params['address']));
    const { matchedCount } = await bare.updateOne(
      { _id: head._id, version: head.version },
      write(head) as never,
    );
    const [type] = types;
    if (matchedCount !== 1 || !type) throw new Error('not saved');
    response.json(envelope([statusOf(head, type)]));
  },
);
app.post(
  '/api/v1/links/batch',
  authenticate,
  express.text({ type: 'application/x-ndjson', limit: '1mb' }),
  async ({ body }, response) => {
    const lines = String(body)
      .trim()
      .split('\n')
      .map((line): { address: string; typeId: number } => JSON.parse(line));
    const heads = await headsOf(lines.map(({ address }) => address));
    const answers = await Promise.all(
      lines.map(async ({ address, typeId }) => {
        const head = heads.get(idOf('EMAIL', address));
        return head ? linksOf(head, typeId) : '';
      }),
    );
    response.type('application/x-ndjson').send(answers.join(''));
  },
);
const server = app.listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void connection.close();
});

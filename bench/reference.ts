/**
 * Hand-stripped handlers, the ceiling of what Express, helmet, jose and a database can do: page, save and one-click with the same tokens, the
 * same documents and writes of the same size, and nothing besides. `reference.ts DATABASE_URI KEY_FILE PAGE_BYTES`
 */
import express from 'express';
import type { Request } from 'express';
import Handlebars from 'handlebars';
import helmet from 'helmet';
import { jwtVerify } from 'jose';
import type { Subscriber } from '../src/models/subscriber.js';
import { connect } from '../src/models/connect.js';
import { subscriberModel } from '../src/models/subscriber.js';
import { tokenKinds } from '../src/tokens/kinds.js';
import type { TokenKind } from '../src/tokens/kinds.js';
import { readKeySet } from '../src/tokens/keys.js';
import { updateOf } from './writes.js';
import { subscriberOf, types, units } from './world.js';

const [databaseUri = '', keyFile = '', pageBytes = '0'] = process.argv.slice(2);
const connection = await connect(databaseUri);
const model = subscriberModel(connection);
const bare = connection.getClient().db(connection.name).collection<Subscriber>('subscribers');
const [key] = await readKeySet(keyFile);
if (!key) throw new Error('There is no key.');
const { verifyKey, algorithm } = key;

const sections = units.map((unit) => ({
  name: unit.name,
  types: types.filter(({ unitId }) => unitId === unit.id),
}));
const body = `<form method="post" action="/p/{{token}}"><h1>{{who}}</h1>{{#each units}}<fieldset><legend>{{name}}</legend>{{#each types}}<div>
<label for="type-{{id}}">{{name}}</label><p>{{description}}</p><input type="checkbox" name="type-{{id}}" id="type-{{id}}"{{#if isOn}} checked{{/if}}>
</div>{{/each}}</fieldset>{{/each}}</form>`;
const write = { save: updateOf('save', sample()), oneClick: updateOf('oneClick', sample()) };
const unpadded = Handlebars.compile(body);
const padding = ' '.repeat(
  Math.max(0, Number(pageBytes) - unpadded(pageOf(sample(), 'x'.repeat(260))).length),
);
const page = Handlebars.compile(body + padding);

async function subscriberIn(kind: TokenKind, request: Request) {
  const { payload } = await jwtVerify(String(request.params['token']), verifyKey, {
    algorithms: [algorithm],
    typ: tokenKinds[kind].typ,
    audience: tokenKinds[kind].audience,
    issuer: 'sayso',
    requiredClaims: ['sub', 'iat'],
  });
  const found = await model.findById(payload.sub, { events: 0 }).lean<Subscriber>();
  if (!found) throw new Error('nobody');
  return found;
}

function pageOf(subscriber: Subscriber, token: string) {
  return {
    token,
    who: subscriber.address,
    units: sections.map(({ name, types: own }) => ({
      name,
      types: own.map(({ id, name: called, description }) => ({
        id,
        name: called,
        description,
        isOn: subscriber.statuses[id]?.status === 'SUBSCRIBED',
      })),
    })),
  };
}

function sample(): Subscriber {
  return subscriberOf('A'.repeat(22), 'someone@example.com', new Date());
}

async function save(kind: keyof typeof write, subscriber: Subscriber): Promise<void> {
  const { _id, version } = subscriber;
  const { matchedCount } = await bare.updateOne({ _id, version }, write[kind](subscriber) as never);
  if (matchedCount !== 1) throw new Error('not saved');
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(helmet());
app.get('/p/:token', async (request, response) => {
  const subscriber = await subscriberIn('preferences', request);
  response.send(page(pageOf(subscriber, request.params.token)));
});
app.post('/p/:token', express.urlencoded({ extended: false }), async (request, response) => {
  const subscriber = await subscriberIn('preferences', request);
  if (typeof Object(request.body)['shown'] !== 'string') throw new Error('not a form');
  await save('save', subscriber);
  response.redirect(303, `/p/${request.params['token']}`);
});
app.post('/o/:token', async (request, response) => {
  await save('oneClick', await subscriberIn('unsubscribe', request));
  response.type('text/plain').send('You are unsubscribed.\n');
});
const server = app.listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void connection.close();
});

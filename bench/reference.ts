/**
 * Minimal handlers, the ceiling of what Express, helmet, jose and a database can do: page, save and one-click with the same tokens, the same
 * documents and writes of the same size, and nothing else. `reference.ts DATABASE_URI KEY_FILE PAGE_BYTES`
 */
import express from 'express';
import type { Request } from 'express';
import Handlebars from 'handlebars';
import helmet from 'helmet';
import { jwtVerify } from 'jose';
import type { Subscriber } from '../src/models/subscriber.js';
import { connect } from '../src/models/connect.js';
import { createModels } from '../src/models/index.js';
import { tokenKinds } from '../src/tokens/kinds.js';
import type { TokenKind } from '../src/tokens/kinds.js';
import { readKeySet } from '../src/tokens/keys.js';
import { locales } from '../src/vocabulary/locales.js';
import { languageNames } from '../src/vocabulary/locales.js';
import { updateOf } from './writes.js';
import { subscriberOf, types, units } from './world.js';

const [databaseUri = '', keyFile = '', pageBytes = '0'] = process.argv.slice(2);
const connection = await connect(databaseUri);
const model = createModels(connection).subscribers;
const bare = connection.getClient().db(connection.name).collection<Subscriber>('subscribers');
const [key] = await readKeySet(keyFile);
if (!key) throw new Error('There is no key.');
const { verifyKey, algorithm } = key;

const sections = units.map((unit) => ({
  name: unit.name,
  types: types.filter(({ unitId }) => unitId === unit.id),
}));
/** A minimal hand-written page with the same contents: languages, types with their reasons and pauses, and the two buttons that stop things. */
const body = `<form>{{#each languages}}<option value="{{code}}" lang="{{code}}"{{#if isCurrent}} selected{{/if}}>{{name}}</option>{{/each}}</form>
<h1>{{who}}</h1><form method="post" action="/p/{{token}}">{{#each units}}<fieldset><legend>{{initial}} {{name}} {{countText}}</legend>
{{#each types}}<div><label for="type-{{id}}">{{name}}</label><p>{{what}}</p><input type="checkbox" name="type-{{id}}" id="type-{{id}}"{{#if isOn}} checked{{/if}}>
{{#if reason}}<p>{{reason}}</p>{{/if}}{{#if pause}}<select name="pause-{{id}}" aria-label="{{name}}">{{#each pause}}<option value="{{value}}"{{#if isSelected}} selected{{/if}}>{{label}}</option>{{/each}}</select>{{/if}}
</div>{{/each}}</fieldset>{{/each}}</form>{{#each stops}}<button name="stop" value="{{value}}">{{label}}</button>{{/each}}`;
const languages = locales.map((code) => ({ code, name: languageNames[code], isCurrent: code === 'en' }));
const pause = ['', '30', '60', '90'].map((value) => ({
  value,
  label: `For ${value} days`,
  isSelected: value === '',
}));
const stops = ['unit-0', 'all'].map((value) => ({ value, label: `Stop everything of ${value}` }));
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

function pageOf({ address, subscriptions, optOuts }: Subscriber, token: string) {
  const isSubscribed = (id: number) => !optOuts.types[id] && subscriptions[id] !== undefined;
  return {
    token,
    who: address,
    languages,
    stops,
    units: sections.map(({ name: unitName, types: own }) => ({
      name: unitName,
      initial: unitName[0],
      countText: `${own.filter(({ id }) => isSubscribed(id)).length} of ${own.length} are on`,
      types: own.map(({ id, name, description: what }) => {
        const isOn = isSubscribed(id);
        const reason = `You get this because you ticked the box at ${unitName}.`;
        return isOn ? { id, name, what, isOn, reason, pause } : { id, name, what, isOn };
      }),
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

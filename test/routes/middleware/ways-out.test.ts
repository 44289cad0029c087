/** Every link and every form of every error page leads to an existing page. */
import type { Express } from 'express';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { patterns } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import { linksIn } from '../../support/forms.js';
import { newcomer } from '../../support/newcomer.js';
import { trailNotes } from '../../support/people.js';
import { severable } from '../../support/severable.js';
import { visitorOf } from '../../support/visitor.js';
import type { Answer } from '../../support/visitor.js';

const wire = severable();
const secret = 'the-secret-of-the-mail-server';
const portal = await openTestPortal({ through: wire.through, env: { INBOUND_SECRET: secret } });
const person = visitorOf(portal, { language: 'en' });
const routes = await everyRoute();

interface Route {
  method: string;
  path: string;
}

/** Every public route as mounted, with a valid token in its place. */
async function everyRoute(): Promise<Route[]> {
  const who = await newcomer(portal, 'lost@example.com', [trailNotes]);
  const { preferences, unsubscribe, oneClick, subscriberId } = await portal.linksOf(who);
  const claims = { subscriberId, unitId: 1, epoch: 0, pendingId: 'none' };
  const confirm = await portal.deps.tokens.mint('confirm', claims, portal.deps.clock());
  const tokens: Record<string, string> = { p: preferences, u: unsubscribe, o: oneClick, c: `/c/${confirm}` };
  const mounted = routesOf(createApp(portal.deps));
  return mounted
    .filter(({ path }) => path !== patterns.livez && path !== patterns.readyz)
    .map(({ method, path }) => ({
      method,
      path: path.replace(/^\/(\w)\/:token/, (_, kind: string) => tokens[kind] ?? '').replace(/:\w+/, '0'),
    }));
}

function routesOf({ router }: Pick<Express, 'router'>): Route[] {
  return router.stack.flatMap((layer): Route[] => {
    const { route } = layer;
    if (route) {
      const methods = new Set(route.stack.map(({ method }) => method.toUpperCase()));
      return [...methods].map((method) => ({ method, path: route.path }));
    }
    return 'stack' in layer.handle ? routesOf({ router: layer.handle as Express['router'] }) : [];
  });
}

/** Where a page leads: links, and the forms with what they send. */
function waysOut({ html, forms }: Answer): Route[] {
  const isHere = (href: string) => /^[/?](?!assets\/|brands\/)/.test(href);
  const links = linksIn(html).filter(isHere);
  return [
    ...links.map((path) => ({ method: 'GET', path })),
    ...forms.map(({ method, action, fields }) => {
      const query = method === 'get' ? `?${new URLSearchParams(fields)}` : '';
      return { method: method.toUpperCase(), path: action.replace(/\?.*$/, '') + query };
    }),
  ];
}

async function expectWaysOut(answers: Answer[]): Promise<void> {
  const ways = answers.flatMap(waysOut);
  expect(ways.length).toBeGreaterThanOrEqual(answers.length);
  for (const way of new Map(ways.map((one) => [JSON.stringify(one), one])).values()) {
    // A page that shows its form again sends it to a route that accepts it.
    if (way.method === 'POST') expect(routes).toContainEqual(way);
    else expect((await person.open(way.path)).status, way.path).toBeLessThan(400);
  }
}

describe('an error page leads to existing pages', () => {
  it('when the form was too large or malformed', async () => {
    const posts = routes.filter(
      ({ method, path }) => method === 'POST' && path !== patterns.inboundUnsubscribe,
    );
    const answers = await Promise.all(
      posts.flatMap(({ path }) => [
        person.ask('POST', path, new URLSearchParams({ x: 'x'.repeat(100_000) })),
        person.ask(
          'POST',
          path,
          new URLSearchParams([
            ['stop', 'x'],
            ['undo', '<'],
            ['address', 'a'],
            ['address', 'b'],
          ]),
        ),
      ]),
    );
    const errors = answers.filter(({ status, html }) => status >= 400 && html.includes('<html'));
    expect(errors.map(({ status }) => status)).toEqual(expect.arrayContaining([400, 413]));
    await expectWaysOut(errors);
  });

  it('when requests were too frequent', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => person.ask('POST', '/find', new URLSearchParams({ address: 'x' }))),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    await expectWaysOut(refused.slice(0, 1));
  });

  it('when the link is invalid: to "send me my link", and to the same page in another language', async () => {
    const answer = await person.open('/p/forged');
    expect(linksIn(answer.html)).toContain('/find');
    expect((await person.open('/p/forged?lang=nb')).html).toContain('lang="nb"');
  });

  it('when the database was unavailable, after it has recovered', async () => {
    wire.cut();
    const asked = [...routes, { method: 'GET', path: `//evil.example${routes[0]?.path ?? ''}` }];
    const answers = await Promise.all(
      asked.map(({ method, path }) =>
        person.ask(method, path, undefined, { authorization: `Bearer ${secret}` }).catch(() => null),
      ),
    );
    const away = answers
      .filter((one) => one !== null)
      .filter(({ status, html }) => status === 503 && html.includes('<html'));
    expect(away.map(({ path }) => path).filter((path) => path.endsWith('/fresh-link'))).toHaveLength(1);
    expect(away.length).toBeGreaterThan(8);
    wire.mend();
    await expect
      .poll(() => person.open('/readyz').then(({ status }) => status), { timeout: 20_000 })
      .toBe(200);
    await expectWaysOut(away);
  }, 120_000);
});

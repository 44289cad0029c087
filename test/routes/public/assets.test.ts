/** Files that pages load, the public keys, and what production does not serve. */
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.js';
import { openTestPortal } from '../../support/app.js';
import { queueMail } from '../../../src/mail/queue.js';
import { startWorker } from '../../../src/worker.js';
import { listening } from '../../support/close-afterwards.js';
import { linksIn } from '../../support/forms.js';
import { alice, northwind } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();

const forAYear = 'public, max-age=31536000, immutable';

describe('a file that a page loads', () => {
  it('comes from this server only, and may be cached for a year', async () => {
    const { preferences } = await portal.linksOf(alice);
    const page = await visitorOf(portal).open(preferences);
    const loaded = linksIn(page.html).filter((link) => /^\/(assets|brands)\//.test(link));
    expect(loaded.length).toBeGreaterThanOrEqual(5);
    for (const link of loaded) {
      const answer = await visitorOf(portal).open(link);
      expect([answer.status, answer.headers.get('cache-control')], link).toEqual([200, forAYear]);
      expect(answer.headers.get('content-type'), link).toMatch(/^(text\/css|font\/woff2|image\/svg\+xml)/);
    }
    expect(page.html).not.toMatch(
      /<script|<style|\sstyle=|\son\w+=|(?:src|href)="(?:https?:)?\/\/(?!northwind)/,
    );
  });

  it('is cached for minutes only under an outdated revision', async () => {
    for (const path of [
      '/assets/look.css',
      '/assets/look.css?v=old',
      '/brands/0.css?v=old',
      '/brands/0.css?v[]=1',
    ])
      expect((await visitorOf(portal).open(path)).headers.get('cache-control'), path).toBe(
        'public, max-age=300',
      );
  });

  it('has each brand’s colours, and stays plain CSS whatever colour is stored', async () => {
    await portal.deps.models.units.updateOne(
      { _id: 1 },
      { $set: { 'accent.light': 'red}body{display:none' } },
    );
    await portal.deps.rereadCatalogue();
    const { html } = await visitorOf(portal).open('/brands/1.css');
    expect(html).toMatch(/^\.unit-1\{--accent:#[\da-f]{6};/);
    expect(html).not.toContain('display');
  });
});

describe('a logo', () => {
  const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  it('is on the pages and in the mails of its brand, from this server, for a year, and runs no script', async () => {
    const { preferences } = await portal.linksOf(alice);
    const { html } = await visitorOf(portal).open(preferences);
    const src = /<img src="([^"]+)"/.exec(html)?.[1]?.replaceAll('&#x3D;', '=') ?? '';
    expect(src).toMatch(/^\/brands\/0\/logo\?v=/);
    const answer = await fetch(portal.url + src);
    expect(answer.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none';.*sandbox/);
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect((await bytesOf(answer)).toString()).toMatch(/^<svg /);
  });

  it('answers 404 where the brand has none or does not exist', async () => {
    for (const id of ['1', '77', '1234567890', '99999999999', 'x'])
      expect((await visitorOf(portal).open(`/brands/${id}/logo`)).status, id).toBe(404);
  });

  it('works for a unit whose id has ten digits', async () => {
    const { id: _id, ...unit } = northwind;
    const tenDigits = 1_234_567_891;
    await portal.deps.models.units.create({ _id: tenDigits, ...unit });
    await portal.deps.rereadCatalogue();
    for (const path of [`/brands/${tenDigits}/logo`, `/brands/${tenDigits}.css`])
      expect((await fetch(portal.url + path)).status).toBe(200);
    await portal.deps.models.units.deleteOne({ _id: tenDigits });
    await portal.deps.rereadCatalogue();
  });
});

it('the published keys hold nothing private', async () => {
  const answer = await visitorOf(portal).open('/.well-known/jwks.json');
  const { keys } = JSON.parse(answer.html) as { keys: Record<string, unknown>[] };
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect(Object.keys(key).filter((name) => ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual(
      [],
    );
  }
});

describe('the outbox', () => {
  it('exists in development', async () => {
    expect((await visitorOf(portal).open('/dev/outbox')).status).toBe(200);
    expect((await visitorOf(portal).open('/dev/outbox/..%2f..%2fpackage')).status).toBe(404);
  });

  it('shows a mail with its text, headers and source, and a link back', async () => {
    const { subscriberId } = await portal.linksOf(alice);
    await queueMail(portal.deps, { id: 'a', kind: 'LOST_LINK', subscriberId, unitId: 0, queuedBy: 'a test' });
    const worker = await startWorker(portal.deps);
    const visitor = visitorOf(portal);
    await expect.poll(async () => (await visitor.open('/dev/outbox')).text).toContain('Your link to your');
    await worker.stop();
    const outcomes = portal.logged.flatMap((line) => /"outcome":"(\w+)"/.exec(line)?.[1] ?? []);
    expect([...new Set(outcomes)]).toEqual(['WRITTEN']);
    const list = await visitor.open('/dev/outbox');
    const path = /href="([^"]+)">Your link to/.exec(list.html)?.[1] ?? '';
    const page = await visitor.open(path);
    expect(page.text).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(page.text).toContain('Open my preferences: http');
    expect(linksIn(page.html)).toContain('/dev/outbox');
    const html = await fetch(`${portal.url}${path}/html`);
    expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'self'/);
    expect(await html.text()).toContain('Here is your link');
    expect((await visitor.open(`${path}/source`)).html).toMatch(/^Message-ID|^From:|\r?\nFrom:/);
  });

  it.each([
    ['in production', { environment: 'production' as const }],
    ['where a mail server is configured', { smtpUrl: 'smtp://127.0.0.1:9' }],
  ])('does not exist %s', async (_where, change) => {
    const server = createServer(createApp({ ...portal.deps, config: { ...portal.deps.config, ...change } }));
    const url = `http://127.0.0.1:${await listening(server)}`;
    for (const path of ['/dev/outbox', '/dev/outbox/x'])
      expect((await visitorOf({ url }).open(path)).status).toBe(404);
  });
});

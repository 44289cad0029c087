/** Faulty requests get a page: malformed, forged and unknown links look alike, in the reader's language, with a way to continue. */
import { describe, expect, it } from 'vitest';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { alice } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();

async function wrongPaths(): Promise<string[]> {
  const { preferences, unsubscribe } = await portal.linksOf(alice);
  const [header = '', payload = '', signature = ''] = preferences.slice(3).split('.');
  const none = Buffer.from('{"alg":"none","typ":"prefs+jwt","kid":"x"}').toString('base64url');
  return [
    '/p/x',
    `/p/${header}.${payload}.${signature.slice(0, -4)}AAAA`,
    `/p/${header}.${payload}.`,
    `/p/${none}.${payload}.`,
    `/p/A${preferences.slice(3)}.`,
    `/p/${preferences.slice(3)}/nothing`,
    `/p/${unsubscribe.slice(3)}`,
    `/u/${preferences.slice(3)}`,
    `/c/${preferences.slice(3)}`,
    `/o/${'e'.repeat(3000)}`,
    '/p/%zz',
    '/p/..%2f..%2fetc%2fpasswd',
    '/nowhere',
    '//evil.example/p/x',
    '/p/',
    '/assets/nothing.css',
    '/assets/..%2f..%2fpackage.json',
    '/brands/99.css',
    '/brands/0;x.css',
    '/inbound/unsubscribe',
    '/administration',
    '/.env',
  ];
}

describe('an invalid link', () => {
  it('is the same 404, byte for byte, whatever is wrong with it', async () => {
    const answers = await Promise.all((await wrongPaths()).map((path) => visitorOf(portal).open(path)));
    for (const { status, html, path } of answers) {
      expect(status, path).toBe(404);
      expect(html, path).toBe(answers[0]?.html);
    }
    expect(answers[0]?.text).toContain('There is nothing here');
    expect(answers[0]?.html).toContain('href="/find"');
  });

  it('is the same for a POST', async () => {
    for (const path of (await wrongPaths()).filter((one) => !one.startsWith('/o/'))) {
      const answer = await visitorOf(portal).ask('POST', path, new URLSearchParams({ sure: 'yes' }));
      expect([answer.status, answer.text.includes('There is nothing here')], path).toEqual([404, true]);
    }
  });

  it('has the reader’s language, and can be switched to another', async () => {
    expect((await visitorOf(portal, { language: 'sv' }).open('/p/x')).html).toContain('<html lang="sv"');
    const page = await visitorOf(portal, { language: 'sv' }).open('/p/x?lang=fr');
    expect(page.html).toContain('<html lang="fr"');
    expect(page.forms[0]?.action).toBe('?');
  });
});

it('no page or redirect repeats a path, header or host of the request', async () => {
  const spoofed = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' };
  const { preferences } = await portal.linksOf(alice);
  for (const path of [preferences, '/p/evil.example', '//evil.example/find', '/find?sent=1&x=evil.example'])
    expect((await visitorOf(portal).open(path, spoofed)).html, path).not.toMatch(/evil|gopher/);
  const moved = await visitorOf(portal).ask('POST', preferences, new URLSearchParams({}), spoofed);
  expect(moved.location).toMatch(/^\/p\//);
});

it('logs neither tokens nor addresses of a faulty request', async () => {
  const { preferences } = await portal.linksOf(alice);
  await visitorOf(portal).ask('POST', '/find', new URLSearchParams({ address: 'typed.wrong@@example.com' }));
  await visitorOf(portal).open(`${preferences}x?email=${alice.address}`, {
    referer: 'https://x.example/alice@example.com',
  });
  const canaries = [
    alice.address,
    'typed.wrong',
    preferences.slice(3),
    'Gecko',
    portal.deps.config.subscriberIdKey,
  ];
  expect(portal.logged.length).toBeGreaterThan(10);
  expect(findCanaries(portal.logged.join(''), canaries)).toEqual([]);
});

/** Reading changes nothing: GET and HEAD of every public URL, with every query of the pages, leave the database unchanged. */
import { expect, it } from 'vitest';
import { patterns } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { alice, bob, charlie, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal({ env: { INBOUND_SECRET: 'a-secret-of-the-mail-server' } });

async function everyPath(): Promise<string[]> {
  const found: string[] = [];
  for (const person of [alice, bob, charlie]) {
    const links = await portal.linksOf(person);
    const { pending, lastSave } = await portal.subscriberOf(person);
    const claims = { subscriberId: links.subscriberId, unitId: weekendLetters.unitId, epoch: 0 };
    const pendingId = pending[0]?.id ?? 'none';
    const confirm = await portal.deps.tokens.mint('confirm', { ...claims, pendingId }, portal.deps.clock());
    const old = await portal.deps.tokens.mint('preferences', claims, new Date('2020-01-01'));
    const tokens: Record<string, string[]> = {
      [patterns.preferences]: [links.preferences.slice(3), old],
      [patterns.myHistory]: [links.preferences.slice(3), old],
      [patterns.myHistoryFile]: [links.preferences.slice(3), old],
      [patterns.freshLink]: [links.preferences.slice(3)],
      [patterns.oneClick]: [links.oneClick.slice(3)],
      [patterns.unsubscribe]: [links.unsubscribe.slice(3), links.unsubscribeAll.slice(3)],
      [patterns.confirm]: [confirm],
    };
    const nonce = lastSave?.nonce ?? 'none';
    for (const pattern of Object.values(patterns)) {
      const own = tokens[pattern] ?? ['forged'];
      found.push(...own.map((token) => pattern.replace(':token', token).replace(':id', '0')));
    }
    found.push(
      `${links.preferences}?saved=${nonce}&lang=de`,
      `${links.preferences}?stop=all&undo=${nonce}&sure=yes`,
    );
    found.push(
      `${links.unsubscribe}?done=${nonce}&thanks=1`,
      `${links.unsubscribe}?List-Unsubscribe=One-Click`,
    );
  }
  found.push(
    '/find?sent=1',
    '/find?address=alice%40example.com',
    '/find?lang=pl',
    '/p/x?lang[]=1',
    '/assets/look.css',
  );
  return [...new Set(found)];
}

it('GET and HEAD of every public URL, at the same time and repeated, leave every collection unchanged byte for byte', async () => {
  const urls = await everyPath();
  expect(urls.length).toBeGreaterThan(40);
  const visitor = visitorOf(portal);
  const before = await dumpOf(portal.database.connection);
  // Five people, one of them also with a phone, for two channels.
  expect(before['subscribers']).toHaveLength(7);
  expect(before['contacts']).toHaveLength(5);
  expect(before['wordings']?.length).toBeGreaterThan(0);
  for (const url of urls) {
    const asks = Array.from({ length: 8 }, (_, i) => visitor.ask(i % 2 ? 'HEAD' : 'GET', url));
    const statuses = new Set((await Promise.all(asks)).map(({ status }) => status));
    expect(statuses.size, url).toBe(1);
    expect(Math.max(...statuses), url).toBeLessThan(500);
  }
  expect(await dumpOf(portal.database.connection)).toEqual(before);
}, 180_000);

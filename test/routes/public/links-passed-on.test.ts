/**
 * Links changed by mail clients, link taggers and people: text added after the token, or white space inside it. In the gate each ending is behind one
 * kind of page, `npm run soak` tries all.
 */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { makeOneTimeLink } from '../../../src/domain/staff/one-time-links.js';
import { createUser } from '../../../src/domain/staff/users.js';
import { cutLink } from '../../../src/routes/middleware/cut-links.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, trailNotes } from '../../support/people.js';
import { isTried } from '../../support/soak.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

/** Endings seen behind real links, as they arrive in a path. */
const tails = [
  ...['.', ',', ';', ':', '!', '...', ')', ']', '}', ').', '>', '*', '|', "'", '-', '_'],
  ...[
    '%22',
    '%3E',
    '%5D',
    '%7D',
    '%60',
    '%27',
    '%E2%80%9D',
    '%C2%BB',
    '&gt;',
    '&quot;',
    '%26gt%3B',
    '&#8221;',
  ],
  ...[
    '%20',
    '%20%20',
    '%09',
    '%0D%0A',
    '%C2%A0',
    '%E2%80%8B',
    '%EF%BB%BF',
    '=20',
    '=20=',
    '=0D=0A',
    '=',
    '=3D',
  ],
  ...['%20and%20more', '%0D%0ASent%20from%20my%20phone', '+', '%20%7C', '%2520', '%5Cn'],
  ...[
    '&utm_source=newsletter',
    '&utm_source=a&x=b/c',
    '?utm_source=newsletter',
    '%3Futm_source=x',
    '&mc_cid=1#top',
  ],
  ...[
    '/',
    '//',
    '/.',
    '/)',
    '/%22',
    '/?utm_source=x',
    '%2F',
    ';jsessionid=1',
    '@',
    '%',
    '%e',
    '%zz',
    '%FF',
    '%E2%80',
  ],
  // After the length of the signature even letters are cut off.
  ...['A', 'utm', '-Unsubscribe', '.eyJ'],
];

async function somebody(name: string) {
  const who = await newcomer(portal, `${name}@example.com`, [trailNotes]);
  const links = await portal.linksOf(who);
  const status = async () => effectiveStatus(await portal.subscriberOf(who), trailNotes).status;
  return { ...links, status };
}

describe('a link with text after its token', () => {
  it.each(tails)('opens a page, also by HEAD: %s', async (tail) => {
    const { preferences, unsubscribe, oneClick, subscriberId } = await somebody('opener');
    const claims = { subscriberId, unitId: northwind.id, epoch: 0, pendingId: 'pending-1' };
    const confirm = `/c/${await portal.deps.tokens.mint('confirm', claims, portal.deps.clock())}`;
    const pages = [
      preferences,
      unsubscribe,
      oneClick,
      confirm,
      `${preferences}/data`,
      `${preferences}/data.json`,
    ];
    // After a word of the path, only characters that cannot continue the word are cut off.
    const fitting = /^\w|^-/.test(tail) ? pages.slice(0, 4) : pages;
    for (const page of fitting.filter((_, at) => isTried(fitting.length, at, tails.indexOf(tail)))) {
      expect((await person.open(page + tail)).status, page).toBe(200);
      expect((await person.ask('HEAD', page + tail)).status, page).toBe(200);
    }
  });

  it.each(tails)(
    'opts out by one-click, by the footer’s button or on the preference page: %s',
    async (tail) => {
      const ways = [
        ['oneClick', { 'List-Unsubscribe': 'One-Click' }],
        ['unsubscribe', {}],
        ['preferences', { shown: '1:1' }],
      ] as const;
      for (const [way, body] of ways.filter((_, at) => isTried(3, at, tails.indexOf(tail)))) {
        const who = await somebody(`stopper-${tails.indexOf(tail)}-${way}`);
        const answer = await person.ask('POST', who[way] + tail, new URLSearchParams(body));
        expect([answer.status, await who.status()], way).toEqual([
          way === 'oneClick' ? 200 : 303,
          'UNSUBSCRIBED',
        ]);
        // From here on the link is clean.
        if (answer.location) expect(answer.location).toContain(`${who[way]}?`);
      }
    },
  );

  it('confirms, mails a fresh link, and erases', async () => {
    const { preferences, subscriberId } = await somebody('sub-routes');
    const claims = { subscriberId, unitId: northwind.id, epoch: 0, pendingId: 'pending-1' };
    const confirm = `/c/${await portal.deps.tokens.mint('confirm', claims, portal.deps.clock())}`;
    const sure = () => new URLSearchParams({ sure: 'yes' });
    // Nothing is pending, and only the page behind a valid token says so.
    expect((await person.ask('POST', `${confirm}).`, sure())).status).toBe(410);
    expect((await person.ask('POST', `${preferences}/fresh-link%3E`, sure())).status).toBe(200);
    expect((await person.ask('POST', `${preferences}&gt;/data.`, sure())).location).toBe(preferences);
    expect(await portal.deps.models.subscribers.findById(subscriberId).lean()).toMatchObject({
      address: null,
    });
  });

  it('keeps the language in its query', async () => {
    const { preferences } = await somebody('speaker');
    expect((await person.open(`${preferences})?lang=nb`)).html).toContain('lang="nb"');
  });
});

describe('a link with white space inside its token', () => {
  it.each(['%20', '%0D%0A', '%0D%0A%20', '=%0D%0A', '=20', '%C2%AD', '%E2%80%8B', '%09'])(
    'opts out wherever the line was broken: %s',
    async (gap) => {
      const who = await somebody(`broken-${encodeURIComponent(gap)}`);
      const token = who.oneClick.slice(3);
      for (const at of [
        0,
        1,
        token.indexOf('.'),
        token.indexOf('.') + 1,
        token.length - 40,
        token.length - 1,
      ])
        expect(
          (await person.open(`/u/${token.slice(0, at)}${gap}${token.slice(at)}`)).status,
          String(at),
        ).toBe(200);
      const broken = `/o/${token.match(/.{1,76}/g)?.join(gap) ?? ''}`;
      expect((await person.ask('POST', broken)).status).toBe(200);
      expect(await who.status()).toBe('UNSUBSCRIBED');
    },
  );

  it('opens when dots, dashes and underscores are percent-encoded', async () => {
    const { preferences } = await somebody('encoded');
    const encoded = preferences
      .slice(3)
      .replace(/[._-]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
    expect((await person.open(`/p/${encoded}`)).status).toBe(200);
  });
});

describe('a token after cutting', () => {
  it('is refused when altered, whatever follows it, and changes nothing', async () => {
    const { oneClick, preferences } = await somebody('altered');
    const before = await dumpOf(portal.database.connection);
    const altered = (token: string, at: number) =>
      token.slice(0, at) + (token.charAt(at) === 'A' ? 'B' : 'A') + token.slice(at + 1);
    for (const tail of ['', '.', '%20', '&utm_source=x', '%22', 'A']) {
      for (const at of [5, 90, -20, -2]) {
        const bad = altered(
          oneClick.slice(3),
          oneClick.length - 3 + (at < 0 ? at : at - oneClick.length + 3),
        );
        expect((await person.ask('POST', `/o/${bad}${tail}`)).status, `${at} ${tail}`).toBe(404);
        expect((await person.open(`/u/${bad}${tail}`)).status).toBe(404);
      }
      expect((await person.open(`/u/${preferences.slice(3)}${tail}`)).status).toBe(404);
      expect((await person.open(`/u/${oneClick.slice(3, -1)}${tail === 'A' ? '' : tail}`)).status).toBe(404);
    }
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('is not looked for in other paths, or in unknown paths behind a token', async () => {
    const { preferences } = await somebody('stranger');
    for (const path of ['/', '/find', '/find?x=1', '/assets/look.css', '/p', '/p/', '/x/y', '/p/a.b.c.'])
      expect(cutLink(path)).toBe(path);
    for (const path of [`${preferences}/nothing`, `${preferences}/datax`, `${preferences}/data/more`])
      expect((await person.open(path)).status, path).toBe(404);
  });
});

it('a staff one-time link opens with text after it', async () => {
  const { deps } = portal;
  const { _id } = await createUser(deps, {
    email: 'invited@staff.example',
    name: 'Invited',
    role: 'support',
    scope: null,
  });
  const token = await makeOneTimeLink(deps, _id, { removesCodes: false });
  for (const tail of ['', '.', ')', '%20', '%22', '&gt;', '%', '/'])
    expect((await person.open(`/admin/welcome/${token}${tail}`)).status, tail).toBe(200);
  expect((await person.open(`/admin/welcome/${token.slice(1)}`)).status).toBe(404);
});

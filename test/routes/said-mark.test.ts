/** A message after an act is shown only to the person who acted, and by no other link. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { saidMark, saidName } from '../../src/routes/said-mark.js';
import { openTestPortal } from '../support/app.js';
import { keyOfTheTests } from '../support/kept-log.js';
import { newcomer } from '../support/newcomer.js';
import { alice, offers } from '../support/people.js';
import { signedIn } from '../support/staff.js';
import { visitorOf } from '../support/visitor.js';

describe('the mark of a message', () => {
  const config = { subscriberIdKey: keyOfTheTests };
  const context = { config, whom: 'user:1', at: new Date('2026-03-02T12:00:00Z') };
  const page = { baseUrl: '/admin', path: '/contacts' };
  const mark = saidMark(context, '/admin/contacts?q=x', 'erased');
  const later = (minutes: number) => new Date(context.at.getTime() + minutes * 60_000);

  it('shows it to the same user, on the same page, for some minutes', () => {
    expect(saidName(context, page, mark)).toBe('erased');
    expect(saidName({ ...context, at: later(9) }, page, mark)).toBe('erased');
    expect(saidName(context, { baseUrl: '/admin', path: '/' }, saidMark(context, '/admin', 'done'))).toBe(
      'done',
    );
  });

  it.each([
    ['another user', { ...context, whom: 'user:2' }, page, mark],
    ['another key', { ...context, config: { subscriberIdKey: 'x'.repeat(48) } }, page, mark],
    ['another page', context, { ...page, path: '/jobs' }, mark],
    ['ten minutes later', { ...context, at: later(10) }, page, mark],
    ['another name', context, page, mark.replace('erased', 'deleted')],
    ['another time', context, page, mark.replace(/\.\w+\./, '.zzzzz.')],
    ['the name alone', context, page, 'erased'],
    ['no text', context, page, ['erased', mark]],
    ['nothing', context, page, undefined],
  ])('shows nothing: %s', (_what, whose, at, sent) => {
    expect(saidName(whose, at, sent)).toBeNull();
  });
});

describe('a link with a message in it', async () => {
  const portal = await openTestPortal();

  it('shows nothing on the staff pages unless the same user has just acted', async () => {
    const [ida, kari] = [await signedIn(portal, 'admin'), await signedIn(portal, 'admin')];
    const page = await ida.open(adminPaths.contacts('f=locale%3Anb'));
    const saved = await ida.press(page, /^Save view$/, { name: 'Norwegians' });
    expect(saved.html).toContain('role="status"');
    expect((await ida.open(saved.path)).html, 'loaded again').toContain('role="status"');
    expect((await kari.open(saved.path)).html, 'sent to somebody else').not.toContain('role="status"');
    for (const said of ['view-saved', 'erased', 'deleted'])
      expect((await ida.open(adminPaths.contacts({ said }))).html, said).not.toContain('role="status"');
    const mark = new URL(saved.path, portal.url).searchParams.get('said') ?? '';
    expect((await ida.open(adminPaths.account({ said: mark }))).html).not.toContain('role="status"');
    portal.advance(10 * 60_000);
    expect((await ida.open(saved.path)).html, 'minutes later').not.toContain('role="status"');
  });

  it('shows nothing on the sign-in page', async () => {
    const visitor = visitorOf(portal);
    for (const said of ['password-set', 'set-up', 'ended'])
      expect((await visitor.open(adminPaths.signIn({ said }))).html).not.toContain('role="status"');
    const late = await visitor.open(adminPaths.signInCode());
    expect(late.location).toMatch(/said=code-late\./);
    expect((await visitor.open(late.location ?? '')).text).toContain('That took too long.');
  });

  it('shows nothing on the contact’s pages', async () => {
    const visitor = visitorOf(portal);
    const { preferences, unsubscribe } = await portal.linksOf(alice);
    const plain = {
      find: (await visitor.open('/find')).text,
      preferences: (await visitor.open(preferences)).text,
      unsubscribe: (await visitor.open(unsubscribe)).text,
    };
    expect((await visitor.open('/find?sent=1')).text).toBe(plain.find);
    for (const saved of ['nothing', 'waiting'])
      expect((await visitor.open(`${preferences}?saved=${saved}`)).text).toBe(plain.preferences);
    const now = Date.now().toString(36);
    expect((await visitor.open(`${unsubscribe}?done=already-${now}`)).text).toBe(plain.unsubscribe);
    expect((await visitor.open(`${unsubscribe}?done=already&thanks=1`)).text).toBe(plain.unsubscribe);
  });

  it('shows the result where the contact’s act led to it', async () => {
    const visitor = visitorOf(portal);
    const sent = await visitor.ask('POST', '/find', new URLSearchParams({ address: 'nobody@example.com' }));
    expect((await visitor.open(sent.location ?? '')).text).not.toBe((await visitor.open('/find')).text);
    const leaving = await newcomer(portal, 'said@example.com', [offers]);
    const { unsubscribe } = await portal.linksOf(leaving, { typeId: offers.id });
    await visitor.ask('POST', unsubscribe, new URLSearchParams({}));
    const again = await visitor.ask('POST', unsubscribe, new URLSearchParams({}));
    const asked = await visitor.open(unsubscribe);
    expect((await visitor.open(again.location ?? '')).text).not.toBe(asked.text);
    portal.advance(10 * 60_000);
    expect((await visitor.open(again.location ?? '')).text).toBe(asked.text);
  });
});

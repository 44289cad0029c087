/** One-click unsubscribe as mail clients do it (RFC 8058). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHistory } from '../../../src/domain/consent/history.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { alice, trailNotes } from '../../support/people.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterAll(() => portal.stop());

const oneClick = (path: string, body?: BodyInit, headers: Record<string, string> = {}) =>
  fetch(portal.url + path, { method: 'POST', redirect: 'manual', headers, ...(body ? { body } : {}) });

it('opts out once, however often and in whatever form it is sent', async () => {
  const { oneClick: path, subscriberId } = await portal.linksOf(alice);
  const multipart = new FormData();
  multipart.set('List-Unsubscribe', 'One-Click');
  const answers = [
    await oneClick(path, new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })),
    await oneClick(path, multipart),
    await oneClick(path),
    await oneClick(path, 'anything at all', { 'content-type': 'text/plain' }),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('You are unsubscribed.\n');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('location')).toBeNull();
  }
  const history = await readHistory(portal.deps.models, subscriberId);
  expect(history && effectiveStatus(history.subscriber, trailNotes).status).toBe('UNSUBSCRIBED');
  expect(history?.events.filter(({ actor }) => actor.kind === 'ONE_CLICK')).toHaveLength(1);
});

/** A form that asks before it saves: what the page that asks sends again, and which fields must be filled in again. */
import { createServer } from 'node:http';
import express from 'express';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { FieldPlan } from '../../../../src/routes/admin/kit/fields.js';
import { declareForm } from '../../../../src/routes/admin/kit/form.js';
import { formRoutes } from '../../../../src/routes/admin/kit/form-page.js';
import { askOf } from '../../../../src/routes/admin/who.js';
import { openTestPortal } from '../../../support/app.js';
import { listening } from '../../../support/close-afterwards.js';
import { documentOf } from '../../../support/forms.js';
import { signedIn } from '../../../support/staff.js';

const portal = await openTestPortal();

const options = ['one', 'two', 'three'].map((value) => ({ value, label: value }));
const label = 'A field';
/** One field of each kind that a form can send. */
const fields: FieldPlan[] = [
  ...(['text', 'email', 'tel', 'url', 'area', 'colour', 'password', 'code', 'file', 'pairs'] as const),
  ...(['select', 'radios', 'ticks', 'tick'] as const),
].map((kind) => ({ kind, name: kind, label, options, picture: { src: '/', alt: '' } }));

const saved: { values: unknown; confirmed: string }[] = [];
const form = declareForm<object, object>({
  pattern: '/test',
  may: 'signed-in',
  about: 'own',
  groups: () => [{ fields }],
  texts: () => ({}),
  button: 'Save',
  schema: () => z.looseObject({}),
  save: ({ values, confirmed }) => {
    if (confirmed !== 'sure')
      return Promise.resolve({
        confirm: { heading: 'Sure?', sentences: [], button: 'Yes', confirmed: 'sure' },
      });
    saved.push({ values, confirmed });
    return Promise.resolve({ html: 'saved' });
  },
});

/** The answer of the form's own route to these fields, for a signed-in user. */
async function sent(body: Record<string, string | string[]>): Promise<string> {
  const ida = await signedIn(portal, 'admin');
  const app = express();
  const route = formRoutes(portal.deps, {
    pattern: '/test',
    may: 'signed-in',
    about: 'own',
    section: 'nowhere',
    load: () => Promise.resolve({}),
    show: (_about, view) => ({ title: 'Test', panels: [{ form: view(form) }] }),
    forms: [form],
  }).find(({ method }) => method === 'POST');
  app.post('/test', express.urlencoded({ extended: false }), async (request, response) => {
    const { _id, epoch } = ida.user;
    const session = { userId: _id, epoch, signedInAt: portal.deps.clock().toISOString() };
    const ask = await askOf(portal.deps, Object.assign(request, { session }) as never);
    if (ask) await route?.handle(ask, response);
  });
  const port = await listening(createServer(app));
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(body))
    for (const one of [value].flat()) params.append(name, one);
  return (await fetch(`http://127.0.0.1:${port}/test`, { method: 'POST', body: params })).text();
}

it('sends every text again in hidden fields, but asks for passwords, codes and files again', async () => {
  const typed = {
    ...{
      text: 'a',
      email: 'b@example.com',
      tel: '+47',
      url: 'https://c.example',
      area: 'd',
      colour: '#123456',
    },
    ...{ password: 'a-canary-of-a-password', code: '123456', select: 'one', radios: 'two', tick: 'yes' },
    ...{ ticks: ['one', 'three'], 'pairs-name': ['city', 'size'], 'pairs-value': ['Oslo', '43'] },
  };
  const html = await sent(typed);
  const $ = documentOf(html);
  expect(html).not.toContain('canary');
  const shown = $('form[action="/admin/test"] :input:not([type=hidden]):not(button)');
  expect([...shown].map((field) => [$(field).attr('name'), $(field).attr('value') ?? ''])).toEqual([
    ['password', ''],
    ['code', ''],
    ['file', ''],
  ]);
  const hidden = $('form[action="/admin/test"] [type=hidden]').serializeArray();
  const { password, code, ...others } = typed;
  const expected = Object.entries(others).flatMap(([name, value]) =>
    [value].flat().map((one) => ({ name, value: one })),
  );
  expect(hidden).toEqual(expect.arrayContaining(expected));

  const again = Object.fromEntries(
    hidden.map(({ name }) => [name, hidden.flatMap((one) => (one.name === name ? one.value : []))]),
  );
  await sent({ ...again, password, code });
  expect(saved.at(-1)?.values).toMatchObject({
    ...{ text: 'a', password, code, tick: true, ticks: ['one', 'three'] },
    pairs: [
      ['city', 'Oslo'],
      ['size', '43'],
    ],
  });
});

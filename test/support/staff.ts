/** Staff users for a test: an account in a role, signed in by its form, with a browser that keeps its cookie. */
import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import type { Role } from '../../src/vocabulary/access.js';
import { createUser } from '../../src/domain/staff/users.js';
import type { User } from '../../src/models/user.js';
import type { Scope } from '../../src/vocabulary/scope.js';
import type { TestPortal } from './app.js';
import type { TestBrowser, VisitorOptions } from './page.js';
import { firefox, send } from './visitor.js';
import type { Answer, Body } from './visitor.js';

/** Password hashing is slow on purpose, so all test accounts share one password, and a hash that is quick to check. */
export const passwordOfTheStaff = 'a-password-of-the-tests';
const passwordHash = await hash(passwordOfTheStaff, { memoryCost: 8, timeCost: 1, parallelism: 1 });

export interface StaffVisitor {
  user: User;
  /** Sends a request with the session's cookie, as the portal's own pages do (`Sec-Fetch-Site: same-origin`). */
  ask: (method: string, path: string, body?: Body, headers?: Record<string, string>) => Promise<Answer>;
  open: (path: string) => Promise<Answer>;
  /** Posts fields with the session's anti-forgery token, and follows the redirect. */
  post: (path: string, fields: Record<string, string | string[]>) => Promise<Answer>;
  /** Sends the form with this button and the given changes: null unticks or empties. Follows the redirect. */
  press: (page: Answer, label: RegExp, changed?: Record<string, string | string[] | null>) => Promise<Answer>;
  /** The `Cookie` header's value. */
  cookie: () => string;
  /** The anti-forgery token of the session. */
  csrf: () => Promise<string>;
}

let made = 0;

/** Creates an account and signs it in. */
export async function signedIn(
  portal: Pick<TestPortal, 'url' | 'deps'>,
  role: Role,
  scope: Scope = null,
): Promise<StaffVisitor> {
  made += 1;
  const created = await createUser(portal.deps, {
    email: `${role}-${made}@staff.example`,
    name: `${role[0]?.toUpperCase() ?? ''}${role.slice(1)} ${made}`,
    role,
    scope,
  });
  const user = { ...created, passwordHash };
  await portal.deps.models.users.updateOne({ _id: user._id }, { passwordHash });
  const visitor = staffVisitor(portal, user);
  const answer = await visitor.ask(
    'POST',
    adminPaths.signIn(),
    new URLSearchParams({ email: user.email, password: passwordOfTheStaff }),
  );
  expect(answer.status, answer.text).toBe(303);
  return visitor;
}

/** Opens a page in Chromium with the session of this user. Tests of the sign-in type the password; it takes a second. */
export async function pageOf(
  browser: TestBrowser,
  { url }: Pick<TestPortal, 'url'>,
  visitor: StaffVisitor,
  path: string,
  options: VisitorOptions = {},
): Promise<Page> {
  const { page, context } = await browser.visit({ ...options, hasSession: true });
  const [, value = ''] = /(?:^|; )sayso=([^;]+)/.exec(visitor.cookie()) ?? [];
  await context.addCookies([{ name: 'sayso', value, url, httpOnly: true, sameSite: 'Lax' }]);
  await page.goto(url + path);
  return page;
}

/** A browser of this user that has not signed in. */
export function staffVisitor({ url }: Pick<TestPortal, 'url'>, user: User): StaffVisitor {
  const jar = new Map<string, string>();
  let csrf = '';
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask: StaffVisitor['ask'] = async (method, path, body, headers = {}) => {
    const answer = await send(url, path, {
      method,
      body: body ?? null,
      headers: {
        'user-agent': firefox,
        'sec-fetch-site': 'same-origin',
        ...(jar.size > 0 ? { cookie: cookie() } : {}),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    if (answer.headers.get('cache-control') !== 'no-store') expect.fail(`A cache may keep ${path}`);
    csrf = /name="_csrf" value="([^"]+)"/.exec(answer.html)?.[1] ?? csrf;
    return answer;
  };
  const follow = async (answer: Answer) =>
    answer.status === 303 && answer.location !== null ? ask('GET', answer.location) : answer;
  const token = async () => {
    if (!csrf) await ask('GET', adminPaths.dashboard());
    return csrf;
  };
  const submit = async (path: string, fields: URLSearchParams) => {
    if (!fields.has('_csrf')) fields.set('_csrf', await token());
    return follow(await ask('POST', path, fields));
  };
  return {
    user,
    ask,
    cookie,
    csrf: token,
    open: (path) => ask('GET', path),
    post: (path, fields) => submit(path, paramsOf(Object.entries(fields))),
    async press(page, label, changed = {}) {
      const form = page.forms.find(({ buttons }) => buttons.some((button) => label.test(button.label)));
      const button = form?.buttons.find((one) => label.test(one.label));
      if (!form || !button) throw new Error(`No button ${String(label)} on: ${page.text}`);
      const kept = form.fields.filter(([name]) => !Object.hasOwn(changed, name));
      const own: [string, string | string[]][] = button.name ? [[button.name, button.value]] : [];
      const fields = paramsOf([...kept, ...own, ...Object.entries(changed)]);
      const action = button.action || form.action;
      if (form.method === 'get') return ask('GET', `${action}?${fields}`);
      return submit(action || page.path, fields);
    },
  };
}

function paramsOf(fields: [string, string | string[] | null][]): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of fields)
    for (const one of Array.isArray(value) ? value : value === null ? [] : [value]) params.append(name, one);
  return params;
}

/** A reader of the public pages without scripts: opens, fills in, presses. Every answer is checked on the way. */
import { expect } from 'vitest';
import { formsIn, textOf } from './forms.js';
import type { Form } from './forms.js';

export interface Answer {
  status: number;
  headers: Headers;
  html: string;
  /** The text of the page. */
  text: string;
  forms: Form[];
  /** Path and query that a redirect leads to. */
  location: string | null;
  /** Path and query of this answer. */
  path: string;
}

export type Body = NonNullable<RequestInit['body']>;

export interface Visitor {
  ask: (method: string, path: string, body?: Body, headers?: Record<string, string>) => Promise<Answer>;
  open: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  /** Posts fields, and follows the redirect to the page with the result. */
  post: (path: string, fields: Record<string, string>) => Promise<Answer>;
  /** Sends the form with this button and the given changes: null unticks a box. Follows the redirect. */
  press: (page: Answer, label: RegExp, changed?: Record<string, string | null>) => Promise<Answer>;
}

/** The user agent of a person's browser. Scanners have others. */
export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export function visitorOf(
  { url }: { url: string },
  { userAgent = firefox, language }: { userAgent?: string; language?: string } = {},
): Visitor {
  const ask: Visitor['ask'] = async (method, path, body, headers = {}) => {
    const answer = await send(url, path, {
      method,
      body: body ?? null,
      headers: {
        'user-agent': userAgent,
        ...(language ? { 'accept-language': language } : {}),
        ...headers,
      },
    });
    expectSafe(answer.headers);
    if (answer.location !== null && !/^\/(?!\/)/.test(answer.location))
      expect.fail(`A redirect leads to ${answer.location}, and must stay here`);
    return answer;
  };
  const follow = async (answer: Answer) =>
    answer.status === 303 && answer.location !== null ? ask('GET', answer.location) : answer;
  return {
    ask,
    open: (path, headers) => ask('GET', path, undefined, headers),
    post: async (path, fields) => follow(await ask('POST', path, new URLSearchParams(fields))),
    async press(page, label, changed = {}) {
      const form = page.forms.find(({ buttons }) => buttons.some((button) => label.test(button.label)));
      const button = form?.buttons.find((one) => label.test(one.label));
      if (!form || !button) throw new Error(`No button ${String(label)} on: ${page.text}`);
      const fields = new Map(form.fields);
      if (button.name) fields.set(button.name, button.value);
      for (const [name, value] of Object.entries(changed)) {
        if (value === null) fields.delete(name);
        else fields.set(name, value);
      }
      return follow(await ask('POST', form.action, new URLSearchParams([...fields])));
    },
  };
}

/** Sends a request and follows no redirect. Most tests do not need the text or the forms, so these are read when a test asks for them. */
export async function send(url: string, path: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(url + path, { redirect: 'manual', ...request });
  const { status, headers } = response;
  const html = await response.text();
  let text: string | undefined;
  let forms: Form[] | undefined;
  return {
    ...{ status, headers, html, path, location: headers.get('location') },
    get text() {
      return (text ??= textOf(html));
    },
    get forms() {
      return (forms ??= formsIn(html));
    },
  };
}

/** What holds for every public answer (specification "Security"). Tests read thousands of answers, so `expect` is called for bad ones only. */
function expectSafe(headers: Headers): void {
  const valueOf = (name: string) => headers.get(name) ?? '';
  const policy = valueOf('content-security-policy');
  const cache = valueOf('cache-control');
  const isSafe =
    !headers.has('set-cookie') &&
    /frame-ancestors 'none'/.test(policy) &&
    !/unsafe-|\*|https?:/.test(policy) &&
    valueOf('referrer-policy') === 'no-referrer' &&
    valueOf('x-content-type-options') === 'nosniff' &&
    valueOf('x-frame-options') === 'DENY' &&
    /noindex/.test(valueOf('x-robots-tag')) &&
    !headers.has('x-powered-by') &&
    (cache === 'no-store' || /^public, max-age/.test(cache));
  if (!isSafe) expect.fail(`These headers are not safe: ${JSON.stringify([...headers])}`);
}

/** The location of a redirect to a page with a message, without the mark's value (decision 0513). */
export function saying(path: string, name: string): RegExp {
  return new RegExp(`^${path}\\?said=${name}\\.\\w+\\.[\\w-]+$`);
}

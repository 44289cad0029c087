/** The browser of the tour's staff: keeps the session's cookie and anti-forgery token, and sends forms as the portal's pages would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failTour, hiddenFieldsOf } from './demo-tour-pages.js';

export interface TourBrowser {
  get: (path: string) => Promise<string>;
  /**
   * Posts a form as the portal's page would, and follows the redirect.
   * @param upload the file of a form's field `file`
   */
  post: (
    path: string,
    fields?: Record<string, string>,
    upload?: { name: string; text: string },
  ) => Promise<string>;
  /** Opens a page and sends its form with these fields filled in. @param to where the form is sent, if not to the page itself */
  fillIn: (page: string, fields: Record<string, string>, to?: string) => Promise<string>;
  /** Path and query of the page that was read last. */
  at: () => string;
  /** Reads the current page again until it has this HTML, such as a heading that the worker's result brings. Fails after half a minute. */
  until: (html: string) => Promise<string>;
}

export function browserAt(url: string): TourBrowser {
  let cookie = '';
  let csrf = '';
  let at = '';
  const ask = async (path: string, init: RequestInit): Promise<string> => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const answer = await fetch(url + path, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) cookie = line.split(';')[0] ?? '';
    const location = answer.headers.get('location');
    if (answer.status === 303 && location) return ask(location, { method: 'GET' });
    const page = await answer.text();
    if (answer.status !== 200) return failTour(`${answer.status} at ${path.split('?')[0] ?? ''}`);
    csrf = /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? csrf;
    at = path;
    return page;
  };
  const get = (path: string) => ask(path, { method: 'GET' });
  const post: TourBrowser['post'] = (path, fields = {}, upload) => {
    const sent = { ...fields, _csrf: csrf };
    if (!upload) return ask(path, { method: 'POST', body: new URLSearchParams(sent) });
    const body = new FormData();
    for (const [name, value] of Object.entries(sent)) body.set(name, value);
    body.set('file', new Blob([upload.text]), upload.name);
    return ask(path, { method: 'POST', body });
  };
  return {
    get,
    post,
    fillIn: async (page, fields, to = page) => post(to, { ...hiddenFieldsOf(await get(page)), ...fields }),
    at: () => at,
    until: (html) =>
      waitUntil(async () => {
        const page = await get(at);
        return page.includes(html) ? page : undefined;
      }),
  };
}

/** Asks again until there is a result. Fails after half a minute. */
export async function waitUntil<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 150; tries++) {
    const found = await ask();
    if (found !== undefined) return found;
    // It does not keep the process alive: a user may stop it in the meantime.
    await sleep(200, undefined, { ref: false });
  }
  return failTour('the worker was not ready within 30 seconds');
}

/** The most thorough link scanner: opens every link of a mail in the same second, and submits every form it finds, with every button. */
import { linksIn } from './forms.js';
import type { Form } from './forms.js';
import { visitorOf } from './visitor.js';
import type { Answer, Visitor } from './visitor.js';

/** It has the user agent of an ordinary browser. */
const disguise =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';

export interface Scan {
  /** What was submitted: method, path and fields. */
  submitted: string[];
  /** Every answer to a submission. */
  answers: Answer[];
}

/** Opens every link, and every link on the pages behind them, with each method, all at once. GET comes last. @param seen paths that are not opened again */
export async function followLinks(
  portal: { url: string },
  paths: string[],
  machine: Visitor = visitorOf(portal, { userAgent: disguise }),
  methods: string[] = ['HEAD', 'GET'],
  seen = new Set<string>(),
): Promise<Answer[]> {
  const pages: Answer[] = [];
  let next = paths;
  while (next.length > 0) {
    for (const path of next) seen.add(path);
    const answers = await Promise.all(
      next.flatMap((path) => methods.map((method) => machine.ask(method, path))),
    );
    pages.push(...answers.filter((_, i) => (i + 1) % methods.length === 0));
    const found = answers.flatMap(({ html, path }) =>
      linksIn(html).map((link) => localPath(portal, path, link)),
    );
    next = [...new Set(found)].filter((path): path is string => path !== null && !seen.has(path));
  }
  return pages;
}

/**
 * Then submits every form as found: without a button, and with each in turn. It does the same at once on the resulting page, so that an Undo is
 * pressed while it is the newest act. At the end it submits its first find once more.
 */
export async function submitEverything(
  portal: { url: string },
  paths: string[],
  mostSubmits = 400,
): Promise<Scan> {
  const machine = visitorOf(portal, { userAgent: disguise });
  const scan: Scan = { submitted: [], answers: [] };
  const seen = new Set<string>();
  const first = await followLinks(portal, paths, machine, ['HEAD', 'GET'], seen);
  const sent = new Set<string>();
  const submit = async (page: Answer, form: Form, fields: [string, string][]): Promise<Answer[]> => {
    const path = localPath(portal, page.path, form.action);
    if (path === null || scan.submitted.length >= mostSubmits) return [];
    const body = new URLSearchParams(fields);
    const [target = path] = path.split('?');
    const answer =
      form.method === 'post'
        ? await machine.ask('POST', path, body)
        : await machine.ask('GET', `${target}?${body.toString()}`);
    scan.submitted.push(`${form.method} ${path} ${body.toString()}`);
    scan.answers.push(answer);
    if (answer.location === null || seen.has(answer.location)) return [answer];
    return [answer, ...(await followLinks(portal, [answer.location], machine, ['GET'], seen))];
  };
  const explore = async (page: Answer): Promise<void> => {
    for (const form of page.forms) {
      for (const fields of submissionsOf(form)) {
        const key = keyOf(form, fields);
        if (sent.has(key)) continue;
        sent.add(key);
        for (const next of await submit(page, form, fields)) await explore(next);
      }
    }
  };
  for (const page of first) await explore(page);
  for (const page of first)
    for (const form of page.forms) for (const fields of submissionsOf(form)) await submit(page, form, fields);
  return scan;
}

function submissionsOf(form: Form): [string, string][][] {
  const pressed = form.buttons.map(({ name, value }): [string, string][] =>
    name ? [...form.fields, [name, value]] : form.fields,
  );
  return [form.fields, ...pressed];
}

/** The time at which a page was rendered does not make it a new form. */
function keyOf(form: Form, fields: [string, string][]): string {
  return JSON.stringify([form.method, form.action, fields.filter(([name]) => name !== 'renderedAt')]);
}

/** A link as a path of this portal; null when it leads elsewhere. */
function localPath({ url }: { url: string }, from: string, link: string): string | null {
  const target = new URL(link, url + from);
  return target.origin === url ? target.pathname + target.search : null;
}

/** The end of `sayso demo --tour`: an admin sets up a scheduled source, runs it, and deletes it with its opt-outs. */
import { adminPaths } from '../admin-paths.js';
import type { DemoSignIn } from '../seed/demo-staff.js';
import { serveList } from '../seed/demo-source.js';
import { northwind } from '../seed/world.js';
import type { Portal } from '../server.js';
import { browserAt } from './demo-tour-browser.js';
import { failTour, hiddenFieldsOf, textOf } from './demo-tour-pages.js';

/**
 * @param firstStep number of the first step
 * @throws DomainError `TOUR_FAILED` at the first unexpected result
 */
export async function takeSourceTour(
  { deps, url }: Pick<Portal, 'deps' | 'url'>,
  { name, email, password }: DemoSignIn,
  firstStep: number,
  say: (sentence: string) => void,
): Promise<void> {
  let step = firstStep;
  const tour = deps.clock().getTime();
  const server = await serveList(`Email\neli-${tour}@example.com\nfay-${tour}@example.com\n`);
  try {
    const browser = browserAt(url);
    await browser.post(adminPaths.signIn(), { email, password });
    await browser.get(adminPaths.newSource());
    await browser.post(adminPaths.newSource(), {
      ...{ unit: String(northwind.id), channel: 'EMAIL', name: `Shop ${tour}`, url: server.url },
      ...{ format: 'CSV', field: '', path: '', credential: 'NONE', user: '', header: '', secret: '' },
      ...{ every: 'DAILY', at: '02:30', mode: 'MIRROR' },
    });
    const id = /\/sources\/([\w-]+)/.exec(browser.at())?.[1] ?? failTour('the source was not created');
    say(`${step++}. ${name}, an admin, set up a scheduled source: a list that another system serves.`);
    await browser.post(adminPaths.sourceRuns(id));
    const page = await browser.until('addresses opted out');
    say(`${step++}. Ran it: ${/\d+ addresses opted out/.exec(textOf(page))?.[0] ?? ''}.`);
    const asked = await browser.post(adminPaths.sourceDeletions(id), { optOuts: 'GO' });
    await browser.post(adminPaths.sourceDeletions(id), {
      ...hiddenFieldsOf(asked, 'setting'),
      ...{ optOuts: 'GO', confirmed: 'GO' },
    });
    const undone = await browser.until('>Opt-outs of the source removed</h1>');
    say(`${step}. Deleted it with its opt-outs: ${/\d[^.]*removed\./.exec(textOf(undone))?.[0] ?? ''}`);
  } finally {
    server.close();
  }
}

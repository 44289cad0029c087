/** An admin sets up a scheduled source, runs it, and deletes it with its opt-outs. */
import { adminPaths } from '../admin-paths.js';
import { serveList } from '../seed/demo-source.js';
import { northwind } from '../seed/world.js';
import { failTour, hiddenFieldsOf, textOf } from './demo-tour-pages.js';
import type { TourPart } from './demo-tour-part.js';

export const tourSource: TourPart = async ({ tell, signIn, addressOf, mark }) => {
  const server = await serveList(`Email\n${addressOf('eli')}\n${addressOf('fay')}\n`);
  try {
    const { name, browser } = await signIn('admin');
    await browser.get(adminPaths.newSource());
    await browser.post(adminPaths.newSource(), {
      ...{ unit: String(northwind.id), channel: 'EMAIL', name: `Shop ${mark}`, url: server.url },
      ...{ format: 'CSV', field: '', path: '', credential: 'NONE', user: '', header: '', secret: '' },
      ...{ every: 'DAILY', at: '02:30', mode: 'MIRROR' },
    });
    const id = /\/sources\/([\w-]+)/.exec(browser.at())?.[1] ?? failTour('the source was not created');
    tell(`${name}, an admin, set up a scheduled source: a list that another system serves.`);
    await browser.post(adminPaths.sourceRuns(id));
    const page = await browser.until('addresses opted out');
    tell(`Ran it: ${/\d+ addresses opted out/.exec(textOf(page))?.[0] ?? ''}.`);
    const asked = await browser.post(adminPaths.sourceDeletions(id), { optOuts: 'GO' });
    await browser.post(adminPaths.sourceDeletions(id), {
      ...hiddenFieldsOf(asked),
      ...{ optOuts: 'GO', confirmed: 'GO' },
    });
    const undone = await browser.until('>Opt-outs of the source removed</h1>');
    tell(`Deleted it with its opt-outs: ${/\d[^.]*removed\./.exec(textOf(undone))?.[0] ?? ''}`);
  } finally {
    server.close();
  }
};

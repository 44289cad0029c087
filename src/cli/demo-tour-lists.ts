/** A marketer imports an opt-out list, finds its addresses in an export, and undoes the import. */
import { adminPaths } from '../admin-paths.js';
import { mintLink } from '../domain/links/mint-links.js';
import { northwind } from '../seed/world.js';
import type { Portal } from '../server.js';
import { headerUrl } from './demo-links.js';
import type { TourBrowser } from './demo-tour-browser.js';
import { failTour, textOf } from './demo-tour-pages.js';
import type { TourPart } from './demo-tour-part.js';

export const tourLists: TourPart = async ({ deps, url, tell, signIn, addressOf }) => {
  const listed = ['ann', 'ben', 'cat'].map(addressOf);
  const ownOptOut = addressOf('dan');
  const all = [...listed, ownOptOut];

  await optOutByLink({ deps, url }, ownOptOut);
  tell(`${ownOptOut} unsubscribed with the link of a mail.`);
  const { name, browser } = await signIn('marketer');
  tell(`${name}, a marketer, signed in.`);

  const text = ['Email,Name', ...all.map((one) => `${one},`), 'nobody.example.com,', ''].join('\r\n');
  await browser.get(adminPaths.importFile({ unit: northwind.id, channel: 'EMAIL' }));
  await browser.post(
    adminPaths.imports(),
    { unit: String(northwind.id), channel: 'EMAIL' },
    { name: 'opt-outs.csv', text },
  );
  const id = /\/imports\/([\w-]+)\/column/.exec(browser.at())?.[1] ?? failTour('the list was not read');
  tell(`Uploaded opt-outs.csv, a list of people who must get no email from ${northwind.name}.`);

  await browser.post(adminPaths.importChecks(id), { column: '0' });
  const review = await browser.until('>Review</h1>');
  tell(`Review, before anything changes: ${figuresOf(review)}.`);
  await browser.fillIn(adminPaths.importConfirmation(id), { number: String(all.length) });
  const result = await browser.until('>Result</h1>');
  tell(`Typed ${all.length} to confirm. Result: ${figuresOf(result)}.`);

  await expectOptedOut(browser, { out: all, notOut: [] });
  tell(`All ${all.length} are unsubscribed from all email, and no contact was created.`);

  const exported = await exportUnsubscribed(browser);
  const missing = all.filter((one) => !exported.includes(one));
  if (missing.length > 0) failTour('the export does not have all addresses of the list');
  tell(`Exported the unsubscribed addresses, and found all ${all.length} in the file.`);

  await browser.get(adminPaths.importUndo(id));
  await browser.post(adminPaths.importUndo(id));
  const undone = await browser.until('>Import undone</h1>');
  tell(`Undid the import: ${/\d[^.]*removed\./.exec(textOf(undone))?.[0] ?? ''}`);
  await expectOptedOut(browser, { out: [ownOptOut], notOut: listed });
  tell(`Only the entries of the import are gone: ${ownOptOut} is still opted out.`);
};

/** One click, as a mail program sends it (RFC 8058). */
export async function optOutByLink(
  { deps, url }: Pick<Portal, 'deps' | 'url'>,
  address: string,
): Promise<void> {
  const { headers } = await mintLink(deps, { address, channel: 'EMAIL', unitId: northwind.id });
  const answer = await fetch(url + new URL(headerUrl(headers['List-Unsubscribe'])).pathname, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  });
  if (answer.status !== 200) failTour(`${answer.status} at the one-click link`);
}

/** Looks each address up, and reads its properties. None of them may be a contact. */
async function expectOptedOut(
  browser: TourBrowser,
  { out, notOut }: { out: readonly string[]; notOut: readonly string[] },
): Promise<void> {
  for (const address of [...out, ...notOut]) {
    await browser.post(adminPaths.contactSearches(), { q: address });
    const id = /\/contacts\/([\w-]+)$/.exec(browser.at())?.[1];
    if (!id) return failTour('a listed address has no record');
    const rows = (await browser.get(adminPaths.contactProperties(id))).split('<tr').map(textOf);
    if (rows.some((row) => row.includes('First name'))) failTour('the import created a contact');
    const isOut = rows.some((row) => /Unsubscribed from all email( \([^)]*\))? Yes\b/.test(row));
    if (isOut !== out.includes(address)) failTour(`an address is ${isOut ? '' : 'not '}opted out`);
  }
}

/** @returns the exported file */
async function exportUnsubscribed(browser: TourBrowser): Promise<string> {
  await browser.fillIn(adminPaths.unsubscribedExports(), {
    ...{ unitId: String(northwind.id), channel: 'EMAIL', type: 'ALL', actor: '', from: '', to: '' },
    ...{ reason: 'OPT_OUT', kind: 'CSV', delimiter: 'comma', hasByteOrderMark: 'yes' },
  });
  const job = decodeURIComponent(browser.at().split('/').at(-1) ?? '');
  const download = adminPaths.exportFiles(job);
  await browser.until(`action="${download}"`);
  return browser.post(download);
}

/** "rows: 5, rejected rows: 1": what the page counts, where there is any. */
function figuresOf(page: string): string {
  const list = /<dl class="figures">([^]*?)<\/dl>/.exec(page)?.[1] ?? '';
  return [...list.matchAll(/<dt>([^<]*)<\/dt><dd[^>]*>([^<]*)<\/dd>/g)]
    .filter(([, , figure]) => figure !== '0')
    .map(([, label, figure]) => `${label}: ${figure}`)
    .join('; ');
}

/** For work on the design: renders every page with sample models, photographs each in Chromium, and runs axe on it. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAssets } from '../src/views/assets.js';
import { createViews } from '../src/views/render.js';
import { wordsFor } from '../src/views/words.js';
import { axeOf, launchChromium } from '../test/support/page.js';
import {
  crowdedPreferences,
  sampleBrandStyles,
  sampleFind,
  sampleHistory,
  sampleMail,
  sampleMessages,
  sampleOutbox,
  samplePreferences,
} from '../test/support/sample-pages.js';

const assets = loadAssets();
const views = createViews({ assets });
const policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'";

function everyPage(): Map<string, string> {
  const pages = new Map<string, string>();
  pages.set('preferences', views.page('preferences', samplePreferences('en')));
  pages.set('preferences-de-crowded', views.page('preferences', crowdedPreferences('de')));
  pages.set('preferences-pl', views.page('preferences', samplePreferences('pl')));
  pages.set('preferences-rtl', views.page('preferences', { ...samplePreferences('en'), direction: 'rtl' }));
  for (const [name, page] of Object.entries(sampleMessages('en')))
    pages.set(name, views.page('message', page));
  const fault = { text: wordsFor('en').copy['findBadAddress'] ?? '', href: '#address' };
  pages.set('find', views.page('find', sampleFind('en')));
  pages.set('find-fault', views.page('find', sampleFind('en', { address: 'ann@', faults: [fault] })));
  pages.set(
    'find-answer',
    views.page('find', sampleFind('en', { answer: wordsFor('en').t('findAnswer', { most: 3 }) })),
  );
  pages.set('my-history', views.page('my-history', sampleHistory('en')));
  pages.set('outbox', views.page('outbox', sampleOutbox('en')));
  pages.set('mail', views.mail(sampleMail('en')).html);
  return pages;
}

function serve(pages: Map<string, string>): Promise<{ server: Server; base: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const brand = sampleBrandStyles[/^\/brands\/(\d+)\.css$/.exec(path)?.[1] ?? ''];
    const asset = assets.byName.get(path.replace('/assets/', ''));
    const name = path.slice(1);
    const page = pages.get(name);
    if (brand) response.setHeader('content-type', 'text/css').end(brand);
    else if (asset) response.setHeader('content-type', asset.contentType).end(asset.body);
    else if (page) {
      if (name !== 'mail') response.setHeader('content-security-policy', policy);
      response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
    } else response.writeHead(404).end();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({ server, base: `http://127.0.0.1:${port}/` });
    });
  });
}

/** `npm exec tsx scripts/gallery.ts [name…]`: only the named pages, or all. Prints where the pictures are. */
async function photograph(wanted: string[]): Promise<void> {
  const folder = join(tmpdir(), 'sayso-gallery');
  mkdirSync(folder, { recursive: true });
  const pages = everyPage();
  const { server, base } = await serve(pages);
  const browser = await launchChromium();
  try {
    for (const [name, html] of pages) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      writeFileSync(join(folder, `${name}.html`), html);
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const width of [320, 1280]) {
          const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
          const page = await context.newPage();
          page.on('console', (message) => process.stdout.write(`${name}: ${message.text()}\n`));
          await page.goto(base + name);
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          if (Number(overflow) > 0)
            process.stdout.write(`${name} ${width}: wider than the window by ${overflow}px\n`);
          await page.screenshot({
            path: join(folder, `${name}-${width}-${colorScheme}.png`),
            fullPage: true,
          });
          for (const violation of await axeOf(page))
            process.stdout.write(`${name} ${width} ${colorScheme}: ${violation}\n`);
          await context.close();
        }
      }
    }
  } finally {
    await browser.close();
    server.close();
  }
  process.stdout.write(`Pictures are in ${folder}\n`);
}

await photograph(process.argv.slice(2));

/** `npm run picture`: draws docs/preferences.png for the README from the demonstration world, in a portal and a browser of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { readConfig } from '../src/config.js';
import type { Config } from '../src/config.js';
import { mintLink } from '../src/domain/links/mint-links.js';
import { seed } from '../src/seed/seed.js';
import { alice, offers, trailNotes } from '../src/seed/world.js';
import { startPortal } from '../src/server.js';
import { rotateKeys } from '../src/tokens/keys.js';
import { launchChromium } from '../test/support/page.js';

const file = 'docs/preferences.png';
/** Every reader of the README downloads this picture, so it must be small. */
const mostBytes = 300_000;

async function configIn(folder: string): Promise<Config> {
  const tokenKeys = join(folder, 'token-keys.json');
  await rotateKeys(tokenKeys, 'Ed25519', new Date());
  return readConfig({
    NODE_ENV: 'development',
    BASE_URL: 'http://localhost:8080',
    PORT: '0',
    HOST: '127.0.0.1',
    VAR_DIR: folder,
    SUBSCRIBER_ID_KEY: randomBytes(32).toString('base64url'),
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    TOKEN_KEYS_FILE: tokenKeys,
    LOG_LEVEL: 'warn',
  });
}

/** The page on a desktop, as it opens, and on a phone in dark mode, after a save: each as a PNG in a data URL. */
async function photograph(browser: Browser, url: string): Promise<{ desk: string; phone: string }> {
  const shoot = async (
    options: { width: number; height: number; colorScheme: 'light' | 'dark' },
    isSaved: boolean,
  ) => {
    const { width, height, colorScheme } = options;
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height },
      deviceScaleFactor: 2,
      reducedMotion: 'reduce',
      locale: 'en',
    });
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'networkidle' });
    if (isSaved) {
      await page.locator(`#type-${trailNotes.id}`).uncheck();
      await page.locator(`#type-${offers.id}`).check();
      await page.locator('.savebar button').click();
      await page.waitForLoadState('networkidle');
      await page.evaluate('document.activeElement.blur()');
    }
    const picture = await page.screenshot();
    await context.close();
    return `data:image/png;base64,${picture.toString('base64')}`;
  };
  return {
    desk: await shoot({ width: 800, height: 752, colorScheme: 'light' }, false),
    phone: await shoot({ width: 360, height: 790, colorScheme: 'dark' }, true),
  };
}

const layout = `
  body { margin: 0; width: 1280px; height: 880px; position: relative; overflow: hidden; background: #dfe6e0 }
  img { position: absolute; display: block }
  .desk { left: 48px; top: 90px; width: 840px; border-radius: 16px 16px 0 0; box-shadow: 0 24px 60px -20px rgb(30 50 40 / .35) }
  .phone { right: 52px; top: 28px; width: 372px; border-radius: 36px; border: 9px solid #262421; box-shadow: 0 30px 70px -20px rgb(20 30 25 / .6) }`;

async function compose(browser: Browser, shots: { desk: string; phone: string }): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 880 }, deviceScaleFactor: 1.25 });
  await page.setContent(
    `<style>${layout}</style><img class="desk" src="${shots.desk}"><img class="phone" src="${shots.phone}">`,
  );
  await page.screenshot({ path: file });
}

const folder = await mkdtemp(join(tmpdir(), 'sayso-picture-'));
const say = (sentence: string) => void process.stdout.write(`${sentence}\n`);
const portal = await startPortal(await configIn(folder), {
  hasServer: true,
  hasWorker: false,
  mayMigrate: true,
  say,
  prepare: async (deps) => void (await seed(deps)),
});
const browser = await launchChromium();
try {
  const { managePreferencesUrl } = await mintLink(portal.deps, {
    address: alice.address,
    channel: 'EMAIL',
    unitId: trailNotes.unitId,
    typeId: trailNotes.id,
  });
  await compose(browser, await photograph(browser, portal.url + new URL(managePreferencesUrl).pathname));
  const { size } = await stat(file);
  if (size > mostBytes) throw new Error(`${file} has ${size} bytes, and may have ${mostBytes}.`);
  say(`${file}: ${Math.round(size / 1000)} kB`);
} finally {
  await browser.close();
  await portal.stop();
  await rm(folder, { recursive: true, force: true });
}

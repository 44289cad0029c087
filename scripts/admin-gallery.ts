/**
 * For work on the staff pages: a portal of its own with the demonstration world, a signed-in account, each page photographed in Chromium, light and
 * dark, narrow and wide, and checked with axe. `npx tsx scripts/admin-gallery.ts [--role ROLE] PATH…`
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { adminPaths } from '../src/admin-paths.js';
import { readConfig } from '../src/config.js';
import { roles } from '../src/vocabulary/access.js';
import { createUser } from '../src/domain/staff/users.js';
import { seed } from '../src/seed/seed.js';
import { startPortal } from '../src/server.js';
import { rotateKeys } from '../src/tokens/keys.js';
import { axeOf, launchChromium } from '../test/support/page.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { role: { type: 'string', default: 'admin' } },
});
const role = roles.find((one) => one === values.role) ?? 'admin';
const email = 'ida@staff.example';
const password = randomBytes(12).toString('base64url');

const folder = await mkdtemp(join(tmpdir(), 'sayso-gallery-'));
const pictures = join(tmpdir(), 'sayso-admin-gallery');
mkdirSync(pictures, { recursive: true });
const tokenKeys = join(folder, 'token-keys.json');
await rotateKeys(tokenKeys, 'Ed25519', new Date());
const portal = await startPortal(
  readConfig({
    NODE_ENV: 'development',
    BASE_URL: 'http://localhost:8080',
    PORT: '0',
    HOST: '127.0.0.1',
    VAR_DIR: folder,
    SUBSCRIBER_ID_KEY: randomBytes(32).toString('base64url'),
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    TOKEN_KEYS_FILE: tokenKeys,
    LOG_LEVEL: 'error',
  }),
  {
    hasServer: true,
    hasWorker: true,
    mayMigrate: true,
    prepare: async (deps) => {
      await seed(deps);
      await createUser(deps, { email, name: 'Ida Lund', role, scope: null, password });
    },
  },
);
const browser = await launchChromium();
try {
  for (const path of positionals.length > 0 ? positionals : [adminPaths.dashboard()]) await photograph(path);
} finally {
  await browser.close();
  await portal.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
console.log(`Pictures are in ${pictures}`);

async function photograph(path: string): Promise<void> {
  const name = path
    .replaceAll(/[^\w]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(-120);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      const page = await signedInPage(browser, colorScheme, width, path === adminPaths.signIn());
      page.on('console', (message) => console.log(`${path}: ${message.text()}`));
      const answer = await page.goto(portal.url + path);
      const wider = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      if (wider > 0) console.log(`${path} ${width}: wider than the window by ${wider}px`);
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      for (const violation of await axeOf(page)) console.log(`${path} ${width} ${colorScheme}: ${violation}`);
      console.log(`${answer?.status() ?? 0} ${path} ${width} ${colorScheme}`);
      await page.context().close();
    }
  }
}

async function signedInPage(
  browser: Browser,
  colorScheme: 'light' | 'dark',
  width: number,
  isOutside: boolean,
) {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  if (isOutside) return page;
  await page.goto(portal.url + adminPaths.signIn());
  await page.fill('#email', email);
  await page.fill('#password', password);
  await page.click('main .button.main');
  return page;
}

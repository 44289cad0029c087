/** `npm run picture`: draws the README's pictures from the demonstration world, in a portal and a browser of its own, light and dark. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { adminPaths } from '../src/admin-paths.js';
import { readConfig, type Config } from '../src/config.js';
import { mintLink } from '../src/domain/links/mint-links.js';
import { welcomeName } from '../src/seed/demo-account.js';
import { serveList } from '../src/seed/demo-source.js';
import { makeDemoStaff } from '../src/seed/demo-staff.js';
import { makeDemoWorld } from '../src/seed/demo-world.js';
import { seed } from '../src/seed/seed.js';
import { alice, trailNotes } from '../src/seed/world.js';
import { startPortal, type Portal } from '../src/server.js';
import { rotateKeys } from '../src/tokens/keys.js';
import { launchChromium } from '../test/support/page.js';

const pictures = 'docs/pictures';
/** Every reader of the README downloads the pictures, so each must be small. */
const mostBytes = 150_000;

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
    PRIVATE_SOURCES: '127.0.0.1',
  });
}

/** The pages, by the names of their pictures. */
async function pagesOf({ deps }: Portal): Promise<Record<string, string>> {
  const about = { channel: 'EMAIL', unitId: trailNotes.unitId, typeId: trailNotes.id } as const;
  const { managePreferencesUrl } = await mintLink(deps, { address: alice.address, ...about });
  const contact = await deps.models.contacts.findOne({ email: alice.address }, { _id: 1 }).lean();
  const workflow = await deps.models.workflows.findOne({ name: welcomeName }, { _id: 1 }).lean();
  return {
    preferences: new URL(managePreferencesUrl).pathname,
    record: adminPaths.contact(contact?._id ?? ''),
    dashboard: adminPaths.dashboard(),
    workflow: adminPaths.workflow(workflow?._id ?? ''),
  };
}

async function photograph(browser: Browser, portal: Portal, password: string): Promise<void> {
  const pages = await pagesOf(portal);
  const context = await browser.newContext({
    ...{ viewport: { width: 1180, height: 820 }, reducedMotion: 'reduce', locale: 'en' },
  });
  const page = await context.newPage();
  await page.goto(portal.url + adminPaths.signIn());
  await page.fill('#email', 'ida.lund@staff.example');
  await page.fill('#password', password);
  await page.click('main .button.main');
  for (const [name, path] of Object.entries(pages))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(portal.url + path, { waitUntil: 'networkidle' });
      const file = `${pictures}/${name}-${colorScheme}.png`;
      await page.screenshot({ path: file });
      const { size } = await stat(file);
      say(`${file}: ${Math.round(size / 1000)} kB`);
      if (size > mostBytes) throw new Error(`${file} has ${size} bytes, and may have ${mostBytes}.`);
    }
}

const say = (sentence: string) => void process.stdout.write(`${sentence}\n`);
const folder = await mkdtemp(join(tmpdir(), 'sayso-picture-'));
await mkdir(pictures, { recursive: true });
const list = await serveList();
const made: { password?: string | undefined } = {};
const portal = await startPortal(await configIn(folder), {
  ...{ hasServer: true, hasWorker: false, mayMigrate: true, say },
  prepare: async (deps) => {
    await seed(deps);
    const staff = await makeDemoStaff(deps);
    made.password = staff.find(({ role }) => role === 'admin')?.password;
    await makeDemoWorld(deps, list.url);
  },
});
const browser = await launchChromium();
try {
  await photograph(browser, portal, made.password ?? '');
} finally {
  await browser.close();
  await portal.stop();
  list.close();
  await rm(folder, { recursive: true, force: true });
}

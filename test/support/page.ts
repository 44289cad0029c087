/** Real Chromium for a test: a new visitor for each test, as in a new browser, and a list of everything that a page must not do. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { z } from 'zod';

/** The user agent of a desktop browser. A headless one would be recognised as a robot. */
export const userAgentOfAPerson =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const require = createRequire(import.meta.url);
/** Each page that is checked is sent this text. The readable form is twice as large. */
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface VisitorOptions {
  hasScript?: boolean;
  colorScheme?: 'light' | 'dark';
  /** CSS pixels. */
  width?: number;
  height?: number;
  /** Device pixels for each CSS pixel: 2 is a window zoomed to 200 %. */
  scale?: number;
  locale?: string;
  hasForcedColors?: boolean;
  userAgent?: string;
  /** Staff pages keep a session in a cookie; public pages never do. */
  hasSession?: boolean;
}

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** What no page may do, in sentences: policy violations, failed requests, requests to other hosts, cookies, script errors. */
  complaints: () => Promise<string[]>;
}

export interface TestBrowser {
  /** A first-time visitor: an empty browser. */
  visit: (options?: VisitorOptions) => Promise<Visitor>;
  /** Closes every visitor's browser. @returns their complaints */
  leave: () => Promise<string[]>;
}

/** A start takes seconds, so the files of a process share a browser. It ends with the process. */
let shared: Promise<Browser> | undefined;

/**
 * Opens the browser for a file or a `describe`. After each test its visitors leave, and a complaint fails the test.
 * @param origin the portal's; a request to any other host is a complaint
 */
export async function openBrowser(origin: string): Promise<TestBrowser> {
  const browser = await (shared ??= launchChromium());
  let visitors: Visitor[] = [];
  async function leave(): Promise<string[]> {
    const leaving = visitors;
    visitors = [];
    const told = await Promise.all(leaving.map((visitor) => visitor.complaints()));
    await Promise.all(leaving.map(({ context }) => context.close()));
    return told.flat();
  }
  afterEach(async () => expect(await leave()).toEqual([]));
  return {
    leave,
    async visit(options = {}) {
      const visitor = await welcome(browser, origin, options);
      visitors.push(visitor);
      return visitor;
    },
  };
}

/** Starts the machine's Chromium. @throws Error that says what to install when there is none */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A new page of the same site takes over the frame of the one before: a sixth less work. The others are those that Playwright asks for.
      '--enable-features=CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies,RenderDocument:level/crashed-frame',
    ],
  });
}

function chromiumPath(): string {
  const named = process.env['CHROMIUM_PATH'];
  if (named) return named;
  const names = [
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
  ];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // The next answer.
      }
    }
  }
  throw new Error(
    'There is no browser: install Chromium (chromium or google-chrome on PATH), or set CHROMIUM_PATH.',
  );
}

async function welcome(browser: Browser, origin: string, options: VisitorOptions): Promise<Visitor> {
  const context = await browser.newContext({
    javaScriptEnabled: options.hasScript ?? true,
    colorScheme: options.colorScheme ?? 'light',
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    deviceScaleFactor: options.scale ?? 1,
    locale: options.locale ?? 'en',
    forcedColors: options.hasForcedColors ? 'active' : 'none',
    // No animations, so that a colour is never read in transition.
    reducedMotion: 'reduce',
    userAgent: options.userAgent ?? userAgentOfAPerson,
  });
  context.setDefaultTimeout(30_000);
  const heard: string[] = [];
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  // The browser's own list of issues. It reports policy violations also without scripts.
  session.on('Audits.issueAdded', ({ issue }) => {
    if (issue.code !== 'ContentSecurityPolicyIssue') return;
    const { violatedDirective, blockedURL } = issue.details.contentSecurityPolicyIssueDetails ?? {};
    heard.push(
      `The policy refused ${blockedURL ?? 'something inline'} (${violatedDirective ?? ''}) on ${pathOf(page.url())}.`,
    );
  });
  await session.send('Audits.enable');
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(`A script failed: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin)
      heard.push(`Something was asked of ${url.origin}.`);
  });
  page.on('requestfailed', (request) => {
    // A request interrupted because the page was left, or became a download, has not failed.
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') heard.push(`${request.url()} failed: ${reason}`);
  });
  page.on('response', (response) => {
    // 422 is a form with its faults, which the page's script shows.
    if (!response.request().isNavigationRequest() && response.status() >= 400 && response.status() !== 422)
      heard.push(`${response.url()} answered ${response.status()}.`);
  });
  const complaints = async () => {
    const { cookies, origins } = await context.storageState();
    // The session cookie, and the one of a known device (decision 0563).
    const isOfStaff = ({ name, httpOnly, sameSite }: (typeof cookies)[number]) =>
      options.hasSession &&
      httpOnly &&
      ((/^(?:__Host-)?sayso$/.test(name) && sameSite === 'Lax') ||
        (/^(?:__Host-)?sayso-device$/.test(name) && sameSite === 'Strict'));
    return [
      ...heard,
      ...cookies.filter((cookie) => !isOfStaff(cookie)).map(({ name }) => `A cookie was set: ${name}.`),
      ...origins.map((one) => `Something was stored for ${one.origin}.`),
    ];
  };
  return { page, context, complaints };
}

/** A path without its token, for use in a sentence. */
function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/[\w-]+\.[\w-]+\.[\w-]+/, '…') : url;
}

/** What axe finds against WCAG 2.2 AA and its best practices, each with its place. A correct page gives none. */
export function axeOf(page: Page): Promise<string[]> {
  return violationsOf(page, standards);
}

/** The same in light and dark. Only colours differ, so the dark run checks only colours. */
export async function axeInBothSchemes(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const inLight = await axeOf(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const inDark = await violationsOf(page, ['color-contrast']);
  return [...inLight, ...inDark.map((found) => `in the dark: ${found}`)];
}

/** Axe describes only violations: to describe each element that passes takes as long as the check. @param runOnly tags or rules */
async function violationsOf(page: Page, runOnly: string[]): Promise<string[]> {
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'], selectors: false });
  await page.waitForLoadState();
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const found: unknown = await page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join(' '))))`);
  return z.array(z.string()).parse(found);
}

/** CSS pixels by which a page is wider than its window. It must be 0. */
export async function overflowOf(page: Page): Promise<number> {
  // After a button was pressed, the next page has no content for a moment.
  await page.waitForLoadState();
  return Number(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  );
}

/** Sets the size of text in the browser's settings, in pixels; 16 is its default. It also applies to pages opened later. */
export async function fontSizeOf(
  page: Page,
  context: BrowserContext,
): Promise<(size: number) => Promise<void>> {
  const session = await context.newCDPSession(page);
  await session.send('Page.enable');
  return async (size) => {
    await session.send('Page.setFontSizes', {
      fontSizes: { standard: size, fixed: Math.round(size * 0.8125) },
    });
    const actual = await page.evaluate('getComputedStyle(document.documentElement).fontSize');
    if (actual !== `${size}px`) throw new Error(`The text has ${String(actual)}, not ${size} pixels.`);
  };
}

/** Expects that axe finds nothing in light and dark, and that the page does not scroll sideways: as it is, or at each of these widths. */
export async function expectSound(page: Page, ...widths: number[]): Promise<void> {
  expect(await axeInBothSchemes(page)).toEqual([]);
  if (widths.length === 0) expect(await overflowOf(page)).toBe(0);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    expect(await overflowOf(page)).toBe(0);
  }
}

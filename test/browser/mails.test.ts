/** Footers and whole mails are readable on every background of a mail client: light, dark, its own colours, or without styles. */
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadAssets } from '../../src/views/assets.js';
import { createViews } from '../../src/views/render.js';
import { launchChromium } from '../support/page.js';
import { sampleMail } from '../support/sample-pages.js';

const browser = await launchChromium();
afterAll(() => browser.close());

const views = createViews({ assets: loadAssets() });
const footer = views.footer({
  unitName: 'Northwind Outdoors',
  typeName: 'Trail notes',
  postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norway',
  locale: 'en',
  manageUrl: 'https://preferences.example.com/p/a',
  unsubscribeAllUrl: 'https://preferences.example.com/u/a',
  unsubscribeOneUrl: 'https://preferences.example.com/u/b',
}).html;

/** Runs in the page: the contrast of every text with its background, by WCAG 2.2, success criterion 1.4.3. */
const contrasts = `(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const canvas = document.createElement('div');
  canvas.style.background = 'Canvas';
  document.body.append(canvas);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return getComputedStyle(canvas).backgroundColor;
  };
  const texts = [...document.body.querySelectorAll('*')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((element) => {
    const [one, other] = [getComputedStyle(element).color, ground(element)].map((color) => luminance(rgb(color)));
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return { text: element.textContent.trim().slice(0, 40), ratio };
  });
})()`;

async function textsOf(html: string, colorScheme: 'light' | 'dark') {
  const page = await browser.newPage({ colorScheme, javaScriptEnabled: true });
  await page.setContent(html);
  const found = z
    .array(z.object({ text: z.string(), ratio: z.number() }))
    .parse(await page.evaluate(contrasts));
  await page.close();
  return found;
}

const grounds: [string, (content: string) => string][] = [
  ['white', (content) => `<!doctype html><body style="background:#ffffff;color:#222222">${content}`],
  ['black', (content) => `<!doctype html><body style="background:#000000;color:#e8eaed">${content}`],
  ['#121212', (content) => `<!doctype html><body style="background:#121212;color:#f1f1f1">${content}`],
  ['#1e1e1e', (content) => `<!doctype html><body style="background:#1e1e1e;color:#c8c8c8">${content}`],
  ['an old document’s dark ground', (content) => `<body bgcolor="#121212" text="#f1f1f1">${content}`],
  [
    'a dark cell of a white mail',
    (content) =>
      `<body style="background:#fff;color:#000"><table><tr><td style="background:#1e1e1e;color:#eee">${content}</td></tr></table>`,
  ],
  [
    'a mail whose links have a colour of their own',
    (content) =>
      `<!doctype html><style>a{color:#1a0dab}</style><body style="background:#121212;color:#eee">${content}`,
  ],
  [
    'whatever the client shows',
    (content) => `<!doctype html><meta name="color-scheme" content="light dark"><body>${content}`,
  ],
];

describe.each(['light', 'dark'] as const)('in a mail client set to %s', (colorScheme) => {
  it.each(grounds)('the merged footer reaches 4.5:1 on %s', async (_ground, mail) => {
    const texts = await textsOf(mail(footer), colorScheme);
    expect(texts.map(({ text }) => text)).toContain('Manage your preferences');
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  it.each([
    ['with its styles', (html: string) => html],
    [
      'without its styles, as some clients show it',
      (html: string) => html.replace(/<style>[^]*?<\/style>/, ''),
    ],
  ])('every text of a whole mail reaches 4.5:1, %s', async (_how, change) => {
    const texts = await textsOf(change(views.mail(sampleMail('en')).html), colorScheme);
    expect(texts.length).toBeGreaterThan(6);
    expect(texts.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });
});

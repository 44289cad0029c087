/** Pages and mails: safe with hostile names, strict enough for the content security policy, small. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadAssets } from '../../src/views/assets.js';
import { locales } from '../../src/vocabulary/locales.js';
import { createViews } from '../../src/views/render.js';
import {
  crowdedPreferences,
  sampleFind,
  sampleHistory,
  sampleMail,
  sampleMessages,
  sampleOutbox,
  samplePreferences,
} from '../support/sample-pages.js';

const assets = loadAssets();
const views = createViews({ assets });

function everyPage(locale: (typeof locales)[number]): [string, string][] {
  const fault = { text: 'Not an address.', href: '#address' };
  return [
    ['preferences', views.page('preferences', samplePreferences(locale))],
    ['crowded', views.page('preferences', crowdedPreferences(locale))],
    ...Object.entries(sampleMessages(locale)).map(([name, page]): [string, string] => [
      name,
      views.page('message', page),
    ]),
    ['find', views.page('find', sampleFind(locale))],
    ['find-fault', views.page('find', sampleFind(locale, { address: 'ann@', faults: [fault] }))],
    ['find-answer', views.page('find', sampleFind(locale, { answer: 'On its way.' }))],
    ['my-history', views.page('my-history', sampleHistory(locale))],
    ['outbox', views.page('outbox', sampleOutbox(locale))],
  ];
}

describe('templates', () => {
  const sources = readdirSync('src/views', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.hbs'))
    .map((file): [string, string] => [file, readFileSync(`src/views/${file}`, 'utf8')]);

  it.each(sources)('%s escapes everything', (_file, source) => {
    expect(source).not.toMatch(/\{\{\{|\{\{~?&/);
  });

  it.each(sources.filter(([file]) => !file.startsWith('emails')))(
    '%s has no inline script or style',
    (_file, source) => {
      // A script may be loaded from the portal itself, and has nothing between its tags.
      const inline = source.replace(
        /<script type="module" src="\{\{(?:@root\.)?assets\.\w+\}\}"><\/script>/g,
        '',
      );
      expect(inline).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
    },
  );
});

describe.each(locales)('every page in %s', (locale) => {
  it.each(everyPage(locale))(
    '%s has a language, a title, one first-order heading, and each id once',
    (_name, html) => {
      expect(html).toMatch(new RegExp(`<html lang="${locale}" dir="ltr">`));
      expect(html).toMatch(/<title>[^<]+<\/title>/);
      expect(html.match(/<h1/g)).toHaveLength(1);
      expect(html).toContain('<meta name="robots" content="noindex">');
      const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(html).not.toMatch(/undefined|\[object|NaN/);
    },
  );

  it('loads nothing from other hosts', () => {
    for (const [, html] of everyPage(locale)) {
      for (const [, url] of html.matchAll(/(?:src|<link[^>]*href)="([^"]*)"/g))
        expect(url).toMatch(/^\/(?!\/)/);
    }
  });
});

describe('hostile names', () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>{{copy.save}}`;
  const marks = /<script|<img src=x|onerror='/;

  it('stay text on the preference page, wherever they occur', () => {
    const page = samplePreferences('en');
    const [unit] = page.units;
    const [type] = unit?.types ?? [];
    if (!unit || !type || !page.unit) throw new Error('The sample has a unit and a type.');
    const html = views.page('preferences', {
      ...page,
      title: hostile,
      who: hostile,
      shown: hostile,
      action: hostile,
      unit: { ...page.unit, name: hostile, postalAddress: hostile, logoUrl: hostile },
      faults: [{ text: hostile, href: hostile }],
      stops: [{ value: hostile, label: hostile, isMain: true }],
      units: [
        {
          ...unit,
          name: hostile,
          initial: hostile,
          standing: hostile,
          types: [
            {
              ...type,
              name: hostile,
              what: hostile,
              reason: hostile,
              chips: [{ text: hostile, tone: 'plain' }],
            },
          ],
        },
      ],
    });
    expect(html).not.toMatch(marks);
    expect(html).toContain('{{copy.save}}');
  });

  it('stay text in typed input', () => {
    const fault = { text: hostile, href: '#address' };
    expect(views.page('find', sampleFind('en', { address: hostile, faults: [fault] }))).not.toMatch(marks);
  });

  it('stay text in mails and footers, and are plain in their text parts', () => {
    const parts = sampleMail('en');
    const mail = views.mail({ ...parts, heading: hostile, unit: { ...parts.unit, name: hostile } });
    expect(mail.html).not.toMatch(marks);
    expect(mail.text).toContain(hostile);
    const footer = views.footer({
      unitName: hostile,
      postalAddress: hostile,
      locale: 'en',
      manageUrl: 'https://mail.example/p/t?a=1&b=2',
      unsubscribeAllUrl: 'https://mail.example/u/t',
    });
    expect(footer.html).not.toMatch(marks);
    expect(footer.text).toContain('https://mail.example/p/t?a=1&b=2');
  });
});

describe('a footer', () => {
  const parts = {
    unitName: 'Northwind',
    postalAddress: 'Northwind, Storgata 1',
    locale: 'nb',
    manageUrl: 'https://mail.example/p/t',
    unsubscribeAllUrl: 'https://mail.example/u/all',
  };

  it('has its links in the language of the mail', () => {
    const { html, text } = views.footer(parts);
    expect(html).toContain('lang="nb"');
    expect(text).toBe(
      '-- \nEndre valgene dine: https://mail.example/p/t\n' +
        'Meld deg av alt fra Northwind: https://mail.example/u/all\nNorthwind, Storgata 1\n',
    );
  });

  it('names the type when the mail is of one type', () => {
    const one = { ...parts, unsubscribeOneUrl: 'https://mail.example/u/one', typeName: 'Turtips' };
    expect(views.footer(one).text).toContain('Meld deg av Turtips: https://mail.example/u/one');
  });
});

it('warming up templates happens once, and changes no page', () => {
  const cold = createViews({ assets });
  cold.warm();
  expect(cold.page('find', sampleFind('en'))).toBe(views.page('find', sampleFind('en')));
});

describe('the size of a page', () => {
  it('stays under 30 kB for an ordinary preference page with its stylesheets, uncompressed', () => {
    const css = assets.byName.get('look.css')?.body.length ?? Infinity;
    const html = Buffer.byteLength(views.page('preferences', samplePreferences('de')));
    expect(css + html).toBeLessThan(30_000);
  });
});

describe('assets', () => {
  it('are named with a revision computed from their bytes', () => {
    expect(assets.urlOf('look.css')).toMatch(/^\/assets\/look\.css\?v=[\w-]{12}$/);
    expect(loadAssets().urlOf('look.css')).toBe(assets.urlOf('look.css'));
  });

  it('include all that the stylesheet needs', () => {
    const css = assets.byName.get('look.css')?.body.toString() ?? '';
    const urls = [...css.matchAll(/url\(([^)]*)\)/g)].map(([, url]) => url ?? '');
    expect(urls).toHaveLength(2);
    for (const url of urls) expect(assets.urlOf(/assets\/([^?]+)/.exec(url)?.[1] ?? '')).toBe(url);
  });

  it('that do not exist throw an error', () => {
    expect(() => assets.urlOf('nothing.css')).toThrow('nothing.css');
  });
});

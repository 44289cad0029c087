/** Renders typed page objects to HTML with Handlebars. Every template is read once, and compiled before its first use. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { loadAssets, type Assets } from './assets.js';
import type { Views } from './contract.js';
import { addFaultHelpers } from './field-faults.js';
import type { LazyPages, Pages } from './pages.js';
import { wordsFor } from './words.js';
import { directionOf, isLocale } from '../vocabulary/locales.js';

const folder = fileURLToPath(new URL('./', import.meta.url));

const options = {
  knownHelpers: {
    is: true,
    when: true,
    every: true,
    kept: true,
    mayBreak: true,
    faultAt: true,
    describedBy: true,
  },
  knownHelpersOnly: true,
  preventIndent: true,
};

type Template = (page: object) => string;

/** Handlebars compiles a template at its first use, which would delay the first reader. */
export interface WarmableViews extends Views {
  /** Compiles all templates now, about 100 ms of work. Call it right after listening has begun. */
  warm(): void;
}

/**
 * Reads the templates next to this file and creates the views.
 * @param deps.assets assets that pages link to; read from disk if absent
 */
export function createViews(deps: { assets?: Assets } = {}): WarmableViews {
  const handlebars = Handlebars.create();
  addHelpers(handlebars);
  addFaultHelpers(handlebars);
  const compiled = (name: string, isText = false): Template =>
    handlebars.compile(textOf(`${name}.hbs`), { ...options, noEscape: isText });
  const registered = (folders: readonly string[]): Template[] =>
    folders.flatMap((part) =>
      namesIn(part).map((name) => {
        const template = compiled(`${part}/${name}`);
        handlebars.registerPartial(name, template);
        return template;
      }),
    );
  registered(['layouts']);
  const partials = registered(['partials']);

  const pages: { [P in Exclude<keyof Pages, keyof LazyPages>]: Template } = {
    preferences: compiled('public/preferences'),
    message: compiled('public/message'),
    find: compiled('public/find'),
    'my-history': compiled('public/my-history'),
    outbox: compiled('public/outbox'),
    'outbox-mail': compiled('public/outbox-mail'),
  };
  const isPublic = (name: keyof Pages): name is keyof typeof pages => name in pages;
  const mail = { html: compiled('emails/mail'), text: compiled('emails/mail.text', true) };
  const footer = { html: compiled('emails/footer'), text: compiled('emails/footer.text', true) };
  const assets = linkedAssets(deps.assets ?? loadAssets());
  // The same template as the contact's page, within a layout without active controls.
  const preview = (): Template => {
    const template = handlebars.compile<object>(textOf('public/preferences.hbs'), options);
    const page = compiled('admin/layouts/preview');
    return (shown) => template(shown, { partials: { page } });
  };
  // Read at their first use: a process that only serves contacts never loads them.
  const lazyPages = new Map<string, Template>();
  const lazyPage = (name: string): Template => {
    const known = lazyPages.get(name);
    if (known) return known;
    if (lazyPages.size === 0) registered(['admin/layouts', 'admin/partials']);
    const made = name === 'admin-preview' ? preview() : compiled(name.replace(/^(admin|api)-/, '$1/'));
    lazyPages.set(name, made);
    return made;
  };

  return {
    warm: () => {
      const templates = [pages, mail, footer].flatMap((group): Template[] => Object.values(group));
      for (const template of [...partials, ...templates]) template({});
    },
    page: (name, page) => (isPublic(name) ? pages[name] : lazyPage(name))({ ...page, assets }),
    mail: (parts) => ({ html: mail.html(parts), text: mail.text(parts) }),
    footer: (parts) => {
      const { t } = wordsFor(isLocale(parts.locale) ? parts.locale : 'en');
      const filled = {
        ...parts,
        direction: directionOf(parts.locale),
        manage: t('footerManage'),
        unsubscribeAll: t('footerUnsubscribeAll', { unit: parts.unitName }),
        unsubscribeOne: t('footerUnsubscribeOne', { type: parts.typeName ?? parts.unitName }),
      };
      return { html: footer.html(filled), text: footer.text(filled) };
    },
  };
}

/**
 * Five template helpers. `mayBreak` lets a long address break behind its @. `every` is `each` without its counters, and `when` an `if` without a block: half the time. `kept` renders a list that stays
 * the same object only once and caches the result. Such a list may appear in one block only, and the block may show only the list.
 */
function addHelpers(handlebars: typeof Handlebars): void {
  handlebars.registerHelper('is', (one: unknown, other: unknown) => one === other);
  handlebars.registerHelper('when', (isSo: unknown, word: string) => (isSo ? word : ''));
  handlebars.registerHelper('mayBreak', (text: unknown) => {
    const escaped = handlebars.escapeExpression(String(text ?? ''));
    return new handlebars.SafeString(escaped.replaceAll('@', '@<wbr>'));
  });
  const said = new WeakMap<object, string>();
  handlebars.registerHelper('kept', (list: readonly unknown[], { fn }: Handlebars.HelperOptions) => {
    const html =
      (Object.isFrozen(list) ? said.get(list) : undefined) ?? list.map((item) => fn(item)).join('');
    if (Object.isFrozen(list)) said.set(list, html);
    return html;
  });
  handlebars.registerHelper('every', (list: unknown, { fn }: Handlebars.HelperOptions) => {
    let html = '';
    if (Array.isArray(list)) for (const item of list) html += fn(item);
    return html;
  });
}

function linkedAssets(
  assets: Assets,
): Record<'look' | 'admin' | 'script' | 'passkeys' | 'upload' | 'font' | 'icon', string> {
  return {
    look: assets.urlOf('look.css'),
    admin: assets.urlOf('admin.css'),
    script: assets.urlOf('admin.js'),
    passkeys: assets.urlOf('passkeys.js'),
    upload: assets.urlOf('upload.js'),
    font: assets.urlOf('source-serif-4-latin.woff2'),
    icon: assets.urlOf('icon.svg'),
  };
}

function namesIn(part: string): string[] {
  return readdirSync(folder + part).map((file) => file.replace(/\.hbs$/, ''));
}

function textOf(path: string): string {
  return readFileSync(folder + path, 'utf8');
}

/** Builds the fields of the settings' forms, from texts as a form has them: what is stored and what was typed look the same. */
import type { Request } from 'express';
import type { z } from 'zod';
import { saidOf } from '../../../domain/catalogue/fields.js';
import { DomainError } from '../../../errors.js';
import type { FormField } from '../../../views/admin-settings-pages.js';
import { locales } from '../../../vocabulary/locales.js';
import type { Locale } from '../../../vocabulary/locales.js';
import { textOf, wholeOf } from '../form.js';
import type { FieldFault } from '../form.js';

/** Fields by name; a tick is `yes` or empty. A translation's name ends in its locale: `name.nb`. */
export type Texts = Record<string, string>;

/** The languages in English, for staff who may not read the others. */
export const languageWords: Readonly<Record<Locale, string>> = {
  en: 'English',
  nb: 'Norwegian',
  pl: 'Polish',
  nl: 'Dutch',
  sv: 'Swedish',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
};

/** What a field is, before it has a value. */
export type FieldPlan = Pick<FormField, 'kind' | 'name' | 'label'> &
  Partial<Pick<FormField, 'isRequired' | 'hint' | 'options' | 'picture' | 'lang'>>;

export function fieldOf(plan: FieldPlan, texts: Texts, faults: readonly FieldFault[]): FormField {
  const value = texts[plan.name] ?? '';
  return {
    isRequired: false,
    options: [],
    ...plan,
    value,
    isTicked: value === 'yes',
    isWrong: faults.some(({ href }) => href === `#${plan.name}`),
  };
}

/** Reads the named fields of a form. Line breaks come as browsers send them, and are one character each here. */
export function textsOf(request: Pick<Request, 'body'>, names: readonly string[]): Texts {
  return Object.fromEntries(
    names.map((name) => [name, textOf(request, name, 4096).replaceAll('\r\n', '\n').trim()]),
  );
}

/** Names of one field in every language. */
export function inEachLocale(...names: string[]): string[] {
  return locales.flatMap((locale) => names.map((name) => `${name}.${locale}`));
}

/** The version that a form showed. @throws DomainError `INVALID_FORM` */
export function versionOf(request: Pick<Request, 'body'>): number {
  const version = wholeOf(textOf(request, 'version', 10));
  if (version === null) throw new DomainError('INVALID_FORM');
  return version;
}

/** Turns what the checks found into sentences that link to their fields. */
export function faultsOf(error: z.ZodError, labels: Readonly<Record<string, string>>): FieldFault[] {
  const faults = error.issues.map((issue) => {
    const [first, locale, part] = issue.path.map(String);
    const isTranslation = first === 'translations' && locale && part;
    const name = isTranslation ? `${part}.${locale}` : (first ?? '');
    const label = labels[isTranslation ? part : name] ?? name;
    const language = isTranslation ? languageWords[localeOf(locale)] : undefined;
    return { text: `${label}${language ? ` in ${language}` : ''} ${saidOf(issue)}.`, href: `#${name}` };
  });
  // One sentence a field is enough to put it right.
  return faults.filter(({ href }, at) => faults.findIndex((fault) => fault.href === href) === at);
}

function localeOf(text: string): Locale {
  return locales.find((locale) => locale === text) ?? 'en';
}

/** What to say where somebody else was quicker: each field that now reads otherwise than what was typed. */
export function staleFaults(
  typed: Texts,
  stored: Texts,
  labels: Readonly<Record<string, string>>,
): FieldFault[] {
  const differing = Object.keys(stored).filter((name) => (typed[name] ?? '') !== stored[name]);
  return [
    {
      text: 'Somebody else changed it meanwhile, so nothing was saved. What you typed is kept below; saving again puts it in place of theirs.',
      href: '',
    },
    ...differing.map((name) => {
      const [base = '', locale] = name.split('.');
      const label = `${labels[base] ?? base}${locale ? ` in ${languageWords[localeOf(locale)]}` : ''}`;
      const value = stored[name] ?? '';
      const now = value === '' ? 'is not set now' : value === 'yes' ? 'is on now' : `is now “${value}”`;
      return { text: `${label} ${now}.`, href: `#${name}` };
    }),
  ];
}

/** Translations out of a form: only languages in which something was typed. */
export function translationsOf(
  texts: Texts,
  names: readonly string[],
): Partial<Record<Locale, Record<string, string>>> {
  const said = locales.map((locale) => {
    const typed = names.flatMap((name): [string, string][] => {
      const text = texts[`${name}.${locale}`] ?? '';
      return text === '' ? [] : [[name, text]];
    });
    return [locale, Object.fromEntries(typed)] as const;
  });
  return Object.fromEntries(said.filter(([, typed]) => Object.keys(typed).length > 0));
}

/** Declared form fields: how each kind is read from a request, passed to the schema, and shown. */
import type { Request } from 'express';
import { locales, type Locale } from '../../../vocabulary/locales.js';
import type { FieldKind, FormField, FormGroup } from '../../../views/admin-form-page.js';
import { textOf, textsOf, type FieldFault } from '../form.js';
import { uploadOf } from '../upload.js';

/** Typed or stored text, by the field's name. A check box is `yes` or empty; for several check boxes each value is a line. */
export type Texts = Readonly<Record<string, string>>;

/** A field without its value. A name such as `name.nb` is a translation of the field `name`. */
export interface FieldPlan extends Pick<FormField, 'kind' | 'name' | 'label'> {
  /** The field's name in sentences, if not the label. */
  short?: string;
  isRequired?: boolean;
  hint?: string;
  options?: readonly { value: string; label: string; hint?: string }[];
  picture?: { src: string; alt: string };
  lang?: string;
  autocomplete?: string;
  isAlternative?: boolean;
  most?: number;
}

export interface GroupPlan {
  legend?: string;
  hint?: string;
  isFolded?: boolean;
  fields: readonly FieldPlan[];
}

interface Kind {
  /** The text of a request's field; undefined if the form does not send it as text. */
  read?: (request: Request, name: string) => string;
  /** The schema's input. */
  value?: (text: string, request: Request) => unknown;
}

/** Browsers send line breaks as two characters; here they become one. */
const plain: Kind = {
  read: (request, name) => textOf(request, name, 4096).replaceAll('\r\n', '\n').trim(),
};

/** One line per kind of field. */
const kinds: Readonly<Record<FieldKind, Kind>> = {
  text: plain,
  email: plain,
  url: plain,
  code: plain,
  area: plain,
  select: plain,
  radios: plain,
  colour: plain,
  // Spaces at the ends belong to the password.
  password: { read: (request, name) => textOf(request, name, 2000) },
  tick: {
    read: (request, name) => (textOf(request, name, 10) === '' ? '' : 'yes'),
    value: (text) => text === 'yes',
  },
  ticks: {
    read: (request, name) => textsOf(request, name).join('\n'),
    value: (text) => linesOf(text),
  },
  file: { value: (_text, request) => uploadOf(request) },
  fixed: {},
};

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

export function plansIn(groups: readonly GroupPlan[]): FieldPlan[] {
  return groups.flatMap(({ fields }) => fields);
}

/**
 * Reads the fields of a form.
 * @param stored texts of fields that the form shows and does not send
 * @throws DomainError `INVALID_FORM`
 */
export function textsIn(request: Request, groups: readonly GroupPlan[], stored: Texts): Texts {
  return Object.fromEntries(
    plansIn(groups).map(({ kind, name }) => [name, kinds[kind].read?.(request, name) ?? stored[name] ?? '']),
  );
}

/** The input of the schema: each field under its name, and non-empty translations under `translations`, by locale. */
export function valuesOf(request: Request, groups: readonly GroupPlan[], texts: Texts): object {
  const values: Record<string, unknown> = {};
  const translations: Record<string, Record<string, string>> = {};
  for (const { kind, name } of plansIn(groups)) {
    const [base = name, locale] = name.split('.');
    const text = texts[name] ?? '';
    if (locale === undefined)
      values[name] = kinds[kind].value?.(text, request) ?? (kind === 'file' ? undefined : text);
    else if (text !== '') translations[locale] = { ...translations[locale], [base]: text };
  }
  return plansIn(groups).some(({ name }) => name.includes('.')) ? { ...values, translations } : values;
}

export function fieldOf(plan: FieldPlan, texts: Texts, faults: readonly FieldFault[]): FormField {
  const { short: _, options = [], isRequired = false, ...rest } = plan;
  const text = texts[plan.name] ?? '';
  const chosen = plan.kind === 'ticks' ? linesOf(text) : [text];
  const label = options.find(({ value }) => value === text)?.label;
  return {
    ...rest,
    isRequired,
    value: plan.kind === 'password' ? '' : plan.kind === 'fixed' ? (label ?? text) : text,
    isTicked: text === 'yes',
    isWrong: faults.some(({ href }) => href === `#${plan.name}`),
    options: options.map((option) => ({ ...option, isSelected: chosen.includes(option.value) })),
  };
}

export function groupOf(plan: GroupPlan, texts: Texts, faults: readonly FieldFault[]): FormGroup {
  const { isFolded = false, ...rest } = plan;
  const fields = plan.fields.map((field) => fieldOf(field, texts, faults));
  return { ...rest, isFolded, isOpen: !isFolded || fields.some(({ isWrong }) => isWrong), fields };
}

/** Hidden fields that send the same texts again. */
export function hiddenOf(groups: readonly GroupPlan[], texts: Texts): { name: string; value: string }[] {
  return plansIn(groups).flatMap(({ kind, name }) => {
    const text = texts[name] ?? '';
    const values = kind === 'ticks' ? linesOf(text) : text === '' || !kinds[kind].read ? [] : [text];
    return values.map((value) => ({ name, value }));
  });
}

/** The languages in English, for staff who may not read the others. */
const languageWords: Readonly<Record<Locale, string>> = {
  en: 'English',
  nb: 'Norwegian',
  pl: 'Polish',
  nl: 'Dutch',
  sv: 'Swedish',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
};

export const languageOptions = locales.map((value) => ({ value, label: languageWords[value] }));

/** A folded group for each language with a translation of these fields. */
export function translationGroups(
  fields: readonly Pick<FieldPlan, 'kind' | 'name' | 'label'>[],
  texts: Texts,
): GroupPlan[] {
  return locales.map((locale) => {
    const translated = fields.map(({ kind, name, label }) => ({
      kind,
      name: `${name}.${locale}`,
      label: `${label} in ${languageWords[locale]}`,
      lang: locale,
    }));
    const isTranslated = translated.some(({ name }) => texts[name]);
    return {
      legend: languageWords[locale],
      hint: isTranslated ? 'translated' : 'as above',
      isFolded: true,
      fields: translated,
    };
  });
}

/** Texts of stored translations, by the names of their fields. */
export function translationTexts<Name extends string>(
  translations: Readonly<Record<string, Partial<Record<Name, string>>>>,
  names: readonly Name[],
): Texts {
  return Object.fromEntries(
    locales.flatMap((locale) =>
      names.map((name) => [`${name}.${locale}`, translations[locale]?.[name] ?? ''] as const),
    ),
  );
}

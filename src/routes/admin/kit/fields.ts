/** Declared form fields: how each kind is read from a request, passed to the schema, and shown. */
import type { Request } from 'express';
import { locales } from '../../../vocabulary/locales.js';
import { languageOf } from '../../../vocabulary/words.js';
import type { Option } from '../../../views/admin-frame.js';
import type { ListTable } from '../../../views/admin-table.js';
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
  accept?: string;
  picture?: { src: string; alt: string };
  /** The options of a `grouped` field, or of a `select` after its other options. */
  optionGroups?: readonly { label: string; look: string; options: FieldPlan['options'] }[];
  table?: ListTable;
  /** A class of the field. */
  look?: string;
  lang?: string;
  autocomplete?: string;
  isAlternative?: boolean;
  most?: number;
  suggestions?: readonly string[];
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
  /** The hidden fields with which a confirmation sends the text again. Without it, the confirmation has the field itself, empty. */
  again?: (name: string, text: string) => Hidden[];
}

interface Hidden {
  name: string;
  value: string;
}

/** @param most maximum length in UTF-16 units; browsers send line breaks as two characters, and here they become one */
const plain = (most: number): Kind => ({
  read: (request, name) => textOf(request, name, most).replaceAll('\r\n', '\n').trim(),
  again: (name, text) => (text === '' ? [] : [{ name, value: text }]),
});
const line = plain(4096);
const lines: Kind = {
  read: (request, name) => textsOf(request, name).join('\n'),
  value: (text) => linesOf(text),
  again: (name, text) => linesOf(text).map((value) => ({ name, value })),
};

/** One line per kind of field. */
const kinds: Readonly<Record<FieldKind, Kind>> = {
  text: line,
  email: line,
  tel: line,
  url: line,
  date: line,
  // Also a text that is too long, which the form shows again with its fault.
  area: plain(500_000),
  select: line,
  radios: line,
  colour: line,
  // Spaces at the ends belong to the password. It is never in a hidden field.
  password: { read: (request, name) => textOf(request, name, 2000) },
  // Each code is accepted once.
  code: { read: (request, name) => textOf(request, name, 100).trim() },
  tick: {
    read: (request, name) => (textOf(request, name, 10) === '' ? '' : 'yes'),
    value: (text) => text === 'yes',
    again: (name, text) => (text === '' ? [] : [{ name, value: 'yes' }]),
  },
  ticks: lines,
  grouped: lines,
  table: lines,
  pairs: {
    read: (request, name) => {
      const values = textsOf(request, `${name}-value`, 200);
      return pairsText(textsOf(request, `${name}-name`, 200).map((key, at) => [key, values[at] ?? '']));
    },
    value: (text) => pairsOf(text),
    again: (name, text) =>
      pairsOf(text).flatMap(([key, value]) => [
        { name: `${name}-name`, value: key },
        { name: `${name}-value`, value },
      ]),
  },
  file: { value: (_text, request) => uploadOf(request) },
  fixed: { again: () => [] },
};

/**
 * The class of a field that only some options of the form's leading choice need. The style sheet hides it with the others.
 * @param options those of the radio buttons with the look `leads`, at most nine
 */
export function onlyWith(options: readonly { value: string }[], ...values: string[]): string {
  return options.flatMap(({ value }, at) => (values.includes(value) ? [`with-${at + 1}`] : [])).join(' ');
}

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

/** Names and values as a text: a line for each, with a tab between them. */
export function pairsText(pairs: readonly (readonly [name: string, value: string])[]): string {
  const plainly = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
  return pairs
    .map(([name, value]) => `${plainly(name)}\t${plainly(value)}`)
    .filter((pair) => pair !== '\t')
    .join('\n');
}

function pairsOf(text: string): [name: string, value: string][] {
  return linesOf(text).map((pair) => {
    const [name = '', value = ''] = pair.split('\t');
    return [name, value];
  });
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
  const { short: _, options = [], optionGroups = [], isRequired = false, ...rest } = plan;
  const text = texts[plan.name] ?? '';
  const chosen = kinds[plan.kind] === lines ? linesOf(text) : [text];
  const label = options.find(({ value }) => value === text)?.label;
  return {
    ...rest,
    isRequired,
    value: plan.kind === 'password' ? '' : plan.kind === 'fixed' ? (label ?? text) : text,
    isTicked: text === 'yes',
    isWrong: faults.some(({ href }) => href === `#${plan.name}`),
    options: chosenIn(options, chosen),
    optionGroups: optionGroups.map((group) => ({ ...group, options: chosenIn(group.options ?? [], chosen) })),
    ...(plan.kind === 'pairs' && {
      pairs: [...pairsOf(text), ['', ''], ['', '']].map(([key = '', value = '']) => ({
        name: key,
        value,
      })),
    }),
  };
}

/** Options for a page, with the chosen ones selected. */
export function chosenIn(
  options: readonly Omit<Option, 'isSelected'>[],
  chosen: readonly string[],
): Option[] {
  return options.map((option) => ({ ...option, isSelected: chosen.includes(option.value) }));
}

export function groupOf(plan: GroupPlan, texts: Texts, faults: readonly FieldFault[]): FormGroup {
  const { isFolded = false, ...rest } = plan;
  const fields = plan.fields.map((field) => fieldOf(field, texts, faults));
  return { ...rest, isFolded, isOpen: !isFolded || fields.some(({ isWrong }) => isWrong), fields };
}

/** For a confirmation: the same texts in hidden fields, and the fields that must be filled in again. */
export function againOf(
  groups: readonly GroupPlan[],
  texts: Texts,
): { hidden: Hidden[]; groups: FormGroup[] } {
  const plans = plansIn(groups);
  const fields = plans.filter(({ kind }) => !kinds[kind].again);
  return {
    hidden: plans.flatMap(({ kind, name }) => kinds[kind].again?.(name, texts[name] ?? '') ?? []),
    groups: fields.length > 0 ? [groupOf({ fields }, {}, [])] : [],
  };
}

/** A folded group for each language with a translation of these fields. */
export function translationGroups(
  fields: readonly Pick<FieldPlan, 'kind' | 'name' | 'label'>[],
  texts: Texts,
): GroupPlan[] {
  return locales.map((locale) => {
    const translated = fields.map(({ kind, name, label }) => ({
      kind,
      name: `${name}.${locale}`,
      label: `${label} in ${languageOf(locale)}`,
      lang: locale,
    }));
    const isTranslated = translated.some(({ name }) => texts[name]);
    return {
      legend: languageOf(locale),
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

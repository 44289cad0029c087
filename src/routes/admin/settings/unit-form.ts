/** The form of a business unit: its fields, from a unit or from what was typed, and back. */
import { adminPaths } from '../../../admin-paths.js';
import { unitFields } from '../../../domain/catalogue/fields.js';
import type { UnitFields } from '../../../domain/catalogue/fields.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import type { FormGroup } from '../../../views/admin-settings-pages.js';
import { locales } from '../../../vocabulary/locales.js';
import type { FieldFault } from '../form.js';
import { faultsOf, fieldOf, inEachLocale, languageWords, translationsOf } from './fields.js';
import type { FieldPlan, Texts } from './fields.js';

export const unitLabels = {
  name: 'Name',
  logo: 'Logo',
  accent: 'Colour',
  senderName: 'Sender name',
  senderAddress: 'Sender address',
  postalAddress: 'Postal address',
  privacyPolicyUrl: 'Privacy policy',
  defaultLocale: 'Language',
  hasDoubleOptIn: 'Double opt-in',
  removeLogo: 'Remove the logo',
} as const;

const translated = ['name', 'postalAddress'] as const;

export const unitFieldNames = [
  'name',
  'accent',
  'senderName',
  'senderAddress',
  'postalAddress',
  'privacyPolicyUrl',
  'defaultLocale',
  'hasDoubleOptIn',
  'removeLogo',
  ...inEachLocale(...translated),
];

/** What a form shows for a unit that is yet to be made. */
export const newUnitTexts: Texts = { accent: '#2f5d50', defaultLocale: 'en' };

export function textsOfUnit(unit: BusinessUnit): Texts {
  const texts: Texts = {
    name: unit.name,
    accent: unit.accent.light,
    senderName: unit.senderName,
    senderAddress: shownAddress(unit.senderAddress),
    postalAddress: unit.postalAddress,
    privacyPolicyUrl: unit.privacyPolicyUrl,
    defaultLocale: unit.defaultLocale,
    hasDoubleOptIn: unit.hasDoubleOptIn ? 'yes' : '',
  };
  for (const locale of locales)
    for (const name of translated) texts[`${name}.${locale}`] = unit.translations[locale]?.[name] ?? '';
  return texts;
}

/** @returns the checked fields, or every fault with the field that it is of */
export function unitOf(texts: Texts): { fields: UnitFields } | { faults: FieldFault[] } {
  const parsed = unitFields.safeParse({
    name: texts['name'],
    accent: texts['accent'],
    ...(texts['senderName'] ? { senderName: texts['senderName'] } : {}),
    senderAddress: texts['senderAddress'],
    postalAddress: texts['postalAddress'],
    privacyPolicyUrl: texts['privacyPolicyUrl'],
    defaultLocale: texts['defaultLocale'],
    hasDoubleOptIn: texts['hasDoubleOptIn'] === 'yes',
    translations: translationsOf(texts, translated),
  });
  return parsed.success ? { fields: parsed.data } : { faults: faultsOf(parsed.error, unitLabels) };
}

/** @param logo where the unit's logo is shown from; absent where it has none */
export function unitGroups(texts: Texts, faults: FieldFault[], logo?: string): FormGroup[] {
  const field = (plan: FieldPlan) => fieldOf(plan, texts, faults);
  const group = (legend: string, plans: FieldPlan[], hint?: string): FormGroup => ({
    legend,
    isFolded: false,
    isOpen: true,
    fields: plans.map(field),
    ...(hint ? { hint } : {}),
  });
  return [
    group('The brand', [
      { kind: 'text', name: 'name', label: unitLabels.name, isRequired: true },
      {
        kind: 'colour',
        name: 'accent',
        label: unitLabels.accent,
        isRequired: true,
        hint: 'Such as #2f5d50. A light and a dark one are made of it, each readable on its paper.',
        picture: {
          src: adminPaths.swatch({ accent: texts['accent'] }),
          alt: 'A button and a link in this colour, on light and on dark paper',
        },
      },
      {
        kind: 'file',
        name: 'logo',
        label: unitLabels.logo,
        hint: 'SVG, PNG or WebP, 64 kB at most. Without one, pages show the first letter of the name.',
        ...(logo ? { picture: { src: logo, alt: 'The logo as it is' } } : {}),
      },
      ...(logo ? [{ kind: 'tick', name: 'removeLogo', label: unitLabels.removeLogo } as const] : []),
    ]),
    group('Mails', [
      {
        kind: 'text',
        name: 'senderName',
        label: unitLabels.senderName,
        hint: 'Left empty, the name of the brand.',
      },
      { kind: 'email', name: 'senderAddress', label: unitLabels.senderAddress, isRequired: true },
      {
        kind: 'text',
        name: 'postalAddress',
        label: unitLabels.postalAddress,
        isRequired: true,
        hint: 'In one line; it stands at the end of every mail.',
      },
      {
        kind: 'url',
        name: 'privacyPolicyUrl',
        label: unitLabels.privacyPolicyUrl,
        isRequired: true,
        hint: 'An https:// address.',
      },
    ]),
    group('How it asks', [
      {
        kind: 'select',
        name: 'defaultLocale',
        label: unitLabels.defaultLocale,
        hint: 'For contacts whose language is not known.',
        options: locales.map((locale) => ({
          value: locale,
          label: languageWords[locale],
          isSelected: texts['defaultLocale'] === locale,
        })),
      },
      {
        kind: 'tick',
        name: 'hasDoubleOptIn',
        label: 'Double opt-in: a yes counts once the link in a mail is confirmed',
        hint: 'For opt-ins from now on. What contacts said before stands as it is. Confirmations go by e-mail, so contacts cannot switch on types of another channel.',
      },
    ]),
    ...locales.map((locale): FormGroup => {
      const fields = translated.map((name) =>
        field({
          kind: 'text',
          name: `${name}.${locale}`,
          label: `${unitLabels[name]} in ${languageWords[locale]}`,
          lang: locale,
        }),
      );
      const isTranslated = fields.some(({ value }) => value !== '');
      return {
        legend: languageWords[locale],
        hint: isTranslated ? 'translated' : 'as above',
        isFolded: true,
        isOpen: fields.some(({ isWrong }) => isWrong),
        fields,
      };
    }),
  ];
}

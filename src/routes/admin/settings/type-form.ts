/** The form of a subscription type: its fields, from a type or from what was typed, and back. */
import { typeFields } from '../../../domain/catalogue/fields.js';
import type { TypeFields } from '../../../domain/catalogue/fields.js';
import { channels, typePurposes } from '../../../vocabulary/terms.js';
import type { SubscriptionType } from '../../../vocabulary/terms.js';
import type { FormGroup } from '../../../views/admin-settings-pages.js';
import { locales } from '../../../vocabulary/locales.js';
import type { FieldFault } from '../form.js';
import { channelNames } from '../../../vocabulary/words.js';
import { faultsOf, fieldOf, inEachLocale, languageWords, translationsOf } from './fields.js';
import type { FieldPlan, Texts } from './fields.js';

export const typeLabels = {
  name: 'Name',
  description: 'Description',
  purpose: 'Purpose',
  communicationMethod: 'Communication method',
  channel: 'Channel',
  isInternal: 'Internal',
  isDefault: 'Default',
} as const;

const purposeWords = { MARKETING: 'Marketing', TRANSACTIONAL: 'Transactional' } as const;

const translated = ['name', 'description'] as const;

export const typeFieldNames = [
  'name',
  'description',
  'purpose',
  'communicationMethod',
  'channel',
  'isInternal',
  'isDefault',
  ...inEachLocale(...translated),
];

export const newTypeTexts: Texts = { channel: 'EMAIL', purpose: 'MARKETING' };

export function textsOfType(type: SubscriptionType): Texts {
  const texts: Texts = {
    name: type.name,
    description: type.description,
    purpose: type.purpose,
    communicationMethod: type.communicationMethod,
    channel: type.channel,
    isInternal: type.isInternal ? 'yes' : '',
    isDefault: type.isDefault ? 'yes' : '',
  };
  for (const locale of locales)
    for (const name of translated) texts[`${name}.${locale}`] = type.translations[locale]?.[name] ?? '';
  return texts;
}

/** @returns the checked fields, or every fault with the field that it is of */
export function typeOf(texts: Texts): { fields: TypeFields } | { faults: FieldFault[] } {
  const { name, description, purpose, communicationMethod, channel } = texts;
  const parsed = typeFields.safeParse(
    {
      ...{ name, description, purpose, communicationMethod, channel },
      isInternal: texts['isInternal'] === 'yes',
      isDefault: texts['isDefault'] === 'yes',
      translations: translationsOf(texts, translated),
    },
    // A translation of the name alone is told as a description that is missing.
    { reportInput: true },
  );
  return parsed.success ? { fields: parsed.data } : { faults: faultsOf(parsed.error, typeLabels) };
}

/** @param isNew only a new one's channel can be chosen */
export function typeGroups(texts: Texts, faults: FieldFault[], isNew: boolean): FormGroup[] {
  const channel = channels.find((one) => one === texts['channel']) ?? 'EMAIL';
  const field = (plan: FieldPlan) =>
    plan.kind === 'fixed'
      ? { ...fieldOf(plan, texts, faults), value: channelNames[channel] }
      : fieldOf(plan, texts, faults);
  const group = (legend: string, plans: FieldPlan[]): FormGroup => ({
    legend,
    isFolded: false,
    isOpen: true,
    fields: plans.map(field),
  });
  return [
    group('What contacts read', [
      { kind: 'text', name: 'name', label: typeLabels.name, isRequired: true },
      {
        kind: 'area',
        name: 'description',
        label: typeLabels.description,
        isRequired: true,
        hint: 'One sentence: what comes, and how often.',
      },
    ]),
    group('What it is', [
      isNew
        ? {
            kind: 'select',
            name: 'channel',
            label: typeLabels.channel,
            hint: 'It can never change: what is recorded of a type counts for its channel.',
            options: channels.map((one) => ({
              value: one,
              label: channelNames[one],
              isSelected: one === channel,
            })),
          }
        : {
            kind: 'fixed',
            name: 'channel',
            label: typeLabels.channel,
            hint: 'It can never change: what was recorded of the type counts for its channel.',
          },
      {
        kind: 'select',
        name: 'purpose',
        label: typeLabels.purpose,
        hint: 'An opt-out of all never covers a transactional type. Choose it for receipts and security notices only.',
        options: typePurposes.map((one) => ({
          value: one,
          label: purposeWords[one],
          isSelected: one === texts['purpose'],
        })),
      },
      {
        kind: 'text',
        name: 'communicationMethod',
        label: typeLabels.communicationMethod,
        hint: 'Such as Newsletter, or One to one.',
      },
      {
        kind: 'tick',
        name: 'isInternal',
        label: 'Internal: contacts never see it',
        hint: 'For what staff and systems alone decide on.',
      },
      {
        kind: 'tick',
        name: 'isDefault',
        label: 'Default: meant for every new contact',
        hint: 'It subscribes nobody by itself.',
      },
    ]),
    ...locales.map((locale): FormGroup => {
      const label = (name: (typeof translated)[number]) => `${typeLabels[name]} in ${languageWords[locale]}`;
      const fields = [
        field({ kind: 'text', name: `name.${locale}`, label: label('name'), lang: locale }),
        field({ kind: 'area', name: `description.${locale}`, label: label('description'), lang: locale }),
      ];
      return {
        legend: languageWords[locale],
        hint: fields.some(({ value }) => value !== '') ? 'translated' : 'as above',
        isFolded: true,
        isOpen: fields.some(({ isWrong }) => isWrong),
        fields,
      };
    }),
  ];
}

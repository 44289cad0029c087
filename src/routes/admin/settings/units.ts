/** Business units: the list, a new one, and each one's form. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { unitFields } from '../../../domain/catalogue/fields.js';
import { logoOf, mostLogoBytes } from '../../../domain/catalogue/logo.js';
import { addUnit, changeUnit, findUnit, type UnitWish } from '../../../domain/catalogue/units.js';
import type { BusinessUnit, Logo } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { DomainError } from '../../../errors.js';
import { paths } from '../../../paths.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { languageOptions } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { wholeOf } from '../form.js';
import { settingsCrumbs } from '../frame.js';
import { translationGroups, translationTexts, type GroupPlan, type Texts } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import type { AdminRoute, Ask } from '../route.js';
import { formWithFile, type Upload } from '../upload.js';

const sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'Every page shows it within seconds.' },
  created: {
    tone: 'good',
    strong: 'Business unit created.',
    sentence: 'Its first subscription type is next.',
  },
} as const;

const formCrumbs = [...settingsCrumbs, { href: adminPaths.units(), text: 'Business units' }];

interface UnitRow {
  unit: BusinessUnit;
  logo?: string;
  activeTypes: number;
}

const unitList: ListPage<UnitRow> = {
  pattern: adminPatterns.units,
  path: adminPaths.units,
  may: 'settings.read',
  section: 'settings',
  title: 'Business units',
  crumbs: settingsCrumbs,
  lead: 'A business unit is a brand. Contacts see its name, its colour and its sender.',
  sayings,
  main: { href: adminPaths.newUnit(), label: 'New business unit', may: 'settings.change', isOfAccount: true },
  load: async (deps, ask) => {
    const { units, orderedTypes, revision } = await deps.catalogue();
    return {
      rows: [...units.values()]
        .filter(({ id }) => isInScope(ask.scope, id))
        .map((unit) => ({
          unit,
          ...(unit.logo ? { logo: paths.brandLogo(unit.id, revision) } : {}),
          activeTypes: orderedTypes.filter(({ unitId, isActive }) => unitId === unit.id && isActive).length,
        })),
    };
  },
  columns: () => [
    {
      heading: 'Name',
      cell: ({ unit, logo }) => ({
        href: adminPaths.unit(unit.id),
        text: unit.name,
        note: `Id ${unit.id}`,
        ...(logo ? { picture: { src: logo, alt: '', look: 'logo' } } : {}),
      }),
    },
    {
      heading: 'Colour',
      cell: ({ unit }) => ({
        picture: { src: adminPaths.swatch({ accent: unit.accent.light }), alt: '', look: 'swatch' },
      }),
    },
    {
      heading: 'Sender',
      cell: ({ unit }) => ({ text: unit.senderName, note: shownAddress(unit.senderAddress) }),
    },
    {
      heading: 'Subscription types',
      isNumeric: true,
      cell: ({ activeTypes }) => ({ text: activeTypes === 0 ? 'None yet' : String(activeTypes) }),
    },
    {
      heading: 'Double opt-in',
      cell: ({ unit }) => ({ text: unit.hasDoubleOptIn ? 'On' : 'Off' }),
    },
  ],
  empty: () => ({
    heading: 'No business units yet',
    sentence: 'The first one is the default unit of the account.',
  }),
};

const translated = [
  { kind: 'text', name: 'name', label: 'Name' },
  { kind: 'text', name: 'postalAddress', label: 'Postal address' },
] as const;

/** @param logo address of the unit's logo; absent if it has none */
function groupsOf(texts: Texts, logo?: string): GroupPlan[] {
  return [
    {
      legend: 'The brand',
      fields: [
        { ...translated[0], isRequired: true },
        {
          kind: 'colour',
          name: 'accent',
          label: 'Colour',
          isRequired: true,
          hint: 'Such as #2f5d50. A light and a dark shade are made of it, each readable on its background.',
          picture: {
            src: adminPaths.swatch({ accent: texts['accent'] }),
            alt: 'A button and a link in this colour, on a light and on a dark background',
          },
        },
        {
          kind: 'file',
          name: 'logo',
          label: 'Logo',
          hint: 'SVG, PNG or WebP, at most 64 kB. Without a logo, pages show the first letter of the name.',
          ...(logo ? { picture: { src: logo, alt: 'The current logo' } } : {}),
        },
        ...(logo ? [{ kind: 'tick', name: 'removeLogo', label: 'Remove the logo' } as const] : []),
      ],
    },
    {
      legend: 'Mails',
      fields: [
        {
          kind: 'text',
          name: 'senderName',
          label: 'Sender name',
          hint: 'If it is empty, the name of the brand is used.',
        },
        { kind: 'email', name: 'senderAddress', label: 'Sender address', isRequired: true },
        { ...translated[1], isRequired: true, hint: 'In one line. Every mail ends with it.' },
        {
          kind: 'url',
          name: 'privacyPolicyUrl',
          label: 'Privacy policy',
          isRequired: true,
          hint: 'An https:// address.',
        },
      ],
    },
    {
      legend: 'Pages',
      fields: [
        {
          kind: 'select',
          name: 'defaultLocale',
          label: 'Language',
          hint: 'For contacts whose language is not known.',
          options: languageOptions(),
        },
        {
          kind: 'tick',
          name: 'hasDoubleOptIn',
          label: 'Double opt-in: an opt-in counts after the contact confirms it by a link in a mail',
          short: 'Double opt-in',
          hint: 'For opt-ins from now on. Earlier choices do not change. Confirmations go by e-mail, so contacts cannot turn on types of another channel.',
        },
      ],
    },
    ...translationGroups(translated, texts),
  ];
}

const schema = unitFields
  .extend({
    senderName: z.preprocess((text) => text || undefined, unitFields.shape.senderName),
    logo: z.custom<Upload | undefined>().transform((upload, context): Logo | undefined => {
      if (!upload) return undefined;
      const logo = upload.isTruncated ? 'is larger than 64 kB' : logoOf(upload.fileName, upload.bytes);
      if (typeof logo !== 'string') return logo;
      context.addIssue(logo);
      return z.NEVER;
    }),
    removeLogo: z.boolean().default(false),
  })
  .transform(({ removeLogo, logo, ...fields }): UnitWish => ({
    ...fields,
    logo: logo ?? (removeLogo ? null : undefined),
  }));

const common = {
  may: 'settings.change',
  parse: formWithFile('logo', mostLogoBytes),
  schema: () => schema,
} as const;

const newUnitForm = declareForm<null, UnitWish>({
  ...common,
  pattern: adminPatterns.units,
  about: 'account',
  groups: (_subject, texts) => groupsOf(texts),
  texts: () => ({ accent: '#2f5d50', defaultLocale: 'en' }),
  button: 'Create business unit',
  save: async ({ deps, ask, values }) => {
    const { id } = await addUnit(deps, values);
    await audit(deps, ask, id, 'created');
    return { to: adminPaths.unit(id), said: 'created' };
  },
});

interface StoredUnit {
  unit: BusinessUnit;
  version: number;
  logo?: string;
}

const unitForm = declareForm<StoredUnit, UnitWish>({
  ...common,
  pattern: adminPatterns.unit,
  about: 'unit',
  groups: ({ logo }, texts) => groupsOf(texts, logo),
  texts: ({ unit }) => ({
    name: unit.name,
    accent: unit.accent.light,
    senderName: unit.senderName,
    senderAddress: shownAddress(unit.senderAddress),
    postalAddress: unit.postalAddress,
    privacyPolicyUrl: unit.privacyPolicyUrl,
    defaultLocale: unit.defaultLocale,
    hasDoubleOptIn: unit.hasDoubleOptIn ? 'yes' : '',
    ...translationTexts(unit.translations, ['name', 'postalAddress']),
  }),
  version: ({ version }) => version,
  button: 'Save',
  save: async ({ deps, ask, subject: { unit }, values, version }) => {
    if ((await changeUnit(deps, unit.id, version, values)) !== 'SAVED') return 'STALE';
    await audit(deps, ask, unit.id, 'changed');
    return { to: adminPaths.unit(unit.id), said: 'saved' };
  },
});

export function unitRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, unitList),
    ...formRoutes(deps, {
      pattern: adminPatterns.newUnit,
      section: 'settings',
      load: () => Promise.resolve(null),
      show: (_about, form) => ({ title: 'New business unit', crumbs: formCrumbs, form: form(newUnitForm) }),
      forms: [newUnitForm],
    }),
    ...formRoutes(deps, {
      may: 'settings.read',
      section: 'settings',
      sayings,
      load: unitAsked,
      show: ({ subject }, form) => ({ title: subject.unit.name, crumbs: formCrumbs, form: form(unitForm) }),
      forms: [unitForm],
    }),
  ];
}

/** @throws DomainError `NOT_FOUND` for a unit that does not exist for this user */
async function unitAsked(deps: Deps, { request, scope }: Ask): Promise<StoredUnit> {
  const id = wholeOf(String(request.params['unit']));
  const found = id === null || !isInScope(scope, id) ? null : await findUnit(deps.models, id);
  if (!found) throw new DomainError('NOT_FOUND');
  const { revision } = await deps.catalogue();
  return { ...found, ...(found.unit.logo ? { logo: paths.brandLogo(found.unit.id, revision) } : {}) };
}

async function audit(deps: Deps, ask: Ask, unitId: number, detail: string): Promise<void> {
  await auditBy(deps, ask, { kind: 'UNIT_CHANGED', about: `unit:${unitId}`, unitId, detail });
}

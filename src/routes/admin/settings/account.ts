/** The settings of the account: data privacy mode, time zone, the country of phone numbers, and the properties that are filters. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { oneLine } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import {
  accountFields,
  changeAccount,
  changesOf,
  mostFilterProperties,
  readAccount,
  type AccountFields,
} from '../../../domain/catalogue/account.js';
import { phoneCountries } from '../../../domain/consent/phone-library.js';
import { addressesInWords, countByPrivacyMode } from '../../../domain/marketing/addresses-concerned.js';
import { timeZones } from '../../../vocabulary/time-zones.js';
import { capital } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { GroupPlan } from '../kit/fields.js';
import type { StaffRoute } from '../route.js';

type Account = Awaited<ReturnType<typeof readAccount>>;

const groups: readonly GroupPlan[] = [
  {
    legend: 'Who may be mailed',
    fields: [
      {
        kind: 'tick',
        name: 'isPrivacyMode',
        label: 'Data privacy mode',
        hint: 'When it is on, only subscribed contacts may be mailed, and every opt-in needs a legal basis. When it is off, contacts without a choice may be mailed too. An opt-out always counts.',
      },
    ],
  },
  {
    legend: 'Dates',
    fields: [
      {
        kind: 'select',
        name: 'timeZone',
        label: 'Time zone',
        options: timeZones().map((value) => ({ value, label: value.replaceAll('_', ' ') })),
        hint: 'Staff pages show every date and time in this zone, and their filters by day use it. Files keep UTC.',
      },
    ],
  },
  {
    legend: 'Contacts',
    fields: [
      {
        kind: 'select',
        name: 'defaultCountry',
        label: 'Country of phone numbers',
        options: countryOptions(),
        hint: 'A number without a country code, such as 0151 23456789, is read as a number of this country. Without a country, every number needs its country code. Saved numbers do not change.',
      },
      {
        kind: 'area',
        name: 'filterProperties',
        label: 'Properties that are filters',
        hint: `Names such as city or company, one per line, at most ${mostFilterProperties}. Contacts can be filtered by the values of these properties. If the list is empty, every property is a filter.`,
      },
    ],
  },
];

const accountForm = declareForm<Account, AccountFields>({
  pattern: adminPatterns.accountSettings,
  may: 'settings.change',
  about: 'account',
  groups: () => groups,
  texts: ({ isPrivacyMode, defaultCountry, timeZone, filterProperties }) => ({
    isPrivacyMode: isPrivacyMode ? 'yes' : '',
    defaultCountry: defaultCountry ?? '',
    timeZone,
    filterProperties: filterProperties.join('\n'),
  }),
  version: ({ version }) => version,
  button: 'Save',
  schema: () =>
    accountFields.extend({
      defaultCountry: z.preprocess((text) => text || null, accountFields.shape.defaultCountry),
      filterProperties: z.string().transform(namesIn).pipe(accountFields.shape.filterProperties),
    }),
  save: async ({ deps, ask, subject: before, values, version, confirmed }) => {
    const mode = values.isPrivacyMode ? 'on' : 'off';
    if (values.isPrivacyMode !== before.isPrivacyMode && version === before.version && confirmed !== mode)
      return { confirm: { ...(await privacyModeWords(deps, mode)), confirmed: mode } };
    if ((await changeAccount(deps, version, values)) === 'STALE') return 'STALE';
    await auditBy(deps, ask, {
      kind: 'SETTINGS_CHANGED',
      about: 'account',
      detail: changesOf(before, values),
    });
    return { to: adminPaths.accountSettings(), said: 'saved' };
  },
});

export function accountSettingsRoutes(deps: Deps): StaffRoute[] {
  return formRoutes(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings: {
      saved: { tone: 'good', strong: 'Saved.', sentence: 'Every process uses it within seconds.' },
    },
    load: readAccount,
    show: (_about, form) => ({ title: 'Account', crumbs: settingsCrumbs, form: form(accountForm) }),
    forms: [accountForm],
  });
}

/** The effect of a change of the mode, and on how many addresses. */
async function privacyModeWords(deps: Deps, mode: 'on' | 'off') {
  const number = capital(addressesInWords(await countByPrivacyMode(deps, await deps.rereadCatalogue())));
  const why = 'For at least one subscription type, they are neither opted in nor opted out.';
  return mode === 'off'
    ? {
        heading: 'Turn data privacy mode off?',
        sentences: [
          `${number} may then be mailed as well. ${why}`,
          'Opt-outs still count. Opt-ins no longer need a legal basis.',
        ],
        button: 'Turn it off',
      }
    : {
        heading: 'Turn data privacy mode on?',
        sentences: [
          `${number} may then not be mailed until they opt in. ${why}`,
          'Every opt-in then needs a legal basis.',
        ],
        button: 'Turn it on',
      };
}

/** Countries by their English names. */
function countryOptions() {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const countries = phoneCountries().map((value) => ({ value, label: names.of(value) ?? value }));
  return [{ value: '', label: 'None' }, ...countries.sort((a, b) => a.label.localeCompare(b.label, 'en'))];
}

function namesIn(text: string): string[] {
  const names = text.toLowerCase().split(/[\n,;]/);
  return [...new Set(names.map((name) => oneLine(name)).filter(Boolean))];
}

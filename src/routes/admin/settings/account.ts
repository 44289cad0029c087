/** The account's own settings: data privacy mode, the country of its phone numbers, and which properties of contacts are filters. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { oneLine } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import {
  accountFields,
  changeAccount,
  mostFilterProperties,
  readAccount,
} from '../../../domain/catalogue/account.js';
import type { AccountFields } from '../../../domain/catalogue/account.js';
import { phoneCountries } from '../../../domain/consent/phone-library.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Option } from '../../../views/admin-frame.js';
import { timeZones } from '../../../vocabulary/time-zones.js';
import { auditBy } from '../audit-by.js';
import type { FieldFault } from '../form.js';
import { adminFrame, saying, settingsCrumbs } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';
import { faultsOf, fieldOf, staleFaults, textsOf, versionOf } from './fields.js';
import type { FieldPlan, Texts } from './fields.js';

const labels = {
  isPrivacyMode: 'Data privacy mode',
  defaultCountry: 'Country of phone numbers',
  timeZone: 'Time zone',
  filterProperties: 'Properties that are filters',
} as const;
const sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'Every process goes by it within seconds.' },
} as const;

export function accountSettingsRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.accountSettings,
      may: 'settings.read',
      about: 'account',
      handle: async (ask, response) => {
        const account = await readAccount(deps);
        form(deps, ask, response, { version: account.version, texts: textsOfAccount(account), faults: [] });
      },
    },
    {
      method: 'POST',
      path: adminPatterns.accountSettings,
      may: 'settings.change',
      about: 'account',
      handle: async (ask, response) => {
        const texts = textsOf(ask.request, Object.keys(labels));
        const version = versionOf(ask.request);
        const checked = accountFields.safeParse({
          isPrivacyMode: texts['isPrivacyMode'] === 'yes',
          defaultCountry: texts['defaultCountry'] || null,
          timeZone: texts['timeZone'],
          filterProperties: namesIn(texts['filterProperties'] ?? ''),
        });
        if (!checked.success)
          return form(deps, ask, response, { version, texts, faults: faultsOf(checked.error, labels) });
        const before = await readAccount(deps);
        if ((await changeAccount(deps, version, checked.data)) === 'STALE') {
          const now = await readAccount(deps);
          const faults = staleFaults(texts, textsOfAccount(now), labels);
          return form(deps, ask, response, { version: now.version, texts, faults });
        }
        await auditBy(deps, ask, {
          kind: 'SETTINGS_CHANGED',
          about: 'account',
          detail: changesOf(before, checked.data),
        });
        response.redirect(303, saying(ask, adminPaths.accountSettings(), 'saved'));
      },
      showAgain: (ask, response) => {
        const texts = textsOf(ask.request, Object.keys(labels));
        form(deps, ask, response, { version: versionOf(ask.request), texts, faults: [] });
      },
    },
  ];
}

function textsOfAccount({ isPrivacyMode, defaultCountry, timeZone, filterProperties }: AccountFields): Texts {
  return {
    isPrivacyMode: isPrivacyMode ? 'yes' : '',
    defaultCountry: defaultCountry ?? '',
    timeZone,
    filterProperties: filterProperties.join('\n'),
  };
}

/** By their English names, as they are sorted in English. */
function countryOptions(chosen = ''): Option[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const countries = phoneCountries().map((value) => ({ value, label: names.of(value) ?? value }));
  return [
    { value: '', label: 'None' },
    ...countries.sort((a, b) => a.label.localeCompare(b.label, 'en')),
  ].map((option) => ({ ...option, isSelected: option.value === chosen }));
}

function zoneOptions(chosen = ''): Option[] {
  return timeZones().map((value) => ({
    value,
    label: value.replaceAll('_', ' '),
    isSelected: value === chosen,
  }));
}

function namesIn(text: string): string[] {
  const names = text.toLowerCase().split(/[\n,;]/);
  return [...new Set(names.map((name) => oneLine(name)).filter(Boolean))];
}

function changesOf(before: AccountFields, after: AccountFields): string {
  return [
    ...(before.isPrivacyMode === after.isPrivacyMode
      ? []
      : [`privacy mode ${after.isPrivacyMode ? 'on' : 'off'}`]),
    ...(before.defaultCountry === after.defaultCountry
      ? []
      : [`country of phone numbers ${after.defaultCountry ?? 'none'}`]),
    ...(before.timeZone === after.timeZone ? [] : [`time zone ${after.timeZone}`]),
    ...(before.filterProperties.join() === after.filterProperties.join() ? [] : ['filters']),
  ].join(', ');
}

function form(
  deps: Deps,
  ask: Ask,
  response: Response,
  { version, texts, faults }: { version: number; texts: Texts; faults: FieldFault[] },
): void {
  const field = (plan: FieldPlan) => fieldOf(plan, texts, faults);
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-form', {
      ...adminFrame(ask, 'settings', 'Account', sayings),
      crumbs: settingsCrumbs,
      heading: 'Account',
      action: adminPaths.accountSettings(),
      hidden: [{ name: 'version', value: String(version) }],
      groups: [
        {
          legend: 'Who may be mailed',
          isFolded: false,
          isOpen: true,
          fields: [
            field({
              kind: 'tick',
              name: 'isPrivacyMode',
              label: 'Data privacy mode',
              hint:
                'On, only who is subscribed may be mailed, and every opt-in needs a legal basis. ' +
                'Off, whoever was never asked may be mailed too. An opt-out counts either way.',
            }),
          ],
        },
        {
          legend: 'Dates',
          isFolded: false,
          isOpen: true,
          fields: [
            field({
              kind: 'select',
              name: 'timeZone',
              label: labels.timeZone,
              options: zoneOptions(texts['timeZone']),
              hint: 'Staff pages show every date and time in this zone, and their filters by day use it. Files keep UTC.',
            }),
          ],
        },
        {
          legend: 'Contacts',
          isFolded: false,
          isOpen: true,
          fields: [
            field({
              kind: 'select',
              name: 'defaultCountry',
              label: labels.defaultCountry,
              options: countryOptions(texts['defaultCountry']),
              hint:
                'A number without a country code, such as 0151 23456789, is read as a number of this country. ' +
                'With none, every number needs its country code. Saved numbers stay as they are.',
            }),
            field({
              kind: 'area',
              name: 'filterProperties',
              label: labels.filterProperties,
              hint: `Names such as city or company, one a line, ${mostFilterProperties} at most: by their values contacts can be filtered. Left empty, by those of every property.`,
            }),
          ],
        },
      ],
      button: 'Save',
      isReadOnly: !mayRole(ask.user.role, 'settings.change'),
      hasFile: false,
      acts: [],
      faults,
    }),
  );
}

/** Business units: the list, a new one, and each one's form. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { logoOf, mostLogoBytes } from '../../../domain/catalogue/logo.js';
import { addUnit, changeUnit, findUnit } from '../../../domain/catalogue/units.js';
import type { UnitWish } from '../../../domain/catalogue/units.js';
import type { BusinessUnit, Logo } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { mayRole } from '../../../vocabulary/access.js';
import { DomainError } from '../../../errors.js';
import { paths } from '../../../paths.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { auditBy } from '../audit-by.js';
import { wholeOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { listRoute } from '../kit/list-page.js';
import type { ListPage } from '../kit/list-page.js';
import { adminFrame, saying, settingsCrumbs } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';
import { formWithFile, uploadOf } from '../upload.js';
import { staleFaults, textsOf, versionOf } from './fields.js';
import type { Texts } from './fields.js';
import { newUnitTexts, textsOfUnit, unitFieldNames, unitGroups, unitLabels, unitOf } from './unit-form.js';

const sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'Every page shows it within seconds.' },
  made: {
    tone: 'good',
    strong: 'The business unit is there.',
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

export function unitRoutes(deps: Deps): AdminRoute[] {
  const parse = formWithFile('logo', mostLogoBytes);
  return [
    listRoute(deps, unitList),
    {
      method: 'GET',
      path: adminPatterns.newUnit,
      may: 'settings.change',
      about: 'account',
      handle: (ask, response) => newForm(deps, ask, response, newUnitTexts, []),
    },
    {
      method: 'POST',
      path: adminPatterns.units,
      may: 'settings.change',
      about: 'account',
      parse,
      handle: async (ask, response) => {
        const { texts, wish, faults } = wishOf(ask.request);
        if (!wish) return newForm(deps, ask, response, texts, faults);
        const id = await addUnit(deps, wish);
        await audit(deps, ask, id, 'made');
        response.redirect(303, saying(ask, adminPaths.unit(id), 'made'));
      },
      showAgain: (ask, response) => newForm(deps, ask, response, wishOf(ask.request).texts, []),
    },
    {
      method: 'GET',
      path: adminPatterns.unit,
      may: 'settings.read',
      about: 'unit',
      handle: async (ask, response) => {
        const { unit, version } = await unitAsked(deps, ask);
        return form(deps, ask, response, { id: unit.id, version, texts: textsOfUnit(unit), faults: [] });
      },
    },
    {
      method: 'POST',
      path: adminPatterns.unit,
      may: 'settings.change',
      about: 'unit',
      parse,
      handle: async (ask, response) => {
        const { unit } = await unitAsked(deps, ask);
        const { texts, wish, faults } = wishOf(ask.request);
        const version = versionOf(ask.request);
        if (!wish) return form(deps, ask, response, { id: unit.id, version, texts, faults });
        if ((await changeUnit(deps, unit.id, version, wish)) === 'SAVED') {
          await audit(deps, ask, unit.id, 'changed');
          return response.redirect(303, saying(ask, adminPaths.unit(unit.id), 'saved'));
        }
        const now = await unitAsked(deps, ask);
        const stale = staleFaults(texts, textsOfUnit(now.unit), unitLabels);
        return form(deps, ask, response, { id: unit.id, version: now.version, texts, faults: stale });
      },
      showAgain: async (ask, response) => {
        const { unit } = await unitAsked(deps, ask);
        const { texts } = wishOf(ask.request);
        return form(deps, ask, response, { id: unit.id, version: versionOf(ask.request), texts, faults: [] });
      },
    },
  ];
}

/** @throws DomainError `NOT_FOUND` for one that there is not, or that is not the user's */
async function unitAsked(deps: Deps, { request, scope }: Ask) {
  const id = wholeOf(String(request.params['unit']));
  const found = id === null || !isInScope(scope, id) ? null : await findUnit(deps.models, id);
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

function wishOf(request: Request): { texts: Texts; wish?: UnitWish; faults: FieldFault[] } {
  const texts = textsOf(request, unitFieldNames);
  const checked = unitOf(texts);
  const logo = logoFrom(request, texts);
  const faults = 'faults' in checked ? [...checked.faults] : [];
  if (typeof logo === 'string') faults.push({ text: `Logo ${logo}.`, href: '#logo' });
  else if ('fields' in checked) return { texts, wish: { ...checked.fields, logo }, faults };
  return { texts, faults };
}

/** @returns the new logo, null to take it away, undefined to leave it, or what is wrong with the file */
function logoFrom(request: Request, texts: Texts): Logo | null | undefined | string {
  const upload = uploadOf(request);
  if (!upload) return texts['removeLogo'] === 'yes' ? null : undefined;
  return upload.isTruncated ? 'is larger than 64 kB' : logoOf(upload.fileName, upload.bytes);
}

async function audit(deps: Deps, ask: Ask, unitId: number, detail: string): Promise<void> {
  await auditBy(deps, ask, { kind: 'UNIT_CHANGED', about: `unit:${unitId}`, unitId, detail });
}

function newForm(deps: Deps, ask: Ask, response: Response, texts: Texts, faults: FieldFault[]): void {
  const heading = 'New business unit';
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-form', {
      ...adminFrame(ask, 'settings', heading),
      crumbs: formCrumbs,
      heading,
      action: adminPaths.units(),
      hidden: [],
      groups: unitGroups(texts, faults),
      button: 'Make the business unit',
      isReadOnly: false,
      hasFile: true,
      acts: [],
      faults,
    }),
  );
}

async function form(
  deps: Deps,
  ask: Ask,
  response: Response,
  { id, version, texts, faults }: { id: number; version: number; texts: Texts; faults: FieldFault[] },
): Promise<void> {
  const { units, revision } = await deps.catalogue();
  const unit = units.get(id);
  const heading = unit?.name ?? 'Business unit';
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-form', {
      ...adminFrame(ask, 'settings', heading, sayings),
      crumbs: formCrumbs,
      heading,
      action: adminPaths.unit(id),
      hidden: [{ name: 'version', value: String(version) }],
      groups: unitGroups(texts, faults, unit?.logo ? paths.brandLogo(id, revision) : undefined),
      button: 'Save',
      isReadOnly: !mayRole(ask.user.role, 'settings.change'),
      hasFile: true,
      acts: [],
      faults,
    }),
  );
}

/** Every operation that changes the catalogue raises its version, so that all processes read it again. */
import { expect, it } from 'vitest';
import { changeAccount } from '../../../src/domain/catalogue/account.js';
import { importCatalogue } from '../../../src/domain/catalogue/import.js';
import { addType, changeType, moveType, setTypeActive } from '../../../src/domain/catalogue/types.js';
import { addUnit, changeUnit } from '../../../src/domain/catalogue/units.js';
import { createCatalogueSource } from '../../../src/domain/consent/catalogue.js';
import { readCatalogueVersion } from '../../../src/models/setting.js';
import { seed } from '../../../src/seed/seed.js';
import { openTestDatabase } from '../../support/connection.js';
import { subscriberIds } from '../../support/sending.js';

const { models } = await openTestDatabase();

const unit = {
  name: 'Acme',
  accent: '#2f5d50',
  senderAddress: 'news@acme.internal',
  postalAddress: '1 Quay, Bergen',
  privacyPolicyUrl: 'https://acme.internal/privacy',
  defaultLocale: 'en',
  hasDoubleOptIn: false,
  translations: {},
} as const;
const type = {
  channel: 'EMAIL',
  name: 'News',
  description: 'Monthly.',
  purpose: 'MARKETING',
  communicationMethod: '',
  isInternal: false,
  isDefault: false,
  translations: {},
} as const;

it('each change of the catalogue raises its version, and is in memory at once', async () => {
  const source = createCatalogueSource(models);
  const deps = { models, rereadCatalogue: source.reread };
  const changes: Record<string, () => Promise<unknown>> = {
    seed: () => seed({ models, subscriberIds, clock: () => new Date(), queueConfirmation: async () => {} }),
    addUnit: () => addUnit(deps, unit),
    changeUnit: () => changeUnit(deps, 2, 1, { ...unit, name: 'Acme and daughters' }),
    addType: () => addType(deps, 2, type),
    addAnotherType: () => addType(deps, 2, { ...type, name: 'More news' }),
    changeType: () => changeType(deps, 9, 1, { ...type, name: 'Old news' }),
    moveType: () => moveType(deps, { id: 9, unitId: 2 }, 'DOWN'),
    setTypeActive: () => setTypeActive(deps, 9, false),
    changeAccount: () =>
      changeAccount(deps, 0, {
        isPrivacyMode: false,
        defaultCountry: 'NO',
        timeZone: 'UTC',
        filterProperties: [],
      }),
    importCatalogue: () =>
      importCatalogue(models, { units: [], types: [], isPrivacyMode: true }).then(source.reread),
  };
  const revisions = [(await source.reread()).revision];
  for (const [name, change] of Object.entries(changes)) {
    const before = await readCatalogueVersion(models.settings);
    await change();
    expect(await readCatalogueVersion(models.settings), name).toBe(before + 1);
    if (name === 'seed') await source.reread();
    revisions.push((await source.read()).revision);
  }
  expect(new Set(revisions).size).toBe(revisions.length);
});

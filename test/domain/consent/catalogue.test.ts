/** The catalogue in memory: read once for many callers, fresh within seconds, and kept while the database is unavailable. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { catalogueOf, createCatalogueSource } from '../../../src/domain/consent/catalogue.js';
import { findLogo } from '../../../src/models/business-unit.js';
import { connect } from '../../../src/models/connect.js';
import { createModels } from '../../../src/models/index.js';
import { raiseCatalogueVersion } from '../../../src/models/setting.js';
import { openTestDatabase, watchedBy } from '../../support/connection.js';
import { fjell, northwind, trailNotes, types, units } from '../../support/people.js';

const database = await openTestDatabase();
const { models } = database;

beforeEach(async () => {
  await Promise.all([
    models.units.deleteMany({}),
    models.types.deleteMany({}),
    models.settings.deleteMany({}),
  ]);
  await models.units.insertMany(units.map(({ id, ...unit }) => ({ ...unit, _id: id })));
  await models.types.insertMany(types.map(({ id, ...type }) => ({ ...type, _id: id })));
});

const setPrivacyMode = (isPrivacyMode: unknown) =>
  models.settings.updateOne({ _id: 'account' }, { $set: { value: { isPrivacyMode } } }, { upsert: true });

describe('the catalogue', () => {
  it('holds what the database holds', async () => {
    await setPrivacyMode(false);
    const read = await createCatalogueSource(models).read();
    const unseen = units.map(({ logo, ...unit }) =>
      logo ? { ...unit, logo: { contentType: logo.contentType } } : unit,
    );
    expect(read).toEqual(catalogueOf(unseen, [...types], false, { logoVersions: [[northwind.id, 0]] }));
  });

  it('has units by id, and types by unit, then order, then id', () => {
    const shuffled = catalogueOf([...units].reverse(), [...types].reverse(), true);
    expect([...shuffled.units.keys()]).toEqual([0, 1]);
    expect(shuffled.orderedTypes.map(({ id }) => id)).toEqual([1, 2, 3, 4, 7, 8, 5, 6]);
    expect([...shuffled.types.keys()]).toEqual(shuffled.orderedTypes.map(({ id }) => id));
    expect(shuffled.revision).toBe(catalogueOf([...units], [...types], true).revision);
  });

  it.each([
    [undefined, true],
    ['no', true],
    [true, true],
    [false, false],
  ])('has privacy mode on unless it was turned off: %s', async (value, expected) => {
    if (value !== undefined) await setPrivacyMode(value);
    expect((await createCatalogueSource(models).read()).isPrivacyMode).toBe(expected);
  });

  it('has a revision that changes with any part of it', () => {
    const revisions = [
      catalogueOf([...units], [...types], true),
      catalogueOf([...units], [...types], false),
      catalogueOf([...units], types.slice(1), true),
      catalogueOf([{ ...northwind, name: 'Northwind' }, ...units.slice(1)], [...types], true),
    ].map(({ revision }) => revision);
    expect(new Set(revisions).size).toBe(revisions.length);
  });
});

describe('reading the catalogue', () => {
  it('happens once for many callers at the same time', async () => {
    const source = createCatalogueSource(models);
    const all = await Promise.all(Array.from({ length: 20 }, () => source.read()));
    expect(new Set(all).size).toBe(1);
  });

  describe('by the clock', () => {
    beforeEach(() => void vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] }));
    afterEach(() => void vi.useRealTimers());
    const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const rename = (name: string) => models.types.updateOne({ _id: 1 }, { $set: { name } });

    it('sees a change by another process within seconds', async () => {
      const source = createCatalogueSource(models);
      await source.read();
      await rename('Path notes');
      await raiseCatalogueVersion(models.settings);
      later(1900);
      expect((await source.read()).types.get(1)?.name).toBe(trailNotes.name);
      later(200);
      expect((await source.read()).types.get(1)?.name).toBe('Path notes');
    });

    it('sees a change that raised no version within about a minute', async () => {
      const source = createCatalogueSource(models);
      await source.read();
      await rename('Path notes');
      later(30_000);
      expect((await source.read()).types.get(1)?.name).toBe(trailNotes.name);
      later(31_000);
      expect((await source.read()).types.get(1)?.name).toBe('Path notes');
    });

    it('reads one small document while nothing changes, and reads it first before reading everything', async () => {
      const asked: unknown[] = [];
      const watched = await watchedBy(database, ({ find }) => find && asked.push(find));
      const source = createCatalogueSource(watched.models);
      await source.read();
      // A change written during the read has a newer version, so the next check reads it.
      expect([asked[0], asked.length]).toEqual(['settings', 6]);
      asked.length = 0;
      for (let times = 0; times < 5; times++) {
        later(2100);
        await source.read();
      }
      expect(asked).toEqual(Array.from({ length: 5 }, () => 'settings'));
    });
  });

  it('with a forced check reads everything only after an announced change', async () => {
    const asked: unknown[] = [];
    const watched = await watchedBy(database, ({ find }) => find && asked.push(find));
    const source = createCatalogueSource(watched.models);
    const before = await source.read();
    asked.length = 0;
    for (let times = 0; times < 3; times++) expect(await source.recheck()).toBe(before);
    expect(asked).toEqual(['settings', 'settings', 'settings']);
    await models.types.updateOne({ _id: trailNotes.id }, { $set: { name: 'Path notes' } });
    await raiseCatalogueVersion(models.settings);
    expect((await source.recheck()).types.get(trailNotes.id)?.name).toBe('Path notes');
  });

  it('leaves pictures in the database, and changes the revision when a picture changes', async () => {
    const source = createCatalogueSource(models);
    const before = await source.read();
    expect(before.units.get(northwind.id)?.logo).toEqual({ contentType: northwind.logo?.contentType });
    await models.units.updateOne(
      { _id: northwind.id },
      { $set: { 'logo.base64': 'AAAA' }, $inc: { version: 1 } },
    );
    expect((await source.reread()).revision).not.toBe(before.revision);
    expect(await findLogo(models.units, northwind.id)).toMatchObject({ base64: 'AAAA' });
    expect(await findLogo(models.units, fjell.id)).toBeNull();
  });

  it('keeps the last known catalogue while the database is unavailable, and fails where there is none', async () => {
    const connection = await connect(database.uri);
    const source = createCatalogueSource(createModels(connection));
    const known = await source.read();
    await connection.close();
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    try {
      expect(await source.read()).toBe(known);
    } finally {
      vi.useRealTimers();
    }
    await expect(createCatalogueSource(createModels(connection)).read()).rejects.toThrow();
  });
});

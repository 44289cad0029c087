/** `sayso catalogue`: a valid file is imported, an invalid one lists every fault and changes nothing, and nothing is deleted. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { exampleCatalogue } from '../../src/cli/catalogue/example.js';
import { readCatalogueFile } from '../../src/cli/catalogue/file.js';
import { importCatalogue } from '../../src/domain/catalogue/import.js';
import { createCatalogueSource } from '../../src/domain/consent/catalogue.js';
import { findLogo } from '../../src/models/business-unit.js';
import { migrate } from '../../src/migrations.js';
import { largestId } from '../../src/tokens/claims.js';
import { contrast } from '../../src/views/brand-style.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { openTestDatabase } from '../support/connection.js';
import { keyFileOf } from '../support/key-file.js';
import { completeEnv, runSayso } from '../support/program.js';

const [unit] = exampleCatalogue.units;
const [type] = exampleCatalogue.types;

const database = await openTestDatabase();
const { models } = database;
await migrate(database);
const folder = await temporaryFolder();
const keyFile = await keyFileOf('Ed25519');
beforeEach(async () => {
  await models.units.deleteMany({});
  await models.types.deleteMany({});
  await models.settings.deleteOne({ _id: 'account' });
});

const known = () => createCatalogueSource(models).read();

async function fileOf(content: unknown): Promise<string> {
  const file = join(folder, 'catalogue.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function imported(content: unknown): Promise<void> {
  await importCatalogue(models, await readCatalogueFile(await fileOf(content), await known()));
}

async function faultsOf(content: unknown): Promise<string[]> {
  const fault = await readCatalogueFile(await fileOf(content), await known()).then(
    () => new Error('it was taken as right'),
    (error: unknown) => error,
  );
  return String(fault)
    .split('\n')
    .slice(1)
    .map((row) => row.trim());
}

const sayso = async (...args: string[]) =>
  runSayso(args, {
    cwd: folder,
    env: await completeEnv({ MONGODB_URI: database.uri, TOKEN_KEYS_FILE: keyFile }),
  });

describe('sayso catalogue in an empty account', () => {
  it('says how to begin, prints an example that import accepts, and lists it', async () => {
    const empty = await sayso('link', 'ann@example.com', '--unit', '0');
    expect(empty).toMatchObject({ code: 1, out: '' });
    expect(empty.err).toBe(
      'There is no business unit 0; there is none at all yet: `sayso catalogue example` shows how to make one.\n',
    );
    await fileOf((await sayso('catalogue', 'example')).out);
    expect(await sayso('catalogue', 'import', 'catalogue.json')).toEqual({
      code: 0,
      out: 'Imported 1 unit and 1 type; running processes take them within seconds.\n',
      err: '',
    });
    expect((await sayso('catalogue', 'list')).out).toBe(
      'Unit 0  Example <letters@example.com>\n  Type 1  Newsletter, EMAIL\n' +
        'Data privacy mode is on: only subscribed contacts may be mailed.\n' +
        'Phone numbers without a country code are read as numbers of GB.\n',
    );
  });
});

describe('sayso catalogue import', () => {
  it('makes both accents of one colour readable', async () => {
    await imported({ units: [{ ...unit, accent: '#ffcc00' }] });
    const accent = (await known()).units.get(0)?.accent;
    expect(contrast(accent?.light ?? '#ffffff', '#fffefb')).toBeGreaterThan(4.5);
    expect(contrast(accent?.dark ?? '#000000', '#1e1c19')).toBeGreaterThan(4.5);
  });

  it('changes existing items by id, and keeps what the file leaves out', async () => {
    await imported({ ...exampleCatalogue, types: [type, { ...type, id: 2, name: 'Offers' }] });
    await imported({ types: [{ ...type, id: 2, name: 'Bargains', isActive: false }] });
    const { types, units, isPrivacyMode } = await known();
    expect([...types.values()].map(({ id, name, isActive }) => [id, name, isActive])).toEqual([
      [1, 'Newsletter', true],
      [2, 'Bargains', false],
    ]);
    expect([units.size, isPrivacyMode]).toEqual([1, true]);
    await imported({ isPrivacyMode: false });
    expect((await known()).isPrivacyMode).toBe(false);
  });

  it('reports every fault with its path', async () => {
    expect(
      await faultsOf({
        unit: [],
        units: [
          {
            ...unit,
            accent: 'green',
            privacyPolicyUrl: 'http://example.com/privacy',
            senderAddress: 'letters',
          },
          { ...unit, id: 1.5, name: '\u202e\n', defaultLocale: 'tlh', postalAddress: undefined },
        ],
        types: [{ ...type, channel: 'FAX', translations: { xx: { name: 'a', description: 'b' } } }],
      }),
    ).toEqual([
      'units.0.accent is not a colour such as #2f5d50',
      'units.0.senderAddress is not an e-mail address',
      'units.0.privacyPolicyUrl is not an https:// URL',
      'units.1.id is not a whole number',
      'units.1.name is empty',
      'units.1.postalAddress is missing',
      expect.stringMatching(/^units\.1\.defaultLocale is none of en, nb/),
      'types.0.channel is none of EMAIL, WHATSAPP, SMS',
      'types.0.translations has unknown fields: xx',
      'the file has unknown fields: unit',
    ]);
  });

  it('refuses a repeated id, an unknown unit, and a type that would change its unit', async () => {
    await imported(exampleCatalogue);
    expect(
      await faultsOf({
        units: [
          { ...unit, id: 5 },
          { ...unit, id: 5 },
        ],
        types: [
          { ...type, unitId: 5, channel: 'SMS' },
          { ...type, id: 9, unitId: 7 },
        ],
      }),
    ).toEqual([
      'units.1.id 5 is there twice',
      'types.0.unitId can never change: type 1 is of unit 0',
      'types.0.channel can never change: type 1 is sent by EMAIL',
      'types.1.unitId there is no unit 7, here or in the account',
    ]);
    expect([...(await known()).units.keys()]).toEqual([0]);
  });

  it('refuses an id too long for a link, so that every contact can opt out', async () => {
    const beyond = largestId + 1;
    const faulty = { units: [{ ...unit, id: beyond }], types: [{ ...type, id: 0, unitId: beyond }] };
    expect(await faultsOf(faulty)).toEqual([
      `units.0.id is above ${largestId}`,
      'types.0.id is below 1',
      `types.0.unitId is above ${largestId}`,
    ]);
    const greatest = { units: [{ ...unit, id: largestId }], types: [{ ...type, id: 1, unitId: largestId }] };
    await imported(greatest);
    expect([...(await known()).units.keys()]).toContain(largestId);
  });

  it('takes a logo next to the file, and only a picture of at most 64 kB', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';
    await writeFile(join(folder, 'right.svg'), svg);
    await writeFile(join(folder, 'wrong.png'), svg);
    await writeFile(join(folder, 'large.svg'), svg.padEnd(65_537));
    await imported({ units: [{ ...unit, logo: 'right.svg' }] });
    expect(await findLogo(models.units, 0)).toEqual({
      contentType: 'image/svg+xml',
      base64: Buffer.from(svg).toString('base64'),
    });
    const logos = ['wrong.png', 'large.svg', 'none.webp', 'logo.gif'];
    const faults = await faultsOf({ units: logos.map((logo, id) => ({ ...unit, id, logo })) });
    expect(faults.map((fault) => fault.replace(/: .*/, ''))).toEqual([
      'units.0.logo is not what its name says',
      'units.1.logo is larger than 64 kB',
      'units.2.logo cannot be read',
      'units.3.logo is not an .svg, .png or .webp file',
    ]);
  });

  it.each([
    ['{"units": ', /is not JSON: /],
    ['[]', /the file /],
  ])('says what is wrong with %j', async (content, sentence) => {
    await expect(readCatalogueFile(await fileOf(content), await known())).rejects.toThrow(sentence);
  });
});

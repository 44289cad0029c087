/** Reads a catalogue file: one JSON file of units and types, checked as a whole, each fault with its path. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import {
  country,
  saidOf,
  timeZone,
  typeFields,
  typeId,
  unitFields,
  unitId,
  yesOrNo,
} from '../../domain/catalogue/fields.js';
import type { WantedCatalogue } from '../../domain/catalogue/import.js';
import type { Catalogue, StoredUnit, Logo } from '../../vocabulary/terms.js';
import { DomainError } from '../../errors.js';
import { accentPair } from '../../views/brand-style.js';
import { faultOfLogoName, logoOf } from '../../domain/catalogue/logo.js';

/** Path of a file, stored as written. */
const logoPath = z.string('is not text').min(1, 'is empty').max(500, 'is longer than 500 characters');
const unit = z.strictObject({ id: unitId, ...unitFields.shape, logo: logoPath.optional() });

const type = z.strictObject({
  id: typeId,
  unitId,
  ...typeFields.shape,
  isActive: yesOrNo.default(true),
  order: z.int('is not a whole number').optional(),
});

const file = z.strictObject({
  isPrivacyMode: yesOrNo.optional(),
  defaultCountry: country.nullable().optional(),
  timeZone: timeZone.optional(),
  units: z.array(unit, 'is not a list').default([]),
  types: z.array(type, 'is not a list').default([]),
});

type CatalogueFile = z.infer<typeof file>;

/**
 * Reads a file and the logos that it names.
 * @param known the account's catalogue; a type may belong to an existing unit, and never moves to another
 * @throws DomainError `INVALID_FILE` with every fault, one a line, as `path: what is wrong`
 */
export async function readCatalogueFile(
  name: string,
  known: Pick<Catalogue, 'units' | 'types'>,
): Promise<WantedCatalogue> {
  const parsed = file.safeParse(await readJson(name), { reportInput: true });
  if (!parsed.success) {
    throw faulty(
      name,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'} ${saidOf(issue)}`),
    );
  }
  const faults = faultsTogether(parsed.data, known);
  const units: StoredUnit[] = [];
  for (const [at, { accent, logo: logoFile, senderName, ...rest }] of parsed.data.units.entries()) {
    const logo = logoFile === undefined ? undefined : await readLogo(resolve(dirname(name), logoFile));
    if (typeof logo === 'string') faults.push(`units.${at}.logo ${logo}`);
    units.push({
      ...rest,
      senderName: senderName ?? rest.name,
      accent: accentPair(accent),
      ...(typeof logo === 'object' ? { logo } : {}),
    });
  }
  if (faults.length > 0) throw faulty(name, faults);
  const types = parsed.data.types.map((wanted, at) => ({
    ...wanted,
    order: wanted.order ?? at + 1,
  }));
  const { isPrivacyMode, defaultCountry, timeZone: zone } = parsed.data;
  return { units, types, isPrivacyMode, defaultCountry, timeZone: zone };
}

async function readJson(name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (error) {
    const code: unknown = Object(error)['code'];
    const why = code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new DomainError('INVALID_FILE', `The file ${name} cannot be read: ${why}.`, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DomainError('INVALID_FILE', `The file ${name} is not JSON: ${why}.`, { cause: error });
  }
}

function faulty(name: string, faults: string[]): DomainError {
  return new DomainError(
    'INVALID_FILE',
    `Nothing was written, as the file ${name} is wrong (\`sayso catalogue example\` shows a right one):\n  ${faults.join('\n  ')}`,
  );
}

/** Faults that concern several fields. */
function faultsTogether({ units, types }: CatalogueFile, known: Pick<Catalogue, 'units' | 'types'>) {
  const faults = [...repeated('units', units), ...repeated('types', types)];
  const unitIds = new Set([...known.units.keys(), ...units.map((one) => one.id)]);
  for (const [at, wanted] of types.entries()) {
    const before = known.types.get(wanted.id);
    if (!unitIds.has(wanted.unitId))
      faults.push(`types.${at}.unitId there is no unit ${wanted.unitId}, here or in the account`);
    // Events name neither, so after a move an opt-out would count for another brand.
    if (before && before.unitId !== wanted.unitId)
      faults.push(`types.${at}.unitId can never change: type ${wanted.id} is of unit ${before.unitId}`);
    if (before && before.channel !== wanted.channel)
      faults.push(`types.${at}.channel can never change: type ${wanted.id} is sent by ${before.channel}`);
  }
  return faults;
}

function repeated(list: string, rows: readonly { id: number }[]): string[] {
  return rows.flatMap(({ id: own }, at) =>
    rows.findIndex((row) => row.id === own) < at ? [`${list}.${at}.id ${own} is there twice`] : [],
  );
}

/** @returns the logo, or the fault of the file */
async function readLogo(file: string): Promise<Logo | string> {
  const fault = faultOfLogoName(file);
  if (fault) return fault;
  try {
    const logo = logoOf(file, await readFile(file));
    return typeof logo === 'string' ? `${logo}: ${file}` : logo;
  } catch {
    return `cannot be read: ${file}`;
  }
}

/** `sayso catalogue`: imports business units and subscription types from a file, and lists them. */
import type { Command } from 'commander';
import { importCatalogue } from '../domain/catalogue/import.js';
import { createCatalogueSource } from '../domain/consent/catalogue.js';
import type { Catalogue } from '../vocabulary/terms.js';
import { shownAddress } from '../domain/consent/shown-address.js';
import { exampleCatalogue } from './catalogue/example.js';
import { readCatalogueFile } from './catalogue/file.js';
import { withContext, print } from './context.js';
import { counted } from '../vocabulary/words.js';

export function addCatalogueCommand(program: Command): void {
  const catalogue = program
    .command('catalogue')
    .description('The business units and subscription types of this account');
  catalogue
    .command('import')
    .description(
      'Add the units and types of a JSON file, or update existing ones, by id. ' +
        'Units and types that the file does not contain stay; isActive false archives a type. ' +
        'A logo is the path of an SVG, PNG or WebP file of at most 64 kB, relative to the JSON file.',
    )
    .argument('<file>', 'the JSON file')
    .action((file: string) =>
      withContext(async ({ deps }) => {
        const wanted = await readCatalogueFile(file, await createCatalogueSource(deps.models).read());
        await importCatalogue(deps.models, wanted);
        const units = counted(wanted.units.length, 'unit');
        const types = counted(wanted.types.length, 'type');
        print(`Imported ${units} and ${types}; running processes take them within seconds.`);
      }),
    );
  catalogue
    .command('list')
    .description('Show all units and types')
    .action(() => withContext(async ({ deps }) => linesOf(await deps.catalogue()).forEach(print)));
  catalogue
    .command('example')
    .description('Print an example file for import')
    .action(() => print(JSON.stringify(exampleCatalogue, null, 2)));
}

function linesOf({ units, orderedTypes, isPrivacyMode, defaultCountry }: Catalogue): string[] {
  if (units.size === 0) return [noUnitYet];
  return [
    ...[...units.values()].flatMap((unit) => [
      `Unit ${unit.id}  ${unit.name} <${shownAddress(unit.senderAddress)}>${unit.hasDoubleOptIn ? ', double opt-in' : ''}`,
      ...orderedTypes
        .filter(({ unitId }) => unitId === unit.id)
        .map(({ id, name, channel, isActive, isInternal }) =>
          [`  Type ${id}  ${name}, ${channel}`, isInternal ? 'internal' : '', isActive ? '' : 'archived']
            .filter(Boolean)
            .join(', '),
        ),
    ]),
    isPrivacyMode
      ? 'Data privacy mode is on: only subscribed contacts may be mailed.'
      : 'Data privacy mode is off.',
    defaultCountry
      ? `Phone numbers without a country code are read as numbers of ${defaultCountry}.`
      : 'Phone numbers need their country code.',
  ];
}

/** What to do in an empty account. */
const noUnitYet =
  'There is no business unit yet: `sayso catalogue example > catalogue.json`, edit it, `sayso catalogue import catalogue.json`.';

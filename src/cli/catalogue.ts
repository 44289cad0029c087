/** `sayso catalogue`: brings the business units and subscription types of a file into the account, and lists them. */
import type { Command } from 'commander';
import { createCatalogueSource } from '../domain/consent/catalogue.js';
import type { Catalogue } from '../domain/consent/terms.js';
import type { Models } from '../models/index.js';
import { exampleCatalogue } from './catalogue/example.js';
import { readCatalogueFile } from './catalogue/file.js';
import type { WantedCatalogue } from './catalogue/file.js';
import { withContext } from './context.js';
import { counted } from './counted.js';

const print = (line: string) => void process.stdout.write(`${line}\n`);

export function addCatalogueCommand(program: Command): void {
  const catalogue = program
    .command('catalogue')
    .description('The business units and subscription types of this account');
  catalogue
    .command('import')
    .description(
      'Add the units and types of a JSON file, or bring those that are there to what it says, by id. ' +
        'What the file leaves out stays; a type ends with isActive false. ' +
        'A logo is the path of an SVG, PNG or WebP file beside it, of 64 kB at most.',
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
    .description('Show the units and types that there are')
    .action(() => withContext(async ({ deps }) => linesOf(await deps.catalogue()).forEach(print)));
  catalogue
    .command('example')
    .description('Print a file that import takes, to begin your own with')
    .action(() => print(JSON.stringify(exampleCatalogue, null, 2)));
}

/** Done twice, or again after a failure half way, it comes to the same. Units first: a type is never without its own. */
export async function importCatalogue(
  { units, types, settings }: Pick<Models, 'units' | 'types' | 'settings'>,
  wanted: WantedCatalogue,
): Promise<void> {
  for (const { id, ...unit } of wanted.units) await units.replaceOne({ _id: id }, unit, { upsert: true });
  for (const { id, ...type } of wanted.types) await types.replaceOne({ _id: id }, type, { upsert: true });
  if (wanted.isPrivacyMode === undefined) return;
  await settings.updateOne(
    { _id: 'account' },
    { $set: { 'value.isPrivacyMode': wanted.isPrivacyMode } },
    { upsert: true },
  );
}

function linesOf({ units, orderedTypes, isPrivacyMode }: Catalogue): string[] {
  if (units.size === 0) return [noUnitYet];
  return [
    ...[...units.values()].flatMap((unit) => [
      `Unit ${unit.id}  ${unit.name} <${unit.senderAddress}>${unit.hasDoubleOptIn ? ', double opt-in' : ''}`,
      ...orderedTypes
        .filter(({ unitId }) => unitId === unit.id)
        .map(({ id, name, channel, isActive, isInternal }) =>
          [`  Type ${id}  ${name}, ${channel}`, isInternal ? 'internal' : '', isActive ? '' : 'archived']
            .filter(Boolean)
            .join(', '),
        ),
    ]),
    isPrivacyMode
      ? 'Data privacy mode is on: only who is subscribed may be mailed.'
      : 'Data privacy mode is off.',
  ];
}

/** What to do about an account that has nothing in it. */
const noUnitYet =
  'There is no business unit yet: `sayso catalogue example > catalogue.json`, edit it, `sayso catalogue import catalogue.json`.';

/** `sayso import`: imports an opt-out list or contacts, and undoes an import. It does the work itself; if it is interrupted, a worker continues. */
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import type { Deps } from '../deps.js';
import { importJobKind, importJobs } from '../domain/imports/contract.js';
import {
  checkImport,
  chooseColumn,
  confirmImport,
  rejectedRows,
  startImport,
  undoImport,
} from '../domain/imports/operations.js';
import { DomainError } from '../errors.js';
import type { Import } from '../models/import.js';
import { channels, type Channel } from '../vocabulary/terms.js';
import { counted, figure } from '../vocabulary/words.js';
import { withContext } from './context.js';
import { addContactsCommand } from './import-contacts.js';
import { askAtTerminal, audit, say, workUntil, writeRows } from './import-work.js';
import { bytesOf } from './read-file.js';
import { wholeNumber } from './target-options.js';

interface OptOutOptions {
  unit?: number;
  allUnits?: true;
  channel: Channel;
  column?: string;
  rejected?: string;
  yes?: true;
}

export function addImportCommand(program: Command): void {
  const command = program.command('import').description('Import a list, or undo an import');
  command
    .command('opt-outs')
    .description(
      'Opt every address of a list out of all mail of a business unit. No contact is made or deleted. ' +
        'It shows what is in the list and asks for the number of addresses before it writes.',
    )
    .argument('<file>', 'CSV, TSV or XLSX; - for standard input')
    .addOption(new Option('--unit <id>', 'business unit').argParser(wholeNumber).conflicts('allUnits'))
    .option('--all-units', 'opt out of the mail of all business units, also future ones')
    .addOption(new Option('--channel <name>', 'channel').choices(channels).default('EMAIL'))
    .option('--column <name>', 'name of the column with the addresses; without it, the column that has most')
    .option('--rejected <file>', 'where to write rejected rows; without it, beside the list')
    .option('--yes', 'do not ask for the number')
    .action((file: string, options: OptOutOptions) =>
      withContext(({ deps }) => importOptOuts(deps, file, options)),
    );
  addContactsCommand(command);
  command
    .command('undo')
    .description(
      'Remove the opt-outs that one import made, or delete the contacts that it created and nobody has changed since. ' +
        'What others did stays.',
    )
    .argument('<id>', 'id of the import')
    .action((id: string) =>
      withContext(async ({ deps }) => {
        const undo = await undoImport(deps, { id, scope: null }, 'cli');
        await audit(deps, importJobKind(undo), undo);
        const { result } = await workUntil(deps, undo._id, ['DONE']);
        const { changed = 0, unchanged = 0 } = result ?? {};
        if (undo.kind === 'UNDO') say(`${counted(changed, 'opt-out', 'opt-outs')} removed.`);
        else say(`${counted(changed, 'contact')} deleted. ${figure(unchanged)} changed since, and stay.`);
      }),
    );
}

async function importOptOuts(deps: Deps, file: string, options: OptOutOptions): Promise<void> {
  const unitId = options.unit ?? null;
  if (unitId === null && !options.allUnits)
    throw new DomainError('INVALID_FORM', 'Name the business unit with --unit, or say --all-units.');
  const isInput = file === '-';
  const name = isInput ? 'standard input' : basename(file);
  const wanted = { unitId, channel: options.channel, name, by: 'cli', scope: null };
  const started = await startImport(deps, wanted, bytesOf(file));
  const which = { id: started._id, scope: null };
  if (options.column !== undefined) await chooseColumn(deps, which, options.column);
  await checkImport(deps, which);
  const checked = await workUntil(deps, which.id, ['CHECKED', 'REFUSED']);
  await showCounts(deps, checked, options.rejected ?? (isInput ? null : `${file}.rejected.csv`));
  if (checked.state === 'REFUSED')
    throw new DomainError('INVALID_FILE', checked.fault ?? 'The list was refused.');
  const number = checked.counts?.distinct ?? 0;
  const typed = options.yes ? number : await askNumber(number);
  await audit(
    deps,
    importJobs.run,
    await confirmImport(deps, which, { number: typed, revision: checked.revision }),
  );
  const { result } = await workUntil(deps, which.id, ['DONE']);
  const { changed = 0, unchanged = 0 } = result ?? {};
  say(`${counted(changed, 'address', 'addresses')} opted out. ${figure(unchanged)} were opted out before.`);
  say(`To undo it: sayso import undo ${which.id}`);
}

async function showCounts(deps: Deps, one: Import, rejectedFile: string | null): Promise<void> {
  if (!one.counts) return;
  const { rows, rejected, duplicates, distinct, optedOutBefore, contacts, unknown } = one.counts;
  const { damaged = 0, firstDamagedLine = 0 } = one.counts;
  const lines: [string, number][] = [
    ['Rows', rows],
    ['Valid addresses, each once', distinct],
    ['Duplicates in the file', duplicates],
    ['Rejected rows', rejected],
    ['Opted out already', optedOutBefore],
    ['Addresses of contacts', contacts],
    ['Not known yet', unknown],
  ];
  for (const [words, count] of lines) say(`${words}: ${figure(count)}`);
  if (damaged > 0)
    say(
      `Damaged rows whose address counts: ${figure(damaged)}, the first in line ${figure(firstDamagedLine)}`,
    );
  const bytes = rejected > 0 ? await rejectedRows(deps, { id: one._id, scope: null }) : null;
  await writeRows(rejectedFile, bytes, 'The rejected rows');
}

async function askNumber(number: number): Promise<number> {
  const typed = await askAtTerminal(
    'How many addresses must not be mailed? Type the number of valid addresses: ',
    `Add --yes to opt out ${counted(number, 'address', 'addresses')}.`,
  );
  return Number(typed.replace(/[\s.,']/g, '') || 'NaN');
}

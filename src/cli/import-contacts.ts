/** `sayso import contacts`: imports contacts from a file. It shows where each column goes and what would happen, and asks before it writes. */
import { basename } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Deps } from '../deps.js';
import { importJobs } from '../domain/imports/contract.js';
import {
  checkImport,
  chooseContacts,
  confirmImport,
  contactResults,
  inspectImport,
  rejectedRows,
  startImport,
} from '../domain/imports/operations.js';
import { DomainError } from '../errors.js';
import {
  decimalMarks,
  type ContactCounts,
  type DateOrder,
  type DecimalMark,
} from '../models/contact-import.js';
import type { Import } from '../models/import.js';
import { legalBases, type LegalBasis } from '../vocabulary/terms.js';
import { counted, figure } from '../vocabulary/words.js';
import { withContext } from './context.js';
import { askAtTerminal, audit, say, workUntil, writeRows } from './import-work.js';
import { bytesOf } from './read-file.js';
import { wholeNumber } from './target-options.js';

interface ContactsOptions {
  unit?: number[];
  map?: Record<string, string>;
  emptyClears?: true;
  dates?: DateOrder;
  decimals?: DecimalMark;
  processingBasis?: LegalBasis;
  basis?: LegalBasis;
  explanation?: string;
  results?: string;
  rejected?: string;
  yes?: true;
}

export function addContactsCommand(command: Command): void {
  command
    .command('contacts')
    .description(
      'Create contacts, and update those that have the same address, in the mapped columns only. ' +
        'It shows what would happen and asks before it writes.',
    )
    .argument('<file>', 'CSV, TSV or XLSX; - for standard input')
    .option('--unit <id>', 'business unit of new contacts; may be repeated', unitIn)
    .option(
      '--map <column=place>',
      'where a column goes: email, phone, firstName, lastName, locale, processingBasis, units, marketing, property:<name> or ' +
        'subscription:<type id>; may be repeated. Without it, columns go where their names say',
      mapIn,
    )
    .option('--empty-clears', 'an empty cell removes the value; without it, it changes nothing')
    .addOption(new Option('--dates <order>', 'of days with slashes').choices(['DMY', 'MDY']))
    .addOption(
      new Option('--decimals <mark>', 'before decimals, for numbers such as 1,234').choices(decimalMarks),
    )
    .addOption(basisOption('--processing-basis <basis>', 'legal basis for processing of new contacts'))
    .addOption(basisOption('--basis <basis>', 'legal basis of all opt-ins'))
    .option('--explanation <text>', 'how the contacts of the file gave their consent')
    .option('--results <file>', 'where to write what became of each row; without it, beside the file')
    .option(
      '--rejected <file>',
      'where to write rejected rows before the question; without it, beside the file',
    )
    .option('--yes', 'do not ask')
    .action((file: string, options: ContactsOptions) =>
      withContext(({ deps }) => importContacts(deps, file, options)),
    );
}

const basisOption = (flags: string, about: string) => new Option(flags, about).choices(legalBases);

function unitIn(text: string, before: number[] = []): number[] {
  return [...before, wholeNumber(text)];
}

/** The last sign: a name of a column may have one. */
function mapIn(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as column=place, such as "E-post=email".');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function importContacts(deps: Deps, file: string, options: ContactsOptions): Promise<void> {
  const isInput = file === '-';
  const name = isInput ? 'standard input' : basename(file);
  const wanted = { kind: 'CONTACTS', unitId: null, channel: 'EMAIL', name, by: 'cli', scope: null } as const;
  const started = await startImport(deps, wanted, bytesOf(file));
  const which = { id: started._id, scope: null };
  const { unit: unitIds, dates: dateOrder, decimals: decimalMark, basis: legalBasis, map } = options;
  const { processingBasis, emptyClears, explanation } = options;
  const choice = { unitIds, dateOrder, decimalMark, legalBasis, processingBasis, emptyClears, explanation };
  const chosen = await chooseContacts(deps, which, choice, map);
  await showPlaces(deps, chosen);
  await checkImport(deps, which);
  const checked = await workUntil(deps, which.id, ['CHECKED', 'REFUSED']);
  if (checked.contactCounts) showCounts(checked.contactCounts);
  const rejected = options.rejected ?? (isInput ? null : `${file}.rejected.csv`);
  await writeRows(rejected, await rejectedRows(deps, which), 'The rejected rows');
  if (checked.state === 'REFUSED')
    throw new DomainError('INVALID_FILE', checked.fault ?? 'The file was refused.');
  if (!options.yes && !/^y(es)?$/i.test(await ask())) return say('Nothing was written.');
  await audit(deps, importJobs.runContacts, await confirmImport(deps, which, { revision: checked.revision }));
  const { contactResult } = await workUntil(deps, which.id, ['DONE']);
  const { created = 0, changed = 0, unchanged = 0, rejected: refused = 0 } = contactResult ?? {};
  say(`${counted(created, 'contact')} created, ${figure(changed)} updated.`);
  say(`${counted(unchanged, 'row')} unchanged, ${figure(refused)} rejected.`);
  const { optIns = 0, optOuts = 0, refusedOptIns = 0 } = contactResult ?? {};
  say(
    `${counted(optIns, 'opt-in')}, ${counted(optOuts, 'opt-out')}, ${counted(refusedOptIns, 'refused opt-in')}.`,
  );
  const results = options.results ?? (isInput ? null : `${file}.results.csv`);
  await writeRows(results, await contactResults(deps, which), 'The results of all rows');
  say(`To delete the contacts that it created: sayso import undo ${which.id}`);
}

const ask = () => askAtTerminal('Import the contacts? Type yes: ', 'Add --yes to import the contacts.');

async function showPlaces(deps: Deps, one: Import): Promise<void> {
  const { guess } = await inspectImport(deps, one);
  for (const { index, name } of guess.columns) {
    const to = one.choice?.contacts?.columns.find((column) => column.index === index)?.to;
    say(`${name}: ${to ?? 'not imported'}`);
  }
}

function showCounts(counts: ContactCounts): void {
  const lines: [string, number][] = [
    ['Rows', counts.rows],
    ['New contacts', counts.created],
    ['Contacts to update', counts.changed],
    ['Unchanged', counts.unchanged],
    ['Rejected rows', counts.rejected],
    ['Rows with the address of an earlier row', counts.repeated],
    ['Opt-ins', counts.optIns],
    ['Opt-outs', counts.optOuts],
    ['Refused opt-ins', counts.refusedOptIns],
  ];
  for (const [words, count] of lines) say(`${words}: ${figure(count)}`);
}

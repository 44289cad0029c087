/** `sayso export`: writes an export to a file, without a job. */
import { Option, type Command } from 'commander';
import { filterContext } from '../domain/contacts/find.js';
import { findOfferedProperties } from '../domain/contacts/properties.js';
import { selectionOfView, viewOfQuery } from '../domain/contacts/selection.js';
import { contactColumns } from '../domain/exports/contact-columns.js';
import type { Export } from '../domain/exports/contract.js';
import { delimiters, exportFormats } from '../domain/exports/format.js';
import { headOf, textOf } from '../domain/exports/format-text.js';
import { exportsByName } from '../domain/exports/registry.js';
import { exportedReasons } from '../domain/exports/unsubscribed.js';
import { recordAudit } from '../domain/staff/audit.js';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import { faultSentence } from '../vocabulary/fault-words.js';
import { actorKinds, channels } from '../vocabulary/terms.js';
import { withContext } from './context.js';
import { wholeNumber } from './target-options.js';
import { writeWhole } from './write-file.js';

interface Options {
  out: string;
  format: (typeof exportFormats)[number];
  delimiter: keyof typeof delimiters;
  bom: boolean;
  unit?: number;
  channel?: string;
  type?: string;
  actor?: string;
  from?: string;
  to?: string;
  reason?: string;
  view?: string;
  columns?: string[];
}

export function addExportCommand(program: Command): void {
  const command = program.command('export').description('Write addresses, contacts or the history to a file');
  const file = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--out <file>', 'file to write; - for standard output', '-')
      .addOption(new Option('--format <format>', 'of the file').choices(exportFormats).default('CSV'))
      .addOption(new Option('--delimiter <name>', 'of CSV').choices(Object.keys(delimiters)).default('comma'))
      .option('--no-bom', 'write CSV without a byte order mark');
  const limited = (name: string, description: string) =>
    file(name, description)
      .option('--unit <id>', 'one business unit', wholeNumber)
      .addOption(new Option('--channel <channel>', 'one channel').choices(channels))
      .option('--type <id>', 'one subscription type; ALL for opt-outs of all only')
      .addOption(new Option('--actor <kind>', 'who acted').choices(actorKinds))
      .option('--from <day>', 'first day, such as 2026-11-24')
      .option('--to <day>', 'last day');
  limited('unsubscribed', 'Bounced and unsubscribed addresses, also those that are no contacts')
    .addOption(new Option('--reason <reason>', 'one reason').choices(exportedReasons))
    .action((options: Options) => write(exportsByName.UNSUBSCRIBED, options, choicesIn(options)));
  limited('history', 'All consent events').action((options: Options) =>
    write(exportsByName.HISTORY, options, choicesIn(options)),
  );
  file('contacts', 'Contacts, with their properties and statuses')
    .option(
      '--view <query>',
      'query string of the contacts index, such as "filter=…"; all contacts if absent',
    )
    .option('--columns <key...>', 'keys of columns, such as email status:1; the usual ones if absent')
    .action((options: Options) => write(exportsByName.CONTACTS, options, null));
}

function choicesIn({ unit, channel, type, actor, from, to, reason }: Options): object {
  const typeId = type === undefined || type === 'ALL' ? type : Number(type);
  const given = { unitId: unit, type: typeId, channel, actor, from, to, reason };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function contactsIn(deps: Deps, { view = '', columns }: Options): Promise<object> {
  const read = viewOfQuery(new URLSearchParams(view));
  if (!read) throw new DomainError('INVALID_FORM', 'The filter of --view cannot be read.');
  const context = await filterContext(deps, null);
  const properties = (await findOfferedProperties(deps, null)).map(({ name }) => name);
  const all = contactColumns(context, properties);
  const usual = all.filter(({ isUsual }) => isUsual).map(({ key }) => key);
  const selection = selectionOfView(read);
  if (selection.kind === 'FILTER' && selection.search)
    throw new DomainError('INVALID_FORM', 'A search is not exported here: use a filter.');
  return { selection, columns: columns ?? usual };
}

/** @param choices null: those of contacts, which are read from the database */
async function write(of: Export, options: Options, choices: object | null): Promise<void> {
  const { format: kind, delimiter, bom: hasByteOrderMark, out } = options;
  await withContext(async ({ deps }) => {
    const format = { kind, delimiter, hasByteOrderMark };
    const read = of.input.safeParse({ ...(choices ?? (await contactsIn(deps, options))), format });
    if (!read.success) {
      const [fault] = read.error.issues;
      throw new DomainError('INVALID_FORM', fault && faultSentence(fault.path.join('.'), fault.message));
    }
    const fault = of.fault(read.data, await filterContext(deps, null));
    if (fault) throw new DomainError(fault, 'This business unit or subscription type does not exist.');
    await recordAudit(deps, { kind: 'EXPORTED', by: 'cli', about: null, detail: of.title });
    await writeWhole(out, textIn(deps, of, read.data));
  });
}

async function* textIn(
  deps: Deps,
  of: Export,
  input: Parameters<Export['columns']>[0],
): AsyncGenerator<string> {
  const columns = of.columns(input, await filterContext(deps, null));
  yield headOf(columns, input.format);
  const run = { input, scope: null, asked: deps.clock(), place: null };
  for await (const { rows } of of.read(deps, run)) yield textOf(rows, columns, input.format);
}

/** `sayso links`: adds links to each row of a mail-merge file, streaming from file to file. */
import { existsSync, realpathSync } from 'node:fs';
import type { Command } from 'commander';
import { mergeLinks, type MergeCount } from '../domain/links/mail-merge.js';
import { DomainError } from '../errors.js';
import { withContext } from './context.js';
import { bytesOf } from './read-file.js';
import { writeWhole } from './write-file.js';
import { addTargetOptions, targetIn, type TargetOptions } from './target-options.js';
import { counted } from '../vocabulary/words.js';

interface LinksOptions extends TargetOptions {
  csv: string;
  out: string;
  column: string;
}

const sayEvery = 10_000;

export function addLinksCommand(program: Command): void {
  addTargetOptions(
    program
      .command('links')
      .description(
        'Add links, headers and a footer to each row of a CSV file, in columns that begin with sayso_. ' +
          'Your own columns are not changed, not even formulas; no added column is a formula. ' +
          'If a row gets no links, sayso_error holds the reason.',
      )
      .requiredOption('--csv <file>', 'the file, with column names in its first line; - for standard input')
      .option('--out <file>', 'where to write; - for standard output', '-')
      .option('--column <name>', 'the column with the addresses', 'email'),
  ).action(async (options: LinksOptions) => {
    let count: MergeCount = { rows: 0, refused: 0, windows1252Lines: 0 };
    if (isSameFile(options.csv, options.out))
      throw new DomainError('INVALID_FILE', `${options.out} is the file to read: name another with --out.`);
    await withContext(async ({ deps }) => {
      const text = mergeLinks(deps, {
        bytes: bytesOf(options.csv),
        column: options.column,
        target: targetIn(options),
        onRow: (sofar) => {
          count = sofar;
          if (count.rows % sayEvery === 0) say(`${count.rows} rows …`);
        },
      });
      await writeWhole(options.out, text);
    });
    if (count.windows1252Lines > 0) say(encodingNote(count.windows1252Lines));
    say(outcomeOf(count));
    if (count.refused === count.rows) process.exitCode = 1;
  });
}

function encodingNote(lines: number): string {
  const [are, them] = lines === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${counted(lines, 'line')} ${are} not UTF-8, so Sayso read ${them} as Windows-1252: check the names in ${them}.`;
}

function outcomeOf({ rows, refused }: MergeCount): string {
  if (refused === 0) return `${counted(rows, 'row')}, all with links.`;
  const which = refused === rows ? 'none with links' : `${refused} of them without links`;
  return `${counted(rows, 'row')}, ${which}: the column sayso_error holds the reasons.`;
}

function isSameFile(one: string, other: string): boolean {
  if (one === '-' || other === '-') return false;
  return existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);
}

/** On standard error, since standard output may be the file. */
function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

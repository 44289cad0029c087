/** The step in which a person checks how the file was read, and chooses the column with the addresses. */
import { adminPaths } from '../../../admin-paths.js';
import type { CsvRow } from '../../../csv/rows.js';
import type { Deps } from '../../../deps.js';
import { inspectImport } from '../../../domain/imports/start.js';
import { leastShare } from '../../../list-files/columns.js';
import type { ListColumn, ListGuess } from '../../../list-files/contract.js';
import { readCell } from '../../../list-files/read-cell.js';
import type { Import, ImportChoice } from '../../../models/import.js';
import { figure } from '../../../vocabulary/words.js';
import type { FieldFault } from '../form.js';
import { groupOf, type FieldPlan } from '../kit/fields.js';
import { pageHtml } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import type { Ask } from '../route.js';
import { addressesOf, stepsAt, unitWords } from './import-words.js';
import { readingFields, readingTexts } from './reading-form.js';
import { importCrumbs, viewOf } from './start-pages.js';
import { present } from '../present.js';

/** Columns of the file that the table shows, besides the one with the addresses. */
const shownColumns = 4;

/** @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired */
export async function columnPage(
  deps: Deps,
  ask: Ask,
  one: Import,
  faults: FieldFault[] = [],
): Promise<string> {
  const { guess, choice } = await inspectImport(deps, one);
  const [, many] = addressesOf(one.channel);
  const texts = { ...readingTexts(choice), column: String(choice.column ?? '') };
  const view = (fields: FieldPlan[]) => [groupOf({ fields }, texts, faults)];
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Is this your list?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}, for ${await unitWords(deps, one)}`,
      steps: stepsAt('column', one),
      panels: [
        {
          heading: 'The first rows, as they were read',
          sentences: guess.format === 'CSV' ? ['If letters look wrong, choose another encoding.'] : [],
          form: viewOf({
            action: adminPaths.importReadings(one._id),
            groups: view(readingFields(guess, one)),
            button: 'Read it again',
            look: 'plain',
          }),
          table: tableOf(
            'The first rows, as they were read',
            tableColumns(guess, choice, one),
            guess.firstRows,
          ),
        },
        {
          heading: `Which column has the ${many}?`,
          sentences: columnWords(guess, choice, one),
          form: viewOf({
            action: adminPaths.importChecks(one._id),
            groups: view([columnField(guess, one)]),
            button: 'Continue to the review',
          }),
        },
      ],
    },
    faults,
  );
}

const shareIn = (column: ListColumn, { channel }: Pick<Import, 'channel'>) =>
  channel === 'EMAIL' ? column.addressShare : column.phoneShare;

/** The columns that can be confirmed come first. */
function byUse({ columns }: ListGuess, one: Import): ListColumn[] {
  const mayUse = (column: ListColumn) => Number(shareIn(column, one) >= leastShare);
  return [...columns].sort((a, b) => mayUse(b) - mayUse(a) || a.index - b.index);
}

function columnField(guess: ListGuess, one: Import): FieldPlan {
  const [, many] = addressesOf(one.channel);
  return {
    kind: 'select',
    name: 'column',
    label: one.channel === 'EMAIL' ? 'Column header of the email field' : 'Column header of the phone field',
    options: byUse(guess, one).map((column) => {
      const share = Math.round(shareIn(column, one) * 100);
      const words = share === 0 ? `no ${many}` : `${many} in ${share} % of the rows`;
      return { value: String(column.index), label: `${column.name.slice(0, 60)}: ${words}` };
    }),
  };
}

/** What the chosen column has, and which other columns could be chosen. */
function columnWords(guess: ListGuess, { column }: ImportChoice, one: Import): string[] {
  const [, many] = addressesOf(one.channel);
  const nameOf = ({ name }: ListColumn) => `“${name.slice(0, 60)}”`;
  const rowsOf = (found: ListColumn) =>
    `${figure(Math.round(shareIn(found, one) * guess.sampled))} of the first ${figure(guess.sampled)} rows`;
  const found = guess.columns.find(({ index }) => index === column);
  const others = guess.columns.filter((other) => other !== found && shareIn(other, one) >= leastShare);
  return present([
    found
      ? `${nameOf(found)} is chosen: ${rowsOf(found)} have ${many} in it.`
      : `No column has ${many} in at least half of its rows. Check how the file is read.`,
    ...others.map((other) => `${nameOf(other)} has ${many} too, in ${rowsOf(other)}.`),
    others.length > 0 &&
      'An import reads one column. To import another one as well, upload the file again after this.',
  ]);
}

function tableColumns(guess: ListGuess, choice: ImportChoice, one: Import): Column<CsvRow>[] {
  const { headerLine, column, country } = choice;
  const { channel } = one;
  const others = byUse(guess, one)
    .filter(({ index }) => index !== column)
    .slice(0, shownColumns);
  const shown = guess.columns.filter(
    ({ index }) => index === column || others.some((other) => other.index === index),
  );
  const isRow = ({ line }: CsvRow) => line > (headerLine ?? 0);
  return [
    {
      heading: 'Line',
      cell: ({ line }) => ({
        text: figure(line),
        ...(line === headerLine
          ? { chips: ['Column names'] }
          : line < (headerLine ?? 0)
            ? { chips: ['Not read'] }
            : {}),
      }),
    },
    ...shown.map(({ index, name }): Column<CsvRow> => ({
      heading: name.slice(0, 40),
      cell: ({ cells }) => ({ text: (cells[index] ?? '').slice(0, 120) }),
    })),
    {
      heading: 'Understood as',
      cell: (row) => {
        if (!isRow(row) || column === null) return { text: '' };
        const { found, fault } = readCell(channel, row.cells[column] ?? '', country);
        const reason = row.fault ?? fault;
        return { text: found.slice(0, 5).join(', '), ...(reason ? { note: reason } : {}) };
      },
    },
  ];
}

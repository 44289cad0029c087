/** The list of imports and undos, newest first. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import { doerInWords, findDoers } from '../../../domain/staff/names.js';
import { findImport, findImports, type Import, type ImportKind } from '../../../models/import.js';
import { capital, counted, figure, momentOf } from '../../../vocabulary/words.js';
import type { ListPage } from '../kit/list-page.js';
import { addressesOf, channelWords, isOfContacts, stateOf, unitWords } from './import-words.js';

const perPage = 50;

interface ImportRow {
  one: Import;
  undo: Import | null;
  by: string;
  unit: string;
}

export const importList: ListPage<ImportRow> = {
  pattern: adminPatterns.imports,
  path: adminPaths.imports,
  may: 'jobs.read',
  section: 'imports',
  title: 'Imports',
  lead: 'Opt-out lists and contacts from files.',
  main: { href: adminPaths.newImport(), label: 'Start an import', may: 'bulk.run' },
  load: async (deps, { scope }, { before }) => {
    const asked = { scope, before: cursorIn(before, timeAndId), limit: perPage + 1 };
    const found = await findImports(deps.models, asked);
    const { page: imports, next } = pageIn(found, perPage, placeInTime);
    const doerOf = await findDoers(
      deps,
      imports.map(({ by }) => by),
    );
    const rows = await Promise.all(
      imports.map(async (one) => ({
        ...{ one, by: byWords(one, doerOf), unit: await unitWords(deps, one) },
        undo: one.undoneBy === null ? null : await findImport(deps.models, one.undoneBy, scope),
      })),
    );
    return { rows, older: next };
  },
  columns: ({ zone }) => [
    {
      heading: 'File',
      cell: ({ one }) => ({
        href: adminPaths.import(one._id),
        text: one.file?.name ?? 'A list',
        ...chipsOf(one),
      }),
    },
    { heading: 'State', cell: ({ one, undo }) => ({ state: stateOf(one, undo) }) },
    {
      heading: 'Business unit',
      cell: ({ one, unit }) => ({
        text: capital(unit),
        ...(isOfContacts(one) ? {} : { note: channelWords(one.channel) }),
      }),
    },
    { heading: 'Result', cell: ({ one }) => ({ text: resultWords(one) }) },
    { heading: 'By', cell: ({ by }) => ({ text: by }) },
    {
      heading: 'When',
      isNumeric: true,
      cell: ({ one }) => ({ time: { iso: one.at.toISOString(), words: momentOf(one.at, zone) } }),
    },
  ],
  empty: () => ({
    heading: 'No imports yet',
    sentence:
      'An opt-out list from another system makes sure that nobody on it is mailed. A file of contacts creates and updates them.',
  }),
  refresh: (rows) =>
    rows.some(({ one: { state } }) => state === 'RUNNING' || state === 'CHECKING') ? 5 : undefined,
};

type DoerOf = Awaited<ReturnType<typeof findDoers>>;

/** The person, the API key or the command line that started an import. */
export function byWords({ by, at }: Pick<Import, 'by' | 'at'>, doerOf: DoerOf): string {
  if (by === 'cli') return 'The command line';
  const doer = doerOf(by, at);
  return doer ? doerInWords(doer) : 'A deleted account';
}

function chipsOf({ kind }: Import): { chips?: string[] } {
  const words = kindWords[kind];
  return words ? { chips: [words] } : {};
}

/** What the name of the file does not tell. */
const kindWords: Readonly<Partial<Record<ImportKind, string>>> = {
  CONTACTS: 'Contacts',
  UNDO: 'Undo',
  UNDO_CONTACTS: 'Undo',
};

function resultWords({
  kind,
  channel,
  counts,
  result,
  contactCounts,
  contactResult,
  undoneBy,
}: Import): string {
  const [one, many] = addressesOf(channel);
  const then = undoneBy === null ? '' : ', then undone';
  if (contactResult)
    return `${figure(contactResult.created)} created, ${figure(contactResult.changed)} updated${then}`;
  if (contactCounts)
    return `${figure(contactCounts.created)} new, ${figure(contactCounts.changed)} to update`;
  if (result && kind === 'UNDO') return `${counted(result.changed, 'opt-out', 'opt-outs')} removed`;
  if (result && kind === 'UNDO_CONTACTS') return `${counted(result.changed, 'contact', 'contacts')} deleted`;
  if (result) return `${counted(result.changed, one, many)} opted out${then}`;
  return counts ? `${figure(counts.distinct)} valid ${counts.distinct === 1 ? one : many}` : '';
}

/** The benchmark's results for bulk edits and many contacts, for the page and for `--json`. */
import type { BulkFigures } from './bulk-edit.js';
import type { ContactFigures } from './contacts.js';
import type { ImportFigures } from './import.js';
import type { ContactImportFigures } from './import-contacts.js';

export interface StaffFigures {
  bulk: BulkFigures;
  contacts: ContactFigures;
  importing: ImportingFigures;
}

export type ImportingFigures = ImportFigures & { contacts: ContactImportFigures };

export function importAsJson({ ratio, ratioKnown, portal, cpuMs, mb, contacts }: ImportingFigures): object {
  return {
    ...{ import: ratio, importKnown: ratioKnown, importRows: portal, importCpuMs: cpuMs, importMb: mb },
    ...{
      importContacts: contacts.rowsASecond,
      importContactTrips: contacts.trips,
      importContactsMb: contacts.mb,
    },
  };
}

export function staffAsJson({ bulk, contacts, importing }: StaffFigures): object {
  return {
    ...importAsJson(importing),
    bulkEdit: bulk.ratio,
    bulkEditLaterMb: bulk.laterMb,
    indexPlans: contacts.plans,
    listPlans: contacts.lists,
    recordPageDocuments: contacts.record.largeDocuments,
  };
}

export const staffMeasuredAgainst = {
  bulkEdit:
    'rows a second of `sayso worker` beside bulkWrite of the same subscriber and contact updates by the bare driver, 500 a message; goal 0.7',
  bulkEditLaterMb: 'the highest resident memory of that worker after its first round',
  import:
    'rows a second of an opt-out list by `sayso worker`, from the confirmation to the end, beside csv-parse and bulkWrite of the same documents by the bare driver, 500 a message; goal 0.7',
  importKnown: 'the same for addresses that are known already: one conditional update each; goal 0.7',
  importRows: 'rows a second of new addresses',
  importCpuMs: 'milliseconds of CPU of a new address, database included',
  importMb: 'the highest resident memory of that worker; goal 250',
  importContacts: 'rows a second of new contacts with two properties and one opt-in each, by `sayso worker`',
  importContactTrips: 'commands to the database for 500 such rows, without the checkpoint',
  importContactsMb: 'the highest resident memory of that worker',
  indexPlans:
    'every single filter with every sort, both ways, on the first, a next and an earlier page: the plan by MongoDB’s rules, and as the database explains it at 100 contacts and at all of them',
  listPlans:
    'a page of members, their count and a batch of a job, for six kinds of list: the plan by MongoDB’s rules, and as the database explains it at 100 contacts and at all of them',
  recordPageDocuments:
    'documents that the database gives for one record page, whatever the number of contacts',
} as const;

export function staffAsPage({ bulk, contacts, importing }: StaffFigures): string {
  const { plans, lists, page, record, count } = contacts;
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const sorts = plans.filters.some(({ large }) => large.includes('SORT'));
  return `
## The staff's side

${row('', 'measured', 'goal')}
${row('---', '---:', '---:')}
${row('Bulk edit, rows a second, beside the bare driver', `${whole(bulk.portal)} beside ${whole(bulk.bare)}: ${bulk.ratio.toFixed(2)}`, '0.70')}
${row('Worker’s memory in its first edit, and in all after it', `${whole(bulk.firstMb)} MB, ${whole(bulk.laterMb)} MB`, 'flat')}
${row(`Import of ${whole(importing.rows)} new addresses, rows a second, beside a script`, `${whole(importing.portal)} beside ${whole(importing.bare)}: ${importing.ratio.toFixed(2)}`, '0.70')}
${row('CPU of a new address, ms, database included, beside the script', `${importing.cpuMs.toFixed(2)} beside ${importing.bareCpuMs.toFixed(2)}`, '')}
${row(`Import of ${whole(importing.knownRows)} known addresses`, `${whole(importing.portalKnown)} beside ${whole(importing.bareKnown)}: ${importing.ratioKnown.toFixed(2)}`, '0.70')}
${row('Worker’s memory during an import of at most 10,000, and during all after it', `${whole(importing.firstMb)} MB, ${whole(importing.mb)} MB`, '250 MB, flat')}
${row(`Import of ${whole(importing.contacts.rows)} new contacts with an opt-in, rows a second`, whole(importing.contacts.rowsASecond), '')}
${row('Round trips for 500 such rows', whole(importing.contacts.trips), 'constant')}
${row(`Plans of the index at 100 and at ${whole(count)} contacts`, `${plans.questions} questions of ${plans.filters.length} filters: ${plans.isSame ? 'the same' : 'NOT the same'}`, 'the same')}
${row(`Plans of lists at 100 and at ${whole(count)} contacts`, `${lists.lists.length} kinds of list: ${lists.isSame ? 'the same' : 'NOT the same'}`, 'the same')}
${row('Record page, documents read at 100 and at all', `${record.smallDocuments}, ${record.largeDocuments}`, 'the same')}
${row('Record page, ms at 100 and at all', `${record.smallMs.toFixed(1)}, ${record.largeMs.toFixed(1)}`, '')}
${row('Page of the unfiltered index, ms of the database at 100, at all, the next', [page.small, page.large, page.next].map((ms) => ms.toFixed(1)).join(', '), '')}

A bulk edit of ${whole(bulk.rows)} contacts a round changes each: a conditional write of the subscriber with its event, and one of the contact's facets. By MongoDB's rules
every filter with every sort is one scan of one index.${
    sorts
      ? ' This database reads all keys of the index that match and sorts them, whatever the index offers: its pages are right, and their time says nothing of MongoDB’s.'
      : ''
  }
`;
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en');
}

/** Declares the API of imports, of opt-out lists and of contacts. */
import { z } from 'zod';
import { encodings } from '../../../csv/encoding.js';
import { decimalMarks } from '../../../models/contact-import.js';
import { importKinds, importStates } from '../../../models/import.js';
import { jobStates } from '../../../models/job.js';
import { apiPaths } from '../../../paths.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { channel, idParams, queryNumber, time, unitIds } from '../schemas.js';

const columnsInput = z.record(z.string(), z.string());

/** Parameters that only one kind of list has. */
const ofOptOuts = {
  businessUnitId: queryNumber.optional().meta({ description: 'Absent: the whole account.' }),
  channel: channel.optional().meta({ description: 'Absent: EMAIL.' }),
  column: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'Name of the column with the addresses. Absent: the proposed one.' }),
};
const ofContacts = {
  columns: z
    .string()
    .max(20_000)
    .transform((text, context) => {
      const read = columnsInput.safeParse(jsonIn(text));
      if (read.success) return read.data;
      context.addIssue({ code: 'custom', message: 'is not a JSON object with texts' });
      return z.NEVER;
    })
    .optional()
    .meta({
      description: 'JSON: the place of each column, by the column’s name. Absent: the proposed ones.',
    }),
  businessUnitIds: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, 'is not a list of ids such as 1,2')
    .transform((text) => text.split(',').map(Number))
    .optional()
    .meta({ description: 'Ids with commas between them.' }),
  processingBasis: z.enum(legalBases).optional(),
  emptyClears: z.stringbool().optional().meta({ description: 'true: an empty cell removes the value.' }),
  dateOrder: z.enum(['DMY', 'MDY']).optional(),
  decimalMark: z.enum(decimalMarks).optional(),
  legalBasis: z.enum(legalBases).optional(),
  explanation: z.string().max(1000).optional(),
};

const startQuery = z
  .strictObject({
    kind: z.enum(['OPT_OUTS', 'CONTACTS']).default('OPT_OUTS'),
    name: z.string().min(1).max(200).optional().meta({ description: 'The name of the file.' }),
    ...ofOptOuts,
    ...ofContacts,
  })
  .superRefine((query, context) => {
    const others = query.kind === 'CONTACTS' ? ofOptOuts : ofContacts;
    for (const [name, value] of Object.entries(query))
      if (value !== undefined && name in others)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `is not for imports of the kind ${query.kind}`,
        });
  });

const confirmationBody = z
  .strictObject({
    number: z
      .int()
      .optional()
      .meta({ description: '`counts.distinct` of an opt-out list; absent for contacts.' }),
    revision: z.int().meta({ description: 'Of the same answer.' }),
  })
  .meta({ id: 'ImportConfirmation' });
const listQuery = z.strictObject({
  before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
});

const counts = z.record(z.string(), z.int()).nullable();

const importAbout = {
  id: z.string(),
  kind: z.enum(importKinds),
  state: z.enum(importStates),
  businessUnitId: z.int().nullable().meta({ description: 'Null: the whole account, and for contacts.' }),
  businessUnitIds: unitIds.optional().meta({ description: 'Of contacts only.' }),
  channel,
  file: z.strictObject({ name: z.string(), size: z.int() }).nullable(),
  choice: z
    .looseObject({
      encoding: z.enum(encodings).optional(),
      headerLine: z.int().nullable(),
      column: z.int().nullable(),
    })
    .nullable(),
  revision: z.int(),
  fault: z.string().nullable(),
  counts: counts.meta({
    description:
      'What the check found. `damaged` rows of an opt-out list have, for example, a quotation mark that is never closed. Their addresses count all the same. The first is in `firstDamagedLine`.',
  }),
  result: counts.meta({ description: 'What the import did.' }),
  undoes: z.string().nullable(),
  undoneBy: z.string().nullable(),
  ...{ createdAt: time, confirmedAt: time.nullable(), endedAt: time.nullable() },
};
const importAnswer = z
  .strictObject({
    ...importAbout,
    progress: z
      .strictObject({ state: z.enum(jobStates), done: z.int(), total: z.int().nullable() })
      .nullable(),
  })
  .meta({ id: 'Import' });
const csv = { types: ['text/csv'] } as const;

const about = { tag: 'Imports', scopes: ['statuses.write'] } as const;
const one = { ...about, params: idParams };

export const importOperations = [
  operation({
    ...{ ...about, id: 'startImport', method: 'POST', path: apiPaths.imports },
    summary: 'Upload a list and check it',
    description: 'The body is the file itself: CSV or XLSX.',
    query: startQuery,
    upload: { types: ['text/csv', 'application/octet-stream'] },
    answers: { 202: importAnswer },
    faults: [404, 409],
    isOptOut: ({ query }) => query.kind === 'OPT_OUTS',
    load: async () => (await import('../imports.js')).uploadImport,
  }),
  operation({
    ...{ ...about, id: 'getImports', method: 'GET', path: apiPaths.imports },
    summary: 'Read the imports and undos, newest first',
    query: listQuery,
    answers: {
      200: z.strictObject({
        imports: z.array(z.strictObject(importAbout).meta({ id: 'ImportSummary' })),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../imports.js')).showImports,
  }),
  operation({
    ...{ ...one, id: 'getImport', method: 'GET', path: '/api/v1/imports/:id' },
    summary: 'Read the state, counts and result of an import',
    answers: { 200: importAnswer },
    load: async () => (await import('../imports.js')).showImport,
  }),
  operation({
    ...{ ...one, id: 'confirmImport', method: 'POST', path: '/api/v1/imports/:id/confirmation' },
    summary: 'Start a checked import',
    body: confirmationBody,
    answers: { 202: importAnswer },
    faults: [409],
    isOptOut: () => true,
    load: async () => (await import('../imports.js')).confirm,
  }),
  operation({
    ...{ ...one, id: 'undoImport', method: 'POST', path: '/api/v1/imports/:id/undo' },
    summary: 'Undo an import',
    description: 'The answer is the undo, which is itself an import.',
    answers: { 202: importAnswer },
    faults: [409],
    load: async () => (await import('../imports.js')).undo,
  }),
  operation({
    ...{ ...one, id: 'getRejectedRows', method: 'GET', path: '/api/v1/imports/:id/rejected' },
    summary: 'Download the rejected rows',
    answers: { 200: csv },
    load: async () => (await import('../imports.js')).sendRejected,
  }),
  operation({
    ...{ ...one, id: 'getContactResults', method: 'GET', path: '/api/v1/imports/:id/results' },
    summary: 'Download the result of each row of an import of contacts',
    answers: { 200: csv },
    load: async () => (await import('../imports.js')).sendResults,
  }),
];

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

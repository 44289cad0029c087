/** Declares the API of imports, of opt-out lists and of contacts. */
import { z } from 'zod';
import { encodings } from '../../../csv/encoding.js';
import { cursorOrFault, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import {
  checkImport,
  confirmImport,
  contactResults,
  rejectedRows,
  undoImport,
} from '../../../domain/imports/operations.js';
import { decimalMarks } from '../../../models/contact-import.js';
import { importKinds, importStates, findImport, findImports } from '../../../models/import.js';
import { jobStates } from '../../../models/job.js';
import { apiPaths } from '../../../paths.js';
import { legalBases } from '../../../vocabulary/terms.js';
import {
  perPage,
  requireScopesOf,
  reached,
  startOptOuts,
  startContacts,
  sending,
  answerOf,
  audit,
  aboutImport,
} from '../imports.js';
import { operation } from '../operation.js';
import { channel, idParams, queryNumber, time, unitIds, beforeQuery, nextBefore } from '../schemas.js';

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
    /**
     * The body is the file itself. A caller whose connection breaks sends it again, and nothing is left of the first. A repeat gives the import of the first
     * call if its check had begun.
     */
    run: async (deps, caller, upload) => {
      const { kind } = upload.query;
      requireScopesOf(kind, caller);
      const which = { id: upload.callId, scope: caller.scope };
      const known = await findImport(deps.models, which.id, which.scope);
      if (known && known.state !== 'CHOOSING') {
        for await (const _part of upload.bytes);
        return answerOf(deps, which);
      }
      await deps.models.imports.deleteOne({ _id: which.id, state: 'CHOOSING' });
      await (kind === 'CONTACTS' ? startContacts : startOptOuts)(deps, caller, upload);
      await audit(deps, caller, 'IMPORT_CHECK', await checkImport(deps, which));
      return answerOf(deps, which);
    },
  }),
  operation({
    ...{ ...about, id: 'getImports', method: 'GET', path: apiPaths.imports },
    summary: 'Read the imports and undos, newest first',
    query: beforeQuery,
    answers: {
      200: z.strictObject({
        imports: z.array(z.strictObject(importAbout).meta({ id: 'ImportSummary' })),
        before: nextBefore,
      }),
    },
    run: async (deps, { scope }, { query }) => {
      const before = cursorOrFault('before', query.before, timeAndId);
      const found = await findImports(deps.models, { scope, before, limit: perPage + 1 });
      const { page, next } = pageIn(found, perPage, placeInTime);
      return { body: { imports: page.map(aboutImport), before: next } };
    },
  }),
  operation({
    ...{ ...one, id: 'getImport', method: 'GET', path: '/api/v1/imports/:id' },
    summary: 'Read the state, counts and result of an import',
    answers: { 200: importAnswer },
    run: async (deps, caller, { params }) => answerOf(deps, await reached(deps, caller, params)),
  }),
  operation({
    ...{ ...one, id: 'confirmImport', method: 'POST', path: '/api/v1/imports/:id/confirmation' },
    summary: 'Start a checked import',
    body: confirmationBody,
    answers: { 202: importAnswer },
    faults: [409],
    isOptOut: () => true,
    run: async (deps, caller, { params, body }) => {
      const which = await reached(deps, caller, params);
      await audit(deps, caller, 'IMPORT_RUN', await confirmImport(deps, which, body));
      return answerOf(deps, which);
    },
  }),
  operation({
    ...{ ...one, id: 'undoImport', method: 'POST', path: '/api/v1/imports/:id/undo' },
    summary: 'Undo an import',
    description: 'The answer is the undo, which is itself an import.',
    answers: { 202: importAnswer },
    faults: [409],
    run: async (deps, caller, { params }) => {
      const which = await reached(deps, caller, params);
      const made = await undoImport(deps, which, caller.ref);
      await audit(deps, caller, 'IMPORT_UNDO', made);
      return answerOf(deps, { ...which, id: made._id });
    },
  }),
  operation({
    ...{ ...one, id: 'getRejectedRows', method: 'GET', path: '/api/v1/imports/:id/rejected' },
    summary: 'Download the rejected rows',
    answers: { 200: csv },
    run: sending(rejectedRows),
  }),
  operation({
    ...{ ...one, id: 'getContactResults', method: 'GET', path: '/api/v1/imports/:id/results' },
    summary: 'Download the result of each row of an import of contacts',
    answers: { 200: csv },
    run: sending(contactResults),
  }),
];

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

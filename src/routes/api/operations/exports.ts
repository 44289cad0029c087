/** Declares the API of exports. */
import { z } from 'zod';
import { allExports } from '../../../domain/exports/registry.js';
import { jobStates } from '../../../models/job.js';
import { operation } from '../operation.js';
import { idParams, time } from '../schemas.js';

const exportBody = z
  .looseObject({ export: z.enum(allExports.map(({ name }) => name)) })
  .meta({ id: 'ExportRequest', description: 'The export and its own choices.' });

const exportAnswer = z
  .strictObject({
    ...{ id: z.string(), state: z.enum(jobStates), rows: z.int(), createdAt: time, endedAt: time.nullable() },
    file: z.strictObject({ bytes: z.int(), expiresAt: time }).nullable(),
  })
  .meta({ id: 'Export' });

const about = { tag: 'Exports', scopes: ['exports'] } as const;

export const exportOperations = [
  operation({
    ...{ ...about, id: 'startExport', method: 'POST', path: '/api/v1/exports' },
    summary: 'Ask for an export; a job makes its file',
    body: exportBody,
    answers: { 202: exportAnswer },
    faults: [404],
    load: async () => (await import('../exports.js')).askForExport,
  }),
  operation({
    ...{ ...about, id: 'getExports', method: 'GET', path: '/api/v1/exports' },
    summary: 'Read the exports of the key’s business units, newest first',
    query: z.strictObject({
      before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(exportAnswer),
        before: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    load: async () => (await import('../exports.js')).showExports,
  }),
  operation({
    ...{ ...about, id: 'getExport', method: 'GET', path: '/api/v1/exports/:id' },
    summary: 'Read the state of an export',
    params: idParams,
    answers: { 200: exportAnswer },
    load: async () => (await import('../exports.js')).showExport,
  }),
  operation({
    ...{ ...about, id: 'getExportFile', method: 'GET', path: '/api/v1/exports/:id/file' },
    summary: 'Download the file of an export',
    params: idParams,
    answers: { 200: { types: ['text/csv', 'application/x-ndjson'] } },
    load: async () => (await import('../exports.js')).sendExport,
  }),
];

/** Reads a form with one large file: the fields before the file at once, and the file as a stream that the route reads. */
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import express from 'express';
import type { Request, RequestHandler } from 'express';
import { DomainError } from '../../errors.js';

export interface StreamedUpload {
  /** The last part of its path. */
  fileName: string;
  bytes: Readable;
}

const uploads = new WeakMap<Request, StreamedUpload>();
const most = { fields: 20, nameBytes: 100, valueBytes: 4096 };

/** The file of the form; undefined if none was chosen. */
export function streamedUploadOf(request: Request): StreamedUpload | undefined {
  return uploads.get(request);
}

/**
 * A parser for `parse` of a route. The fields that stand before the file go to `request.body`. Bytes arrive only as fast as the route reads them.
 * @param field name of the file's field
 */
export function formWithStream(field: string): RequestHandler {
  const plain = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 100 });
  return (request, response, next) => {
    if (!request.is('multipart/form-data')) return plain(request, response, next);
    // What the route did not read is discarded, so that the answer reaches a browser that is still sending.
    response.once('finish', () => (uploads.get(request)?.bytes ?? request).resume());
    beginOf(request, field).then(
      (fields) => {
        request.body = fields;
        next();
      },
      (error: unknown) => next(error),
    );
  };
}

/** @returns the fields, once the file begins or the form has none */
function beginOf(request: Request, field: string): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, string> = {};
    const refuse = (cause?: unknown) => {
      request.unpipe();
      request.resume();
      const error = new DomainError('INVALID_FORM', 'The form could not be read.', { cause });
      // A route that reads the file already gets the error there.
      uploads.get(request)?.bytes.destroy(error);
      reject(error);
    };
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: {
          fields: most.fields,
          fieldNameSize: most.nameBytes,
          fieldSize: most.valueBytes,
          files: 1,
          parts: most.fields + 1,
          headerPairs: 20,
        },
      });
    } catch (error) {
      return refuse(error);
    }
    parser.on('field', (name, value, isNameCut, isValueCut) => {
      if (isNameCut || isValueCut || Object.hasOwn(fields, name)) return refuse();
      fields[name] = value;
    });
    parser.on('file', (name, stream, fileName) => {
      stream.on('error', refuse);
      if (name !== field || !fileName) return void stream.resume();
      uploads.set(request, { fileName, bytes: stream });
      resolve(fields);
    });
    parser.on('error', refuse);
    parser.on('finish', () => resolve(fields));
    request.on('aborted', () => refuse());
    request.pipe(parser);
  });
}

/** Reads a form with one file, limited in fields: the file into memory, or as a stream that the route reads. */
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import express from 'express';
import type { Request, RequestHandler } from 'express';
import { DomainError } from '../../errors.js';

export interface Upload {
  /** The last part of its path; only its extension is used. */
  fileName: string;
  bytes: Buffer;
  /** It was larger than allowed, and only its beginning is here. */
  isTruncated: boolean;
}

export interface StreamedUpload {
  /** The last part of its path. */
  fileName: string;
  bytes: Readable;
}

const uploads = new WeakMap<Request, Upload>();
const streams = new WeakMap<Request, StreamedUpload>();

/** The file of a form with `formWithFile`; undefined if none was chosen. */
export const uploadOf = (request: Request): Upload | undefined => uploads.get(request);

/** The file of a form with `formWithStream`; undefined if none was chosen. */
export const streamedUploadOf = (request: Request): StreamedUpload | undefined => streams.get(request);

const most = { fields: 200, nameBytes: 100, valueBytes: 4096 };

/**
 * A parser for `parse` of a route: fields go to `request.body`, as those of every form, and the file to `uploadOf`. A form without a file may come in
 * the ordinary encoding.
 * @param field name of the file's field
 * @param mostBytes of the file
 */
export function formWithFile(field: string, mostBytes: number): RequestHandler {
  return formReader(field, mostBytes, (request, fileName, stream) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () =>
      uploads.set(request, {
        fileName,
        bytes: Buffer.concat(parts),
        isTruncated: Boolean(stream.truncated),
      }),
    );
  });
}

/**
 * The same, but the file goes to `streamedUploadOf`, and its bytes arrive only as fast as the route reads them. `request.body` has the fields that
 * stand before the file.
 */
export function formWithStream(field: string): RequestHandler {
  return formReader(field, Infinity, (request, fileName, bytes, begin) => {
    streams.set(request, { fileName, bytes });
    begin();
  });
}

/** Takes the file of the form. `begin` calls the route before the end of the form. */
type Take = (request: Request, fileName: string, stream: BusboyFileStream, begin: () => void) => void;

function formReader(field: string, mostBytes: number, take: Take): RequestHandler {
  const plain = express.urlencoded({ extended: false, limit: '512kb', parameterLimit: 1000 });
  return (request, response, next) => {
    if (!request.is('multipart/form-data')) return plain(request, response, next);
    // What the route did not read is discarded, so that the answer reaches a browser that is still sending.
    response.once('finish', () => (streams.get(request)?.bytes ?? request).resume());
    readForm(request, field, mostBytes, take).then(
      (fields) => {
        request.body = fields;
        next();
      },
      (error: unknown) => next(error),
    );
  };
}

/** @throws DomainError `INVALID_FORM` for another kind of body, an incomplete one, or one that is larger than the portal's forms */
function readForm(
  request: Request,
  field: string,
  mostBytes: number,
  take: Take,
): Promise<Record<string, string | string[]>> {
  return new Promise((resolve, reject) => {
    const refuse = (cause?: unknown) => {
      request.unpipe();
      request.resume();
      const error = new DomainError('INVALID_FORM', 'The form could not be read.', { cause });
      // A route that reads the file already gets the error there.
      streams.get(request)?.bytes.destroy(error);
      reject(error);
    };
    const fields = new Map<string, string[]>();
    const begin = () =>
      resolve(
        Object.fromEntries(
          [...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
        ),
      );
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: {
          fields: most.fields,
          fieldNameSize: most.nameBytes,
          fieldSize: most.valueBytes,
          files: 1,
          fileSize: mostBytes,
          parts: most.fields + 1,
          headerPairs: 20,
        },
      });
    } catch (error) {
      return refuse(error);
    }
    parser.on('field', (name, value, isNameCut, isValueCut) => {
      if (isNameCut || isValueCut) return refuse();
      fields.set(name, [...(fields.get(name) ?? []), value]);
    });
    parser.on('file', (name, stream, fileName) => {
      stream.on('error', refuse);
      // An empty file field comes as a file without a name.
      if (name !== field || !fileName) return void stream.resume();
      take(request, fileName, stream, begin);
    });
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const)
      parser.on(limit, () => refuse());
    parser.on('error', refuse);
    parser.on('finish', begin);
    request.on('aborted', () => refuse());
    request.pipe(parser);
  });
}

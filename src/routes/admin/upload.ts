/** Reads a form with one file: limited in bytes and fields, into memory. */
import { Busboy, type BusboyInstance } from '@fastify/busboy';
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

const uploads = new WeakMap<Request, Upload>();

/** The file of the form; undefined if none was chosen. */
export function uploadOf(request: Request): Upload | undefined {
  return uploads.get(request);
}

const most = { fields: 200, nameBytes: 100, valueBytes: 4096 };

/**
 * A parser for `parse` of a route: fields go to `request.body`, as those of every form, and the file to `uploadOf`. A form without a file may come in
 * the ordinary encoding.
 * @param field name of the file's field
 * @param mostBytes of the file
 */
export function formWithFile(field: string, mostBytes: number): RequestHandler {
  const plain = express.urlencoded({ extended: false, limit: '512kb', parameterLimit: 1000 });
  return (request, response, next) => {
    if (!request.is('multipart/form-data')) return plain(request, response, next);
    readForm(request, field, mostBytes).then(
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
): Promise<Record<string, string | string[]>> {
  return new Promise((resolve, reject) => {
    const refuse = (cause?: unknown) => {
      request.unpipe();
      // The rest is read and discarded, so that the answer reaches a browser that is still sending.
      request.resume();
      reject(new DomainError('INVALID_FORM', 'The form could not be read.', { cause }));
    };
    const fields = new Map<string, string[]>();
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
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('error', refuse);
      stream.on('end', () => {
        const bytes = Buffer.concat(parts);
        // An empty file field comes as a file without a name.
        if (name === field && fileName)
          uploads.set(request, { fileName, bytes, isTruncated: Boolean(stream.truncated) });
      });
    });
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const)
      parser.on(limit, () => refuse());
    parser.on('error', refuse);
    parser.on('finish', () =>
      resolve(
        Object.fromEntries(
          [...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
        ),
      ),
    );
    request.on('aborted', refuse);
    request.pipe(parser);
  });
}

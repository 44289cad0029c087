/** Keeps every answer of the API that a test portal gives, whatever client asks, so that all are compared with the OpenAPI document (`api-contract.ts`). */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { apiPaths, isApiPath, patterns } from '../../src/paths.js';

export interface KeptAnswer {
  method: string;
  path: string;
  status: number;
  /** The media type without parameters. */
  type: string | undefined;
  /** The body, of JSON only. */
  text: string;
}

/** @returns the answers so far */
export function keepAnswers(server: Server): KeptAnswer[] {
  const answers: KeptAnswer[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    const [path = ''] = url.split('?');
    // The document and its page are no calls.
    if (!isApiPath(path) || path === patterns.api || path === apiPaths.document) return;
    const parts: Buffer[] = [];
    const typeOf = () => response.getHeader('content-type')?.toString().split(';')[0];
    const keep = (part: unknown) => {
      const isText = typeof part === 'string' || part instanceof Uint8Array;
      if (isText && typeOf() === 'application/json') parts.push(Buffer.from(part));
    };
    const { write, end } = response;
    response.write = (...given: unknown[]) => {
      keep(given[0]);
      return Reflect.apply(write, response, given);
    };
    response.end = (...given: unknown[]) => {
      keep(given[0]);
      return Reflect.apply(end, response, given);
    };
    response.once('finish', () => {
      const text = Buffer.concat(parts).toString();
      answers.push({ method, path, status: response.statusCode, type: typeOf(), text });
    });
  });
  return answers;
}

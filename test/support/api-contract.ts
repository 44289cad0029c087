/** Checks every answer of the API that a test portal gives against the OpenAPI document that it serves. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openApiDocument } from '../../src/routes/api/openapi.js';
import type { KeptAnswer } from './kept-answers.js';

/** @returns what is wrong with each answer that the document does not describe, without bodies */
export function mismatches(answers: readonly KeptAnswer[], baseUrl: string): string[] {
  // The portals of a process have one document, apart from their address.
  const check = (known ??= checkOf(openApiDocument(baseUrl)));
  return answers.flatMap((answer) => {
    const fault = check(answer);
    return fault ? [`${answer.method} ${answer.path} ${answer.status}: ${fault}`] : [];
  });
}

/** @returns what is wrong with an answer, in a few words; null if the document describes it */
type Check = (answer: KeptAnswer) => string | null;

let known: Check | undefined;

/** Makes the check of a document. Schemas are compiled when an answer first needs them. */
export function checkOf(document: object): Check {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  const paths = Object.keys(Object(Object(document)['paths'])).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
    parameters: path.split('{').length,
  }));
  paths.sort((one, other) => one.parameters - other.parameters);

  /** @param place a JSON pointer into the document, RFC 6901 */
  const mismatch = (place: string, text: string): string | null => {
    const isValid = ajv.getSchema(`document#${place}`);
    if (!isValid) return `there is no schema at ${place}`;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return 'the body is not JSON';
    }
    if (isValid(body)) return null;
    const errors = (isValid.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    );
    return errors.slice(0, 5).join('; ');
  };

  return ({ method, path, status, type, text }) => {
    const found = paths.find(({ pattern }) => pattern.test(path));
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const described: unknown = found && Object(Object(Object(document)['paths'])[found.path])[verb];
    if (!found || !described) {
      const expected = found ? 405 : 404;
      if (status !== expected) return `expected ${expected} for what the document does not have`;
      if (type !== 'application/json') return `the media type is ${type}`;
      return method === 'HEAD' ? null : mismatch('/components/schemas/Error', text);
    }
    const answer: unknown = Object(Object(described)['responses'])[status];
    if (!answer) return 'the status is not in the document';
    const content: unknown = Object(answer)['content'];
    if (!content) return text === '' ? null : 'the document says that there is no body';
    if (type === undefined || !Object(content)[type]) return `the media type ${type} is not in the document`;
    if (type !== 'application/json' || method === 'HEAD') return null;
    const place = ['', 'paths', found.path, verb, 'responses', String(status), 'content', type, 'schema'];
    return mismatch(place.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/'), text);
  };
}

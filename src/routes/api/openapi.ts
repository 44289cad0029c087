/** The OpenAPI 3.1 document, made from the declared operations. */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type {
  ApiDocument,
  DocumentContent,
  DocumentOperation,
  DocumentParameter,
  Schema,
} from './api-document.js';
import { exampleFor } from './example-values.js';
import type { Operation, Stream } from './operation.js';
import { operations } from './registry.js';

const fault = z
  .looseObject({
    ...{ status: z.literal('error'), message: z.string(), correlationId: z.uuid(), category: z.string() },
    errors: z.array(z.looseObject({ message: z.string() })).optional(),
  })
  .meta({ id: 'Error', description: 'What is wrong, for people and for programs.' });

const idempotencyKey = {
  ...{ name: 'Idempotency-Key', in: 'header', required: false },
  description:
    'A repeat with the same key gets the first answer, for 24 hours. Another request with it gets 422. While the first one runs, a repeat gets 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** Faults that every operation has. */
const everywhere = [400, 401, 403, 429, 500, 503];

/** @param baseUrl of the portal, without a slash at its end */
export function openApiDocument(baseUrl: string): ApiDocument {
  const { openapi, info, ...rest } = (described ??= describe());
  return { openapi, info, servers: [{ url: baseUrl }], ...rest };
}

/** The document without the portal's address: it depends on the program alone, and takes hundreds of milliseconds. */
let described: Omit<ApiDocument, 'servers'> | undefined;

function describe(): Omit<ApiDocument, 'servers'> {
  const schemas: Record<string, Schema> = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
    hoisted(jsonSchemaOf(schema, io), schemas);
  const paths: ApiDocument['paths'] = {};
  for (const one of operations) {
    const path = one.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one, schemaOf, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sayso', version: '1', description: 'The API of this portal.' },
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  };
}

function operationOf(
  one: Operation,
  schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Schema,
  schemas: Record<string, Schema>,
): DocumentOperation {
  const faults = [
    ...everywhere,
    ...(one.faults ?? []),
    ...(one.path.includes(':') ? [404] : []),
    ...(one.body ? [408, 413, 415] : []),
    ...(one.upload ? [408] : []),
    ...(one.keepsAnswer ? [409, 422] : []),
  ];
  const of = (content: z.ZodType | Stream, io: 'input' | 'output'): DocumentContent => {
    if (content instanceof z.ZodType) {
      const schema = schemaOf(content, io);
      return {
        'application/json': { schema, ...(io === 'input' && { example: exampleFor(schema, schemas) }) },
      };
    }
    const line = io === 'input' && content.line ? exampleFor(schemaOf(content.line, io), schemas) : null;
    const schema: Schema = { type: 'string' };
    return Object.fromEntries(
      content.types.map((type) => [
        type,
        { schema, ...(line !== null && { example: `${JSON.stringify(line)}\n` }) },
      ]),
    );
  };
  const parametersOf = (place: 'path' | 'query', { properties = {}, required = [] }: Schema) =>
    Object.entries(properties).flatMap(([name, schema]): DocumentParameter[] => {
      if (typeof schema === 'boolean') return [];
      const isRequired = place === 'path' || required.includes(name);
      const example = isRequired && { example: exampleFor(schema, schemas, name) };
      return [{ name, in: place, required: isRequired, schema, ...example }];
    });
  const content = one.body ?? one.upload;
  return {
    operationId: one.id,
    tags: [one.tag],
    summary: one.summary,
    ...(one.description && { description: one.description }),
    security: [{ key: one.scopes }],
    parameters: [
      ...parametersOf('path', schemaOf(one.params, 'input')),
      ...parametersOf('query', schemaOf(one.query, 'input')),
      ...(one.keepsAnswer ? [idempotencyKey] : []),
    ],
    ...(content && { requestBody: { required: true, content: of(content, 'input') } }),
    responses: Object.fromEntries([
      ...Object.entries(one.answers).map(([status, answer]) => [
        status,
        { description: words(status), ...(answer && { content: of(answer, 'output') }) },
      ]),
      ...[...new Set(faults)].map((status) => [
        status,
        { description: words(status), content: of(fault, 'output') },
      ]),
      // Node answers this one before the portal sees the request.
      [431, { description: words(431) }],
    ]),
  };
}

function words(status: string | number): string {
  return STATUS_CODES[status] ?? 'Answer';
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // The format or the type says the same as these patterns and bounds.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format || jsonSchema.type === 'integer') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}

/** Moves the named schemas to the components of the document. */
function hoisted(schema: Schema, schemas: Record<string, Schema>): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $defs, $schema: _dialect, id: _id, ...own } = Object(JSON.parse(text));
  Object.assign(schemas, $defs);
  return own;
}

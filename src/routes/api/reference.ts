/** The reference page of the API, made from the OpenAPI document. */
import type {
  ApiReferencePage,
  ReferenceContent,
  ReferenceField,
  ReferenceOperation,
  ReferenceSpan,
} from '../../views/api-reference-page.js';
import type { Frame } from '../../views/public-pages.js';
import { apiPaths, isHubspotPath } from '../../paths.js';
import { callsOf, type ApiDocument, type Call, type DocumentContent, type Schema } from './api-document.js';
import { clientExample, curlExample } from './reference-examples.js';

/** @param frame of the page, without a brand */
export function referencePage(document: ApiDocument, frame: Frame): ApiReferencePage {
  const { schemas } = document.components;
  const [{ url: baseUrl } = { url: '' }] = document.servers;
  const calls = callsOf(document);
  return {
    ...frame,
    ...{ baseUrl, documentHref: apiPaths.document },
    tags: document.tags.map(({ name }) => ({
      id: `tag-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`,
      name,
      operations: withoutTwins(calls.filter(({ tags }) => tags.includes(name))).map(([call, twins]) =>
        operationShown(call, twins, document),
      ),
    })),
    schemas: Object.entries(schemas)
      .map(([name, schema]) => ({
        ...{ id: `schema-${name}`, name, sentence: spansOf(schema.description ?? '') },
        ...{ type: typeOf(schema).type, fields: fieldsOf(schema, inAnswers) },
      }))
      .sort((one, other) => one.name.localeCompare(other.name, 'en')),
  };
}

/** HubSpot's calls exist under several prefixes. Calls that differ in nothing else are shown once. */
function withoutTwins(calls: readonly Call[]): [Call, Call[]][] {
  const found = new Map<string, [Call, Call[]]>();
  for (const call of calls) {
    const key = JSON.stringify({ ...call, operationId: '', path: '' });
    const known = found.get(key);
    if (known) known[1].push(call);
    else found.set(key, [call, []]);
  }
  return [...found.values()];
}

function operationShown(call: Call, twins: readonly Call[], document: ApiDocument): ReferenceOperation {
  const places = [
    { heading: 'Parameters of the path', place: 'path' },
    { heading: 'Parameters of the query', place: 'query' },
    { heading: 'Headers', place: 'header' },
  ];
  const responses = Object.entries(call.responses);
  const body = call.requestBody && contentShown(call.requestBody.content, inBodies, document);
  return {
    ...{ id: call.operationId, method: call.method, path: call.path, summary: call.summary },
    otherPaths: twins.map(({ path }) => path),
    sentences: call.description ? call.description.split('\n\n').map(spansOf) : [],
    scopes: call.security.flatMap(({ key }) => key),
    parameters: places
      .map(({ heading, place }) => ({
        heading,
        fields: call.parameters
          .filter((one) => one.in === place)
          .map(({ name, required, schema, description }) =>
            fieldOf(name, schema, inBodies[required ? 0 : 1], inBodies, description),
          ),
      }))
      .filter(({ fields }) => fields.length > 0),
    ...(body && { body }),
    answers: responses
      .filter(([status]) => Number(status) < 400)
      .map(([status, { description, content }]) => ({
        ...{ status, words: description },
        ...(content ? contentShown(content, inAnswers, document) : { type: '', fields: [] }),
      })),
    faults: responses
      .filter(([status]) => Number(status) >= 400)
      .map(([status, { description }]) => ({ status, words: description })),
    curl: curlExample(call, document),
    ...(!isHubspotPath(call.path) && { client: clientExample(call) }),
  };
}

/** A description with its code, which it has between backticks. */
function spansOf(text: string): ReferenceSpan[] {
  return text
    .split('`')
    .map((part, at) => (at % 2 === 0 ? { text: part } : { code: part }))
    .filter((span) => span.text !== '');
}

/** What a field says about itself if it is required, and if it is not. */
type Needs = readonly [isRequired: string, isOptional: string];
const inBodies: Needs = ['required', ''];
const inAnswers: Needs = ['', 'optional'];

function contentShown(content: DocumentContent, needs: Needs, document: ApiDocument): ReferenceContent {
  const json = content['application/json']?.schema;
  if (!json) return { type: Object.keys(content).join(', '), fields: [] };
  const name = nameIn(json);
  return {
    ...typeOf(json),
    fields: fieldsOf(name ? (document.components.schemas[name] ?? {}) : json, needs),
  };
}

/** The fields of an object, of the entries of a list of objects, and of each choice. */
function fieldsOf(schema: Schema, needs: Needs): ReferenceField[] {
  const { properties, required = [], items, additionalProperties } = schema;
  if (properties)
    return Object.entries(properties).map(([name, one]) =>
      fieldOf(name, one, needs[required.includes(name) ? 0 : 1], needs),
    );
  const inner = items ?? additionalProperties;
  const parts = typeof inner === 'object' && !Array.isArray(inner) ? [inner] : choicesOf(schema);
  // A named schema is linked, and described once.
  return parts.flatMap((one) => (nameIn(one) ? [] : fieldsOf(one, needs)));
}

function fieldOf(
  name: string,
  schema: Schema | boolean,
  need: string,
  needs: Needs,
  words?: string,
): ReferenceField {
  const read = typeof schema === 'boolean' ? {} : schema;
  return {
    ...{ name, ...typeOf(read), need },
    sentence: spansOf([words ?? read.description ?? '', limitsOf(read)].filter(Boolean).join(' ')),
    fields: fieldsOf(read, needs),
  };
}

/** A type in words, and a link to the named schema in it. */
function typeOf(schema: Schema | boolean): { type: string; href?: string } {
  if (typeof schema === 'boolean') return { type: 'anything' };
  const name = nameIn(schema);
  if (name) return { type: name, href: `#schema-${name}` };
  if (schema.enum) return { type: schema.enum.map(String).join(' · ') };
  if (schema.const !== undefined) return { type: String(schema.const) };
  const { items, additionalProperties } = schema;
  if (items && !Array.isArray(items)) return inWords('list of', items);
  if (typeof additionalProperties === 'object' && !schema.properties)
    return inWords('object of', additionalProperties);
  const choices = choicesOf(schema).map(typeOf);
  const href = choices.find((one) => one.href)?.href;
  if (choices.length > 0)
    return { type: [...new Set(choices.map(({ type }) => type))].join(' or '), ...(href && { href }) };
  const format = schema.format === 'date-time' ? 'time' : schema.format;
  return { type: format ?? [schema.type ?? 'anything'].flat().join(' or ') };
}

function inWords(words: string, inner: Schema | boolean): { type: string; href?: string } {
  const { type, href } = typeOf(inner);
  const isPlain = /^(string|integer|number|object|time)$/.test(type);
  return { type: `${words} ${type}${isPlain ? 's' : ''}`, ...(href && { href }) };
}

function choicesOf({ anyOf, oneOf, allOf }: Schema): Schema[] {
  return [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])].filter((one) => typeof one === 'object');
}

function nameIn({ $ref }: Schema): string | undefined {
  return $ref?.split('/').at(-1);
}

function limitsOf({
  minLength,
  maxLength,
  minItems,
  maxItems,
  minimum,
  maximum,
  default: standard,
}: Schema): string {
  const range = (least: number | undefined, most: number | undefined, unit: string) => {
    if (most !== undefined)
      return `${least ? `${least} to ` : 'At most '}${most.toLocaleString('en')}${unit}.`;
    return least ? `At least ${least}${unit}.` : '';
  };
  return [
    range(minLength === 1 ? undefined : minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
    range(minimum, maximum === 999_999_999 ? undefined : maximum, ''),
    String(standard ?? '') === '' ? '' : `Without it: ${String(standard)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

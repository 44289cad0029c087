/** Examples of a call: values that its schemas accept, as a curl line and with the client's package. */
import type { ApiDocument, Call, Schema } from './openapi.js';

/** Values that say more than "text". */
const byName: Readonly<Record<string, string>> = {
  ...{ email: 'ann@example.com', address: 'ann@example.com', emailAddress: 'ann@example.com' },
  ...{
    subscriberIdString: 'ann@example.com',
    phone: '+4790000001',
    explanation: 'She asked for it by phone.',
  },
  ...{ url: 'https://shop.example.com/webhooks', name: 'Shop' },
  ...{ firstName: 'Ann', lastName: 'Berg', language: 'en' },
};

/** An input that the operation accepts: what is required, and else what says more than nothing. */
export interface ExampleInput {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Absent without a JSON body. */
  body?: unknown;
}

export function exampleOf({ parameters, requestBody }: Call, { components }: ApiDocument): ExampleInput {
  const valueOf = (schema: Schema | boolean, name = ''): unknown => example(schema, components.schemas, name);
  const at = (place: string) =>
    Object.fromEntries(
      parameters
        .filter((one) => one.in === place && one.required)
        .map(({ name, schema }) => [name, valueOf(schema, name)]),
    );
  const json = requestBody?.content['application/json']?.schema;
  return { path: at('path'), query: at('query'), ...(json && { body: valueOf(json) }) };
}

export function curlExample(call: Call, document: ApiDocument): string {
  const { path, query, body } = exampleOf(call, document);
  const [{ url: base } = { url: '' }] = document.servers;
  const at = call.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const [type = ''] = Object.keys(call.requestBody?.content ?? {});
  const isFile = type !== '' && type !== 'application/json';
  const method = body === undefined && !isFile ? 'GET' : 'POST';
  return [
    `curl ${call.method === method ? '' : `--request ${call.method} `}'${base}${at}${search && `?${search}`}'`,
    '--header "Authorization: Bearer $SAYSO_KEY"',
    ...(type ? [`--header 'Content-Type: ${type}'`] : []),
    ...(body === undefined ? [] : [`--data '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`]),
    ...(isFile ? ['--data-binary @FILE'] : []),
  ].join(' \\\n  ');
}

export function clientExample(call: Call, document: ApiDocument): string {
  const { path, query, body } = exampleOf(call, document);
  const params = { ...filled('path', path), ...filled('query', query) };
  const options = { ...filled('params', params), ...(body === undefined ? {} : { body }) };
  const written = Object.keys(options).length > 0 ? `, ${literal(options)}` : '';
  return `const { data } = await sayso.${call.method}('${call.path}'${written});`;
}

function filled(name: string, values: object): Record<string, object> {
  return Object.keys(values).length > 0 ? { [name]: values } : {};
}

/** JSON as it is written in JavaScript: names without quotation marks where that is possible. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
    .replaceAll(/"((?:[^"\\']|\\.)*)"/g, "'$1'");
}

function example(given: Schema | boolean, schemas: Record<string, Schema>, name: string): unknown {
  if (typeof given === 'boolean') return 'text';
  const schema = given.$ref ? (schemas[given.$ref.split('/').at(-1) ?? ''] ?? {}) : given;
  const [said] = Array.isArray(schema.examples) ? schema.examples : [];
  if (said !== undefined) return said;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (choice !== undefined) return example(choice, schemas, name);
  switch ([schema.type ?? ''].flat()[0]) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const shown = required.length > 0 ? required : Object.keys(properties).filter((one) => one in byName);
      return Object.fromEntries(shown.map((one) => [one, example(properties[one] ?? true, schemas, one)]));
    }
    case 'array': {
      const { items } = schema;
      return items && !Array.isArray(items) ? [example(items, schemas, singular(name))] : [];
    }
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return schema.format === 'date-time' ? '2026-01-31T09:00:00Z' : (byName[name] ?? '1');
  }
}

function singular(name: string): string {
  return name.replace(/(ss|s)$/, (ending) => (ending === 'ss' ? 'ss' : ''));
}

/** The example of a call, as a curl line and with the client's package. */
import type { ApiDocument, Call } from './api-document.js';

/** The examples of a call's parts, as the document has them. */
export interface ExampleInput {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  /** Absent without a JSON body. */
  body?: unknown;
}

export function exampleOf({ parameters, requestBody }: Call): ExampleInput {
  const at = (place: string) =>
    Object.fromEntries(
      parameters
        .filter((one) => one.in === place && one.required)
        .map(({ name, example }) => [name, example]),
    );
  const json = requestBody?.content['application/json'];
  return { path: at('path'), query: at('query'), ...(json && { body: json.example }) };
}

export function curlExample(call: Call, document: ApiDocument): string {
  const { path, query, body } = exampleOf(call);
  const [{ url: base } = { url: '' }] = document.servers;
  const at = call.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const [[type, sent] = ['', null]] = Object.entries(call.requestBody?.content ?? {});
  const isFile = type !== '' && type !== 'application/json';
  const method = body === undefined && !isFile ? 'GET' : 'POST';
  return [
    `curl ${call.method === method ? '' : `--request ${call.method} `}'${base}${at}${search && `?${search}`}'`,
    '--header "Authorization: Bearer $SAYSO_KEY"',
    ...(type ? [`--header 'Content-Type: ${type}'`] : []),
    ...(body === undefined ? [] : [`--data ${quoted(JSON.stringify(body))}`]),
    ...(isFile
      ? [`--data-binary ${typeof sent?.example === 'string' ? quoted(sent.example.trim()) : '@FILE'}`]
      : []),
  ].join(' \\\n  ');
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function clientExample(call: Call): string {
  const { path, query, body } = exampleOf(call);
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

/** Declaration of an API operation: everything that routing, checks, the OpenAPI document and the reference page need. */
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import type { ApiScope } from '../../models/api-key.js';
import { faultSentence } from '../../vocabulary/fault-words.js';
import { dialectOf, type Dialect } from './dialects.js';

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof methods)[number];

/** What a handler gets: each part as its schema returns it. `bytes` is the unread body of an operation that declares `upload`. */
export interface Input<P = unknown, Q = unknown, B = unknown> {
  params: P;
  query: Q;
  body: B;
  bytes: AsyncIterable<Uint8Array>;
}

/** The name of a call. What it creates has this id or keeps it, so that a repeat with the same `Idempotency-Key` after a kill creates no second one. */
export interface Named {
  callId: string;
}

/** What a handler returns. Without a status it is the first declared one. `stream` is sent as it comes, for files and NDJSON. */
export type Answer =
  | { status?: number; body?: unknown; headers?: Record<string, string> }
  | { stream: AsyncIterable<string | Uint8Array>; type: string; headers?: Record<string, string> };

export type Handler<I> = (deps: Deps, caller: ApiCaller, input: I) => Promise<Answer>;

/** A body that is not one JSON document: its media types, and for NDJSON the schema of a line. */
export interface Stream {
  types: readonly [string, ...string[]];
  line?: z.ZodType;
}

interface Facts {
  /** Unique; the name of the operation in the document and in clients. */
  id: string;
  method: Method;
  /** The whole path as Express writes it. Its prefix decides the dialect. */
  path: string;
  /** The heading in the reference. */
  tag: string;
  /** One plain sentence without a full stop. */
  summary: string;
  /** More for the reference, if needed. */
  description?: string;
  /** All scopes that the key needs; empty for every key. */
  scopes: readonly ApiScope[];
  /** The body if it is not one JSON document. */
  upload?: Stream;
  /** By status, the successful ones first: a schema of the JSON, a stream, or null for an empty answer. */
  answers: Readonly<Record<number, z.ZodType | Stream | null>>;
  /** Statuses of faults besides those that every operation has. */
  faults?: readonly number[];
}

interface Declaration<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends Facts {
  /** Parameters of the path, as an object. */
  params?: P;
  /** Parameters of the query, as an object of texts. */
  query?: Q;
  body?: B;
  /** True if the call opts somebody out: the rate limit never refuses it. */
  isOptOut?: (input: Input<z.output<P>, z.output<Q>, z.output<B>>) => boolean;
  run: Handler<Input<z.output<P>, z.output<Q>, z.output<B>> & Named>;
}

/** An operation whose types are checked already, so that one registry can hold them all. */
export interface Operation extends Facts {
  dialect: Dialect;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType | undefined;
  mayOptOut: boolean;
  /** Whether a repeat with the same `Idempotency-Key` gets the first answer. Streams of lines are not kept. */
  keepsAnswer: boolean;
  /** Parses a request. @throws DomainError `INVALID_FORM`. Its cause is the zod error, with the name of the `schema` and the `missing` paths */
  prepare: (raw: Input) => {
    isOptOut: boolean;
    run: (deps: Deps, caller: ApiCaller, call: Named) => Promise<Answer>;
  };
}

/** Declares an operation. Own operations use strict objects, so that unknown fields are faults; HubSpot's use plain ones. */
export function operation<
  P extends z.ZodType = z.ZodType<object>,
  Q extends z.ZodType = z.ZodType<object>,
  B extends z.ZodType = z.ZodUndefined,
>({ isOptOut, run, ...declared }: Declaration<P, Q, B>): Operation {
  const dialect = dialectOf(declared.path);
  const read = (raw: Input) => ({
    params: declared.params
      ? parsed('path', declared.params, raw.params)
      : nothing(dialect, 'path', raw.params),
    query: declared.query ? parsed('query', declared.query, raw.query) : nothing(dialect, 'query', raw.query),
    body: declared.body ? parsed('body', declared.body, raw.body) : undefined,
    bytes: raw.bytes,
  });
  return {
    ...declared,
    dialect,
    params: declared.params ?? z.strictObject({}),
    query: declared.query ?? z.strictObject({}),
    body: declared.body,
    mayOptOut: isOptOut !== undefined,
    keepsAnswer: dialect.isStrict && declared.method === 'POST' && !declared.upload?.line,
    prepare: (raw) => {
      // The defaults of the type parameters say what an undeclared part is; TypeScript cannot follow that.
      const input = read(raw) as Input<z.output<P>, z.output<Q>, z.output<B>>;
      return {
        isOptOut: isOptOut?.(input) ?? false,
        run: (deps, caller, call) => run(deps, caller, { ...input, ...call }),
      };
    },
  };
}

/** HubSpot ignores what it does not know. */
function nothing({ isStrict }: Dialect, part: string, value: unknown): unknown {
  return isStrict ? parsed(part, z.strictObject({}), value) : {};
}

function parsed<T extends z.ZodType>(part: string, schema: T, value: unknown): z.output<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues.map((issue) => ({ ...issue, path: [part, ...issue.path] }));
  const [{ path, message } = { path: [part], message: 'cannot be read' }] = issues;
  const cause = Object.assign(new z.ZodError(issues), {
    schema: schema.meta()?.id,
    missing: read.error.issues
      .filter(({ path: at }) => valueAt(value, at) === undefined)
      .map(({ path: at }) => at),
  });
  throw new DomainError('INVALID_FORM', faultSentence(path.join('.'), message), { cause });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => Object(inner)[key], value);
}

/** The object of the reference page of the API. The page is in English, as the document is. */
import type { Frame } from './public-pages.js';

/** A part of a sentence: plain text, or code. */
export type ReferenceSpan = { text: string; code?: undefined } | { text?: undefined; code: string };

/** A field of a body, a part of one, or a parameter. */
export interface ReferenceField {
  name: string;
  /** "string", "list of Contact", "string or null". */
  type: string;
  /** The named schema, described once at the end of the page. */
  href?: string;
  /** "required", "optional" in an answer, or nothing. */
  need: string;
  sentence: ReferenceSpan[];
  /** The fields of an object without a name. */
  fields: ReferenceField[];
}

/** The content of a body or an answer. */
export interface ReferenceContent {
  /** "Contact", "application/json" */
  type: string;
  href?: string;
  fields: ReferenceField[];
}

export interface ReferenceOperation {
  id: string;
  method: string;
  path: string;
  /** The same call under other prefixes. */
  otherPaths: string[];
  summary: string;
  sentences: ReferenceSpan[][];
  scopes: string[];
  parameters: { heading: string; fields: ReferenceField[] }[];
  body?: ReferenceContent;
  answers: (ReferenceContent & { status: string; words: string })[];
  /** Statuses of errors with their names. */
  faults: { status: string; words: string }[];
  curl: string;
  /** With the package of the client; absent for calls that HubSpot's client makes. */
  client?: string;
}

/** `GET /api` */
export interface ApiReferencePage extends Frame {
  baseUrl: string;
  documentHref: string;
  tags: { id: string; name: string; operations: ReferenceOperation[] }[];
  schemas: { id: string; name: string; sentence: ReferenceSpan[]; type: string; fields: ReferenceField[] }[];
}

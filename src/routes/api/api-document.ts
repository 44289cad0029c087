/** The types of the OpenAPI document, as far as Sayso writes it. */
import type { z } from 'zod';

export type Schema = z.core.JSONSchema.BaseSchema;

/** By media type. */
export type DocumentContent = Record<string, { schema: Schema; example?: unknown }>;

export interface DocumentParameter {
  name: string;
  in: string;
  required: boolean;
  description?: string;
  schema: Schema;
  example?: unknown;
}

export interface DocumentOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  /** The scopes that the key needs. */
  security: { key: readonly string[] }[];
  parameters: DocumentParameter[];
  requestBody?: { required: boolean; content: DocumentContent };
  responses: Record<string, { description: string; content?: DocumentContent }>;
}

export interface ApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  /** By path and method. */
  paths: Record<string, Record<string, DocumentOperation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: object };
}

/** A call with its method and path. */
export interface Call extends DocumentOperation {
  method: string;
  path: string;
}

/** Every call of the document. */
export function callsOf({ paths }: ApiDocument): Call[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ ...one, method: method.toUpperCase(), path })),
  );
}

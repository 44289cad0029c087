/** Reads form fields as strings and refuses everything else. */
import type { Request } from 'express';
import { DomainError } from '../../errors.js';

/** A fault of a form: its sentence, and a link to the field. */
export interface FieldFault {
  text: string;
  href: string;
  /** A page that helps. */
  way?: { href: string; text: string };
}

/**
 * Reads one field.
 * @param most maximum length in UTF-16 units
 * @returns empty if the field is missing
 * @throws DomainError `INVALID_FORM` for several fields of the name, and for a text that is too long
 */
export function textOf({ body }: Pick<Request, 'body'>, name: string, most = 1000): string {
  const sent: unknown = Object(body)[name];
  if (sent === undefined) return '';
  if (typeof sent !== 'string' || sent.length > most) throw new DomainError('INVALID_FORM');
  return sent;
}

/** Reads all values of one name, such as ticked boxes. */
export function textsOf({ body }: Pick<Request, 'body'>, name: string, most = 5000): string[] {
  const sent: unknown = Object(body)[name];
  if (sent === undefined) return [];
  const all: unknown[] = Array.isArray(sent) ? sent : [sent];
  const texts = all.filter((one) => typeof one === 'string');
  if (texts.length !== all.length || texts.length > most) throw new DomainError('INVALID_FORM');
  return texts;
}

/** Reads one parameter of the query; undefined if it is missing. */
export function queryOf({ query }: Pick<Request, 'query'>, name: string, most = 500): string | undefined {
  const sent = query[name];
  if (sent === undefined || sent === '') return undefined;
  if (typeof sent !== 'string' || sent.length > most) throw new DomainError('INVALID_FORM');
  return sent;
}

/** Reads what a page and its form are about: from the form, or else from the query. */
export function sentOf(request: Pick<Request, 'method' | 'body' | 'query'>, name: string, most = 40): string {
  return request.method === 'POST' ? textOf(request, name, most) : (queryOf(request, name, most) ?? '');
}

/** Reads a whole number from a form or a path; null for anything else. */
export function wholeOf(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** What a form of the staff's pages sent, as strings: anything else is refused at the edge. */
import type { Request } from 'express';
import { DomainError } from '../../errors.js';

/** A form's fault: its sentence, and the field that it links to. */
export interface FieldFault {
  text: string;
  href: string;
}

/**
 * One field of a form.
 * @param most longest text, in UTF-16 units
 * @returns empty where the field is not there
 * @throws DomainError `INVALID_FORM` for several of one name and for texts that are too long
 */
export function textOf({ body }: Pick<Request, 'body'>, name: string, most = 1000): string {
  const sent: unknown = Object(body)[name];
  if (sent === undefined) return '';
  if (typeof sent !== 'string' || sent.length > most) throw new DomainError('INVALID_FORM');
  return sent;
}

/** All values of one name, such as ticked boxes. */
export function textsOf({ body }: Pick<Request, 'body'>, name: string, most = 5000): string[] {
  const sent: unknown = Object(body)[name];
  if (sent === undefined) return [];
  const all: unknown[] = Array.isArray(sent) ? sent : [sent];
  const texts = all.filter((one) => typeof one === 'string');
  if (texts.length !== all.length || texts.length > most) throw new DomainError('INVALID_FORM');
  return texts;
}

/** One parameter of the query, or nothing. */
export function queryOf({ query }: Pick<Request, 'query'>, name: string, most = 500): string | undefined {
  const sent = query[name];
  if (sent === undefined || sent === '') return undefined;
  if (typeof sent !== 'string' || sent.length > most) throw new DomainError('INVALID_FORM');
  return sent;
}

/** Names of the fields that faults link to. */
export function wrongOf(faults: readonly FieldFault[]): Readonly<Record<string, true>> {
  return Object.fromEntries(faults.map(({ href }) => [href.slice(1), true] as const));
}

/** A whole number out of a form or a path; null for anything else. */
export function wholeOf(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/** Ids of documents that have no natural one. */
import { randomBytes } from 'node:crypto';

/** @returns 72 random bits as 12 letters of base64url. None begins with a hyphen, which the command line would take for an option, and a spreadsheet for a formula. */
export function newId(): string {
  const id = randomBytes(9).toString('base64url');
  return id.startsWith('-') ? newId() : id;
}

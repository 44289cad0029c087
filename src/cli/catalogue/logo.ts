/** Reads the logo of a unit from a file. */
import { readFile } from 'node:fs/promises';
import { faultOfLogoName, logoOf } from '../../domain/catalogue/logo.js';
import type { Logo } from '../../vocabulary/terms.js';

/** @returns the logo, or the fault of the file */
export async function readLogo(file: string): Promise<Logo | string> {
  const fault = faultOfLogoName(file);
  if (fault) return fault;
  try {
    const logo = logoOf(file, await readFile(file));
    return typeof logo === 'string' ? `${logo}: ${file}` : logo;
  } catch {
    return `cannot be read: ${file}`;
  }
}

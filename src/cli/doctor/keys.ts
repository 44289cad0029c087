/** Checks the key file: it parses, can sign, and only its owner can read it. */
import { stat } from 'node:fs/promises';
import { readKeySet } from '../../tokens/keys.js';
import { fault, hint, ok, type Finding } from './finding.js';

/** @param file the path of `TOKEN_KEYS_FILE` */
export async function* examineKeys(file: string): AsyncGenerator<Finding> {
  let keys;
  try {
    keys = await readKeySet(file);
  } catch (error) {
    yield fault('keys', error instanceof Error ? error.message : String(error));
    return;
  }
  const signing = keys.filter((key) => key.signKey);
  if (signing.length > 0)
    yield ok('keys', `${keys.length}, of which ${signing.at(-1)?.kid} signs (${signing.at(-1)?.algorithm})`);
  else
    yield hint(
      'keys',
      `${keys.length}, none of which can sign: right for a process that only serves pages, and no link can be minted here`,
    );

  if (!keys.some((key) => key.hasPrivatePart)) return;
  const { mode } = await stat(file);
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & 0o077) === 0) yield ok('key file', `readable by its owner only (${octal})`);
  else yield fault('key file', `others may read it (${octal}): chmod 600 ${file}`);
}

/** Key files for tests: each in its own temporary folder, with keys of the requested algorithms. */
import { join } from 'node:path';
import { createTokens } from '../../src/tokens/create-tokens.js';
import { rotateKeys } from '../../src/tokens/keys.js';
import type { TokenAlgorithm } from '../../src/config.js';
import type { Tokens } from '../../src/tokens/contract.js';
import { closeAfterwards, temporaryFolder } from './close-afterwards.js';

export const noon = new Date('2026-03-14T12:00:00Z');

/** A path in a new folder, without a file yet. */
export async function emptyKeyFile(): Promise<string> {
  return join(await temporaryFolder(), 'keys.json');
}

/** A key file with a key for each given algorithm. The last one signs. */
export async function keyFileOf(...algorithms: TokenAlgorithm[]): Promise<string> {
  const file = await emptyKeyFile();
  for (const algorithm of algorithms) await rotateKeys(file, algorithm, noon);
  return file;
}

/** Tokens over a key file, which they watch until the end of the test. Warnings are collected. */
export async function tokensOf(
  file: string,
  options: { issuer?: string; algorithm?: TokenAlgorithm; linkLifetimeDays?: number } = {},
): Promise<{ tokens: Tokens; warnings: string[] }> {
  const warnings: string[] = [];
  const tokens = await createTokens({
    file,
    algorithm: options.algorithm ?? 'Ed25519',
    issuer: options.issuer ?? 'sayso',
    linkLifetimeDays: options.linkLifetimeDays ?? 180,
    warn: (message) => warnings.push(message),
  });
  closeAfterwards(() => tokens.stop());
  return { tokens, warnings };
}

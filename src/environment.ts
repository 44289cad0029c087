/** Reads environment variables as text, and secrets from the files that `NAME_FILE` variables name. */
import { readFileSync } from 'node:fs';

/** Variables that may be given as `NAME_FILE`, the path of a file with the value. */
export const secretNames = [
  'MONGODB_URI',
  'SUBSCRIBER_ID_KEY',
  'SMTP_URL',
  'DKIM_PRIVATE_KEY',
  'DKIM_KEYS',
  'INBOUND_SECRET',
  'OIDC_CLIENT_SECRET',
] as const;

/**
 * Reads variables. Empty ones count as not set, since compose files and shells produce them.
 * @param faults receives a sentence for each secret that is given twice or whose file cannot be read
 */
export function readVariables(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
  faults: string[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of names) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  for (const name of secretNames) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (given[name]) faults.push(`${name} and ${name}_FILE are both set; keep one`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      // Without the path: a user may have put the secret itself there by mistake.
      faults.push(`${name}_FILE names a file that cannot be read (${String(Object(error)['code'])})`);
    }
  }
  return given;
}

/**
 * Reads the secrets of a possibly invalid environment, so that output can be cleaned of them.
 * @returns every value of a secret variable, of its `NAME_FILE` variable, and of the file
 */
export function readSecrets(env: NodeJS.ProcessEnv): string[] {
  const read = readVariables(env, secretNames, []);
  return secretNames
    .flatMap((name) => [read[name], env[name], env[`${name}_FILE`]])
    .filter((secret) => secret !== undefined);
}

/** Reads variables of the environment as texts, and secrets from the files that `NAME_FILE` variables name. */
import { readFileSync } from 'node:fs';

/** Variables that may come as `NAME_FILE`, a path whose content is the value. */
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
 * Reads variables. Empty ones count as not set, as compose files and shells leave them.
 * @param faults filled with a sentence for each secret that is given twice or whose file cannot be read
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
      // Without the path: a secret itself is easily put there by mistake.
      faults.push(`${name}_FILE names a file that cannot be read (${String(Object(error)['code'])})`);
    }
  }
  return given;
}

/**
 * Reads the secrets of an environment that may be wrong, for taking them out of what is printed.
 * @returns every value of a secret variable, of its `NAME_FILE` variable, and of the file
 */
export function readSecrets(env: NodeJS.ProcessEnv): string[] {
  const read = readVariables(env, secretNames, []);
  return secretNames
    .flatMap((name) => [read[name], env[name], env[`${name}_FILE`]])
    .filter((secret) => secret !== undefined);
}

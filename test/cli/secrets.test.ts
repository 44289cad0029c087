/** No command prints a secret of its environment: malformed, refused or unused. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { toldFault } from '../../src/cli/fault.js';
import { readConfig, secretsOf } from '../../src/config.js';
import { secretNames } from '../../src/environment.js';
import { createLog } from '../../src/log.js';
import { captureLog, findCanaries } from '../support/canary.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { makeDkimKey } from '../support/dkim.js';
import { keyFileOf } from '../support/key-file.js';
import { runSayso } from '../support/program.js';

const folder = await temporaryFolder();
// One file for all tests, since some run at the same time.
const keyFile = await keyFileOf('Ed25519');

const canaryOf = (name: string) => `canary-of-${name.toLowerCase().replaceAll('_', '-')}-0123456789abcdef`;
/** Real keys; the test looks for one line of each. */
const dkimPems = [makeDkimKey().privateKey.trim(), makeDkimKey().privateKey.trim()] as const;
const canaries = [
  ...[...secretNames, 'OIDC_ISSUER', 'BASE_URL'].map(canaryOf),
  ...dkimPems.flatMap((pem) => pem.split('\n')[5] ?? []),
];

/** Every secret is well-formed, and no server is behind it. */
function wellFormed(): Record<string, string> {
  const values: Record<(typeof secretNames)[number], string> = {
    MONGODB_URI: `mongodb://sayso:${canaryOf('MONGODB_URI')}@127.0.0.1:1/sayso?directConnection=true`,
    SUBSCRIBER_ID_KEY: `${canaryOf('SUBSCRIBER_ID_KEY')}-${'k'.repeat(43)}`,
    SMTP_URL: `smtp://mailer:${canaryOf('SMTP_URL')}@127.0.0.1:1`,
    DKIM_PRIVATE_KEY: dkimPems[0],
    DKIM_KEYS: JSON.stringify({ 'fjell.example': { selector: 'one', privateKey: dkimPems[1] } }),
    INBOUND_SECRET: canaryOf('INBOUND_SECRET'),
    OIDC_CLIENT_SECRET: canaryOf('OIDC_CLIENT_SECRET'),
  };
  return {
    ...values,
    NODE_ENV: 'development',
    BASE_URL: 'http://localhost:8080',
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    DKIM_DOMAIN: 'northwind.example',
    DKIM_SELECTOR: 'one',
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'sayso',
    LOG_LEVEL: 'trace',
  };
}

/** Every secret has a value that no parser accepts as intended. */
const malformed: Record<string, string> = {
  BASE_URL: `http://me:${canaryOf('BASE_URL')}#@localhost:8080`,
  MONGODB_URI: `mongodb://sayso:${canaryOf('MONGODB_URI')}#x@127.0.0.1:1/sayso`,
  SUBSCRIBER_ID_KEY: `${canaryOf('SUBSCRIBER_ID_KEY')}#`,
  SMTP_URL: `smtp://mailer:25#${canaryOf('SMTP_URL')}@127.0.0.1:1`,
  INBOUND_SECRET: 'short',
  OIDC_ISSUER: `https://me:${canaryOf('OIDC_ISSUER')}@login.example.com`,
  // A secret where the name of its file should be.
  OIDC_CLIENT_SECRET_FILE: canaryOf('OIDC_CLIENT_SECRET'),
  DKIM_KEYS_FILE: canaryOf('DKIM_KEYS'),
  DKIM_PRIVATE_KEY_FILE: `-----BEGIN PRIVATE KEY-----\n${canaryOf('DKIM_PRIVATE_KEY')}`,
};

const commands = [
  ['serve', '--worker', '--migrate'],
  ['worker'],
  ['init'],
  ['migrate'],
  ['catalogue', 'import', 'catalogue.json'],
  ['seed'],
  ['doctor'],
  ['user', 'list'],
  ['keys', 'rotate'],
  ['link', 'ann@example.com', '--unit', '0'],
  ['links', '--csv', 'in.csv', '--out', 'out.csv', '--unit', '0'],
  ['send', 'ann@example.com', '--unit', '0'],
  ['history', 'verify', '--all'],
  ['may-send', 'ann@example.com', '--type', '1'],
];

/** Runs a command to its end. @returns all that it printed */
async function printedBy(args: string[], env: Record<string, string>): Promise<string> {
  const cwd = await mkdtemp(join(folder, 'run-'));
  await writeFile(join(cwd, 'in.csv'), 'email\nann@example.com\n');
  await writeFile(join(cwd, 'catalogue.json'), '{}');
  const { out, err } = await runSayso(args, { cwd, env });
  return out + err;
}

it.concurrent.each(commands)(
  '%s prints no secret when no server answers',
  { timeout: 120_000 },
  async (...args) => {
    const signingKeys = [...(await readFile(keyFile, 'utf8')).matchAll(/"d":\s*"([^"]+)"/g)].map(
      ([, key = '']) => key,
    );
    expect(signingKeys).toHaveLength(1);
    const printed = await printedBy(args, { ...wellFormed(), TOKEN_KEYS_FILE: keyFile });
    expect(printed).not.toBe('');
    expect(findCanaries(printed, [...canaries, ...signingKeys])).toEqual([]);
  },
);

it.concurrent('serve names every malformed secret and prints none', { timeout: 120_000 }, async () => {
  const printed = await printedBy(['serve'], { ...wellFormed(), ...malformed });
  for (const name of Object.keys(malformed)) expect(printed).toContain(`\n  ${name} `);
  expect(findCanaries(printed, canaries)).toEqual([]);
});

it('doctor prints no password that the mail server repeats', { timeout: 120_000 }, async () => {
  const smtp = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ password }, _session, done) => done(new Error(`${password} is wrong`)),
  });
  await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(smtp.server.address());
  const printed = await printedBy(['doctor'], {
    ...wellFormed(),
    TOKEN_KEYS_FILE: keyFile,
    SMTP_URL: `smtp://mailer:${canaryOf('SMTP_URL')}@127.0.0.1:${port}`,
  });
  await new Promise<void>((resolve) => smtp.close(resolve));
  expect(printed).toMatch(/FAULT +smtp .*\[secret\] is wrong/);
  expect(findCanaries(printed, canaries)).toEqual([]);
});

it('an unexpected fault and a log line hold no secret, nor the password of a URL', () => {
  const env = wellFormed();
  const config = readConfig({ ...env, TOKEN_KEYS_FILE: 'keys.json' });
  const secrets: Record<string, string | undefined> = { ...env, DKIM_KEYS: dkimPems[1] };
  expect(secretsOf(config).sort()).toEqual(secretNames.map((name) => secrets[name]).sort());
  const fault = new Error(
    [...secretsOf(config), canaryOf('SMTP_URL'), canaryOf('MONGODB_URI')].map((one) => `no ${one}`).join(),
  );
  const captured = captureLog();
  createLog(config, captured).error({ err: fault, note: fault.message }, fault.message);
  expect(captured.lines).toHaveLength(1);
  const told = toldFault(fault, env) + toldFault(fault.message, { ...env, LOG_LEVEL: '' });
  expect(findCanaries(captured.text() + told, canaries)).toEqual([]);
});

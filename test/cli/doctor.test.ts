/** The doctor: what it accepts, what it calls a fault, and that a hint never fails the command. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { examine, type DoctorDeps } from '../../src/cli/doctor/examine.js';
import { type Finding, printFindings } from '../../src/cli/doctor/finding.js';
import { readConfig, type Config } from '../../src/config.js';
import { fingerprintOf } from '../../src/domain/consent/address.js';
import { connect } from '../../src/models/connect.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { migrate } from '../../src/migrations.js';
import { listening } from '../support/close-afterwards.js';
import { openTestDatabase } from '../support/connection.js';
import { findCanaries } from '../support/canary.js';
import { keyFileOf } from '../support/key-file.js';

const key = 'k'.repeat(43);
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const records: Record<string, string[][]> = {
  'news.northwind.example': [['v=spf1 include:mail.example -all']],
  '_dmarc.northwind.example': [['v=DMARC1; p=reject']],
  'one._domainkey.northwind.example': [['v=DKIM1; k=rsa; p=', published]],
};

const database = await openTestDatabase();
const smtp: SMTPServer = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  logger: false,
});
const smtpPort = await listening(smtp.server);
const keysFile = await keyFileOf('Ed25519');
const config = readConfig({
  BASE_URL: 'https://preferences.example.com',
  SUBSCRIBER_ID_KEY: key,
  TOKEN_KEYS_FILE: keysFile,
  UNSUBSCRIBE_MAILTO: 'unsubscribe@example.com',
  MONGODB_URI: database.uri,
  SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
  DKIM_DOMAIN: 'northwind.example',
  DKIM_SELECTOR: 'one',
  DKIM_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

function look(changes: Partial<Config> = {}, deps: Partial<DoctorDeps> = {}): Promise<Finding[]> {
  const resolveTxt = (name: string) => {
    const found = records[name];
    return found ? Promise.resolve(found) : Promise.reject(new Error(`ENOTFOUND ${name}`));
  };
  const all = {
    config: { ...config, ...changes },
    open: () => connect(database.uri),
    resolveTxt,
    resolveMx: () => Promise.reject(new Error('ENOTFOUND')),
    askBaseUrl: async () => ({ by: 'OWN' as const, forwardedFor: 0, hasUntrusted: false }),
    clock: () => new Date(),
    ...deps,
  };
  return collect(examine(all));
}

async function collect(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of findings) all.push(finding);
  return all;
}

const faultsIn = (findings: Finding[]) =>
  findings.filter(({ verdict }) => verdict === 'FAULT').map(({ about }) => about);
const sentenceOn = (findings: Finding[], about: string) =>
  findings.find((finding) => finding.about === about)?.sentence;

describe('the doctor', () => {
  it('lists what an unmigrated database lacks', async () => {
    const findings = await look();
    expect(faultsIn(findings)).toEqual(['schema', 'indexes']);
    expect(sentenceOn(findings, 'business units')).toMatch(/^none yet: sayso catalogue import/);
    expect(sentenceOn(findings, 'indexes')).toMatch(/^missing: .+; run sayso migrate$/);
  });

  it('finds no fault in a correct installation', async () => {
    const { models } = database;
    await migrate(database);
    await models.settings.create({ _id: 'subscriber-key', value: fingerprintOf(key) });
    await models.settings.create({ _id: 'installation', value: 'the-name' });
    await models.units.create({
      _id: 0,
      name: 'Northwind',
      accent: { light: '#000000', dark: '#ffffff' },
      senderName: 'Northwind',
      senderAddress: 'letters@news.northwind.example',
      postalAddress: '1 Quay, Bergen',
      privacyPolicyUrl: 'https://northwind.example/privacy',
      defaultLocale: 'en',
      hasDoubleOptIn: false,
    });
    const findings = await look();
    expect(faultsIn(findings)).toEqual([]);
    const right = findings.filter(({ verdict }) => verdict === 'ok').map(({ about }) => about);
    expect(right).toEqual(
      expect.arrayContaining([
        'base url',
        'keys',
        'key file',
        'database',
        'database version',
        'database write',
        'schema',
        'indexes',
        'change feed',
        'subscriber key',
        'clock',
        'smtp',
        'SPF news.northwind.example',
        'DMARC news.northwind.example',
        'DKIM news.northwind.example',
      ]),
    );
  });

  it('reports a stuck change feed', async () => {
    const { subscribers } = database.models;
    const since = new Date(Date.now() - 3_600_000);
    const stuck = {
      ...newSubscriber('stuck', 'EMAIL', null, since),
      unpublished: { bucket: 1, since, from: 1 },
    };
    await subscribers.collection.insertOne(stuck as never);
    const findings = await look();
    await subscribers.deleteOne({ _id: 'stuck' });
    expect(faultsIn(findings)).toEqual(['change feed']);
  });

  it('reports a subscriber key other than the database’s', async () => {
    expect(faultsIn(await look({ subscriberIdKey: 'x'.repeat(43) }))).toEqual(['subscriber key']);
  });

  it('gives only hints about missing DNS records, a wrong clock, and plain http in development', async () => {
    const findings = await look(
      { baseUrl: 'http://localhost:8080' },
      {
        resolveTxt: () => Promise.reject(new Error('ESERVFAIL')),
        clock: () => new Date(Date.now() + 60_000),
      },
    );
    expect(faultsIn(findings)).toEqual([]);
    const hints = findings.filter(({ verdict }) => verdict === 'hint').map(({ about }) => about);
    expect(hints).toEqual(
      expect.arrayContaining([
        'base url',
        'clock',
        'SPF news.northwind.example',
        'DKIM news.northwind.example',
      ]),
    );
    expect(sentenceOn(findings, 'clock')).toMatch(/^(59|60)\.\d s/);
  });

  it('gives a hint when the published DKIM key is not the signing one', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const findings = await look({
      dkimKeys: [{ domain: 'northwind.example', selector: 'one', privateKey: other }],
    });
    expect(sentenceOn(findings, 'DKIM news.northwind.example')).toContain('another key');
  });

  it('gives hints by domain: which record is missing, whose mails are not signed, and which key is unused', async () => {
    const { units } = database.models;
    const unit = await units.findById(0).lean();
    await units.create({ ...unit, _id: 1, senderAddress: 'post@fjell.example' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const keyOf = (domain: string) => ({ domain, selector: 'two', privateKey: pem });
    const hintsOf = async (dkimKeys: Config['dkimKeys'], more: Record<string, string[][]> = {}) => {
      const resolveTxt = async (name: string) => {
        const found = { ...records, ...more }[name];
        if (!found) throw new Error(`ENOTFOUND ${name}`);
        return found;
      };
      const found = await look({ dkimKeys }, { resolveTxt });
      return Object.fromEntries(
        found.filter(({ about }) => about.startsWith('DKIM ')).map(({ about, ...rest }) => [about, rest]),
      );
    };
    const one = await hintsOf(config.dkimKeys);
    expect(one['DKIM news.northwind.example']).toMatchObject({ verdict: 'ok' });
    expect(one['DKIM fjell.example']).toMatchObject({
      verdict: 'hint',
      sentence: expect.stringContaining('no key for fjell.example'),
    });
    const two = await hintsOf([...config.dkimKeys, keyOf('fjell.example'), keyOf('fjel.example')]);
    expect(two['DKIM fjell.example']?.sentence).toContain('two._domainkey.fjell.example');
    expect(two['DKIM fjell.example']?.sentence).toContain(`v=DKIM1; k=rsa; p=${published}`);
    expect(two['DKIM fjel.example']).toMatchObject({ verdict: 'hint' });
    const strict = await hintsOf(config.dkimKeys, {
      '_dmarc.northwind.example': [['v=DMARC1; p=reject; adkim=s']],
    });
    expect(strict['DKIM news.northwind.example']?.sentence).toContain('adkim=s');
    await units.deleteOne({ _id: 1 });
  });

  it('calls a key file that other users can read a fault, and says how to fix it', async () => {
    chmodSync(config.tokenKeysFile, 0o644);
    const findings = await look();
    chmodSync(config.tokenKeysFile, 0o600);
    expect(faultsIn(findings)).toEqual(['key file']);
    expect(sentenceOn(findings, 'key file')).toBe(
      `others may read it (0644): chmod 600 ${config.tokenKeysFile}`,
    );
  });

  it('continues when database, keys and mail server are all unavailable, and prints no credentials', async () => {
    const findings = await look(
      { tokenKeysFile: '/nowhere/keys.json', smtpUrl: 'smtp://user:hunter22@127.0.0.1:1' },
      {
        open: () =>
          connect('mongodb://user:hunter22@127.0.0.1:1/sayso?directConnection=true', { patienceMs: 200 }),
      },
    );
    expect(faultsIn(findings)).toEqual(['keys', 'database', 'smtp']);
    expect(findCanaries(JSON.stringify(findings), ['hunter22'])).toEqual([]);
  });
});

describe('the doctor on unsubscribe mails', () => {
  it.each([
    ['unsubscribe@example.com', 'hint'],
    ['unsubscribe@northwind.internal', 'ok'],
  ])('checks whether UNSUBSCRIBE_MAILTO is an example: %s', async (unsubscribeMailto, verdict) => {
    const findings = await look({ unsubscribeMailto });
    expect(findings.find(({ about }) => about === 'unsubscribe mail')?.verdict).toBe(verdict);
  });
});

describe('printFindings', () => {
  async function print(verdicts: Finding['verdict'][], isColoured: boolean) {
    let text = '';
    async function* findings() {
      for (const verdict of verdicts)
        yield await Promise.resolve({ verdict, about: 'thing', sentence: 'what to do' });
    }
    const code = await printFindings(findings(), { write: (part) => (text += part), isColoured });
    return { code, text };
  }

  it('prints one line each, in plain text when not at a terminal, and exits 0 without a fault', async () => {
    const { code, text } = await print(['ok', 'hint'], false);
    expect(text).toBe(
      'ok     thing             what to do\nhint   thing             what to do\n\n1 ok, 1 to know of, 0 at fault.\n',
    );
    expect(code).toBe(0);
  });

  it('exits 1 with a fault, and uses colours only in a terminal', async () => {
    const { code, text } = await print(['FAULT'], true);
    expect(code).toBe(1);
    expect(text).toContain('\u001b[31mFAULT\u001b[0m');
  });
});

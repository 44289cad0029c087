/** The log: JSON lines without address, token or key, wherever one was passed in. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { createLog, describeError } from '../src/log.js';
import { captureLog, findCanaries } from './support/canary.js';

const address = 'alice@example.com';
const token = `eyJhbGciOiJFZERTQSJ9.${'a1'.repeat(40)}.${'b2'.repeat(43)}`;
const key = 'subscriber-id-key-of-forty-three-characters';
const config = {
  logLevel: 'info',
  subscriberIdKey: key,
  inboundSecret: undefined,
  dkimKeys: [],
  smtpUrl: undefined,
  mongodbUri: undefined,
  oidc: undefined,
};

describe('createLog', () => {
  it('writes one JSON line for an event, with its level as a word and its time in ISO 8601', () => {
    const captured = captureLog();
    createLog(config, captured).info({ port: 8080 }, 'listening');
    expect(captured.entries()).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), port: 8080, msg: 'listening' },
    ]);
  });

  it('removes addresses, tokens and keys in fields, messages, errors and their causes', () => {
    const captured = captureLog();
    const log = createLog(config, captured);
    log.info({ address, token, to: address, userAgent: 'Mozilla' }, `mail for ${address}`);
    log.info({ anything: { deep: [{ email: address, link: `https://x.example/p/${token}` }] } }, 'deep');
    log.error(new Error(`cannot mail ${address}: ${key}`, { cause: new Error(token) }));
    log.error({ err: new Error(`mongodb://sayso:${key}@db.example.com/sayso`) }, 'database');
    log.child({ address }).warn({ key }, 'child');
    expect(findCanaries(captured.text(), [address, token, key, 'Mozilla'])).toEqual([]);
    expect(captured.entries()).toHaveLength(5);
  });

  it('leaves out the document of a refused write', () => {
    const captured = captureLog();
    const refused = new MongoServerError({
      message: `E11000 duplicate key error collection: sayso.mails index: to_1 dup key: { to: "${address}" }`,
      code: 11000,
      keyValue: { to: address },
      writeErrors: [{ op: { _id: 1, to: address } }],
    });
    createLog(config, captured).error({ err: refused }, 'refused');
    expect(findCanaries(captured.text(), [address])).toEqual([]);
    expect(captured.entries()[0]?.['err']).toMatchObject({
      type: 'MongoServerError',
      code: 11000,
      message: 'E11000 duplicate key error collection: sayso.mails index: to_1 dup key: [values]',
    });
  });

  it('respects the level', () => {
    const captured = captureLog();
    createLog({ ...config, logLevel: 'warn' }, captured).info('not this');
    expect(captured.lines).toEqual([]);
  });
});

describe('describeError', () => {
  it('describes a thrown value that is not an error', () => {
    expect(describeError(`for ${address}`)).toEqual({ type: 'string', message: 'for [address]' });
  });

  it('ends, also for circular causes', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000);
  });
});

it('a full disk for the log neither ends a process nor delays its exit', async () => {
  const program = `
    const { createLog } = await import(${JSON.stringify(new URL('../src/log.ts', import.meta.url).href)});
    const log = createLog(${JSON.stringify({ ...config })});
    for (let i = 0; i < 20; i++) { log.info('x'.repeat(1000)); await new Promise((go) => setTimeout(go, 20)); }
    process.stderr.write('still here');`;
  const tsx = import.meta.resolve('tsx');
  const command = `exec "$0" --import ${tsx} --input-type=module --eval "$1" >/dev/full`;
  const { stderr } = await promisify(execFile)('/bin/sh', ['-c', command, process.execPath, program], {
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  expect(stderr).toBe('still here');
});

/** The doctor on what is in front of the portal: where links lead, and how many proxies forward requests. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BaseUrlAnswer } from '../../src/cli/base-url.js';
import { examineFront } from '../../src/cli/doctor/front.js';
import { readConfig } from '../../src/config.js';
import { nameInstallation } from '../../src/models/setting.js';
import { openTestDatabase } from '../support/connection.js';

const database = await openTestDatabase();
const { models } = database;

/** Verdicts by what was checked. */
async function look(answer: BaseUrlAnswer, env: Record<string, string> = {}) {
  const config = readConfig({
    BASE_URL: 'http://localhost:8080',
    SUBSCRIBER_ID_KEY: 'k'.repeat(43),
    TOKEN_KEYS_FILE: 'keys.json',
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.internal',
    ...env,
  });
  const asked: string[][] = [];
  const askBaseUrl = async (...args: string[]) => {
    asked.push(args);
    return answer;
  };
  const verdicts: Record<string, string> = {};
  const sentences: Record<string, string> = {};
  for await (const { about, verdict, sentence } of examineFront({ config, askBaseUrl }, models)) {
    verdicts[about] = verdict;
    sentences[about] = sentence;
  }
  return { verdicts, sentences, asked };
}

const own = (forwardedFor = 0, hasUntrusted = false): BaseUrlAnswer => ({
  by: 'OWN',
  forwardedFor,
  hasUntrusted,
});

it('the doctor makes no request before a first portal has named the installation', async () => {
  const { verdicts, asked } = await look(own());
  expect([verdicts, asked]).toEqual([{ 'links lead': 'hint' }, []]);
});

describe('the doctor on a database with a portal', () => {
  let name: string;
  beforeAll(async () => {
    name = await nameInstallation(models.settings);
  });

  it.each([
    ['OTHER_INSTALLATION', 'FAULT'],
    ['OTHER_SERVER', 'hint'],
    ['REFUSED', 'hint'],
    ['SILENT', 'hint'],
  ] as const)('reports an answer %s at BASE_URL as %s', async (by, verdict) => {
    const { verdicts, asked } = await look({ by });
    expect(asked).toEqual([['http://localhost:8080', name]]);
    expect(verdicts).toEqual({ 'links lead': verdict });
  });

  it('finds no fault when the number of proxies is the declared one', async () => {
    const right = { 'links lead': 'ok', proxies: 'ok' };
    expect((await look(own())).verdicts).toEqual(right);
    const two = { BASE_URL: 'https://mail.example.com', TRUST_PROXY_HOPS: '2' };
    expect((await look(own(2), two)).verdicts).toEqual(right);
  });

  it.each([
    ['more proxies than are declared', own(2, true), { TRUST_PROXY_HOPS: '1' }, /set it to 2/],
    ['fewer proxies than are declared', own(1), { TRUST_PROXY_HOPS: '2' }, /pretend/],
    ['a forwarding header from an undeclared proxy', own(0, true), {}, /X-Forwarded-For/],
    ['https without a declared proxy', own(), { BASE_URL: 'https://mail.example.com' }, /TRUST_PROXY_HOPS/],
  ])('gives a hint about %s', async (_, answer, env, sentence) => {
    const { verdicts, sentences } = await look(answer, env);
    expect(verdicts).toEqual({ 'links lead': 'ok', proxies: 'hint' });
    expect(sentences['proxies']).toMatch(sentence);
  });
});

/** What the doctor says of the domain to which delivery reports come back. */
import { expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { examineBounceDomain } from '../../src/cli/doctor/mail.js';

const bounceDomain = 'bounces.northwind.example';
const nothing = () => Promise.reject(new Error('ENOTFOUND'));

async function verdicts(deps: Parameters<typeof examineBounceDomain>[0], inboundSecret: string | undefined) {
  const found: Finding[] = [];
  for await (const finding of examineBounceDomain(deps, { bounceDomain, inboundSecret })) found.push(finding);
  return found;
}

it('gives a hint for a missing secret, a missing mail server and a missing SPF record', async () => {
  const found = await verdicts({ resolveTxt: nothing, resolveMx: nothing }, undefined);
  expect(found.map(({ verdict }) => verdict)).toEqual(['hint', 'hint', 'hint']);
  expect(found.map(({ sentence }) => sentence).join()).toMatch(/INBOUND_SECRET.*no MX record.*v=spf1/);
});

it('finds nothing wrong where all of them exist', async () => {
  const deps = {
    resolveMx: () => Promise.resolve([{ exchange: 'mx.northwind.example', priority: 10 }]),
    resolveTxt: () => Promise.resolve([['v=spf1 mx -all']]),
  };
  const found = await verdicts(deps, 'the-secret-of-the-mail-server');
  expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
});

it('says nothing where no domain is configured', async () => {
  const deps = { resolveTxt: nothing, resolveMx: nothing };
  const findings = examineBounceDomain(deps, { bounceDomain: undefined, inboundSecret: undefined });
  expect(await findings.next()).toMatchObject({ done: true });
});

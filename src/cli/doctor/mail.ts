/** Checks the mail server, and the DNS records of the sender domains. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Config } from '../../config.js';
import { dkimKeyFor, type DkimKey } from '../../dkim-keys.js';
import { fault, hint, ok, type Finding } from './finding.js';
import { describeError } from '../../log.js';

/** Looks up TXT records, each as its list of strings; rejects if there are none or no server answers. */
export type ResolveTxt = (name: string) => Promise<string[][]>;

/** Looks up MX records; rejects if there are none or no server answers. */
export type ResolveMx = (name: string) => Promise<readonly unknown[]>;

/** Where delivery reports come back. Hints only, as for every record of DNS. */
export async function* examineBounceDomain(
  deps: { resolveTxt: ResolveTxt; resolveMx: ResolveMx },
  { bounceDomain, inboundSecret }: Pick<Config, 'bounceDomain' | 'inboundSecret'>,
): AsyncGenerator<Finding> {
  if (bounceDomain === undefined) return;
  const about = `bounces ${bounceDomain}`;
  if (inboundSecret === undefined)
    yield hint(
      about,
      'INBOUND_SECRET is not set, so no mail server can pass delivery reports on: set it, or take BOUNCE_DOMAIN out',
    );
  const exchanges = await deps.resolveMx(bounceDomain).catch(() => []);
  yield exchanges.length > 0
    ? ok(about, 'a mail server takes its mail')
    : hint(
        about,
        `no MX record found at ${bounceDomain}: delivery reports reach no server, and some receivers refuse mail from it`,
      );
  // RFC 7208, section 2.4: SPF is checked for the domain of the envelope sender.
  const spf = await findRecord(deps, bounceDomain, /^v=spf1(\s|$)/i);
  yield spf
    ? ok(`SPF ${bounceDomain}`, spf)
    : hint(
        `SPF ${bounceDomain}`,
        `no "v=spf1" record found at ${bounceDomain}: mails have it as envelope sender, so publish which servers may send for it`,
      );
}

/** Connects, greets, and signs in if the URL has a user; sends nothing. */
export async function* examineSmtp(config: Pick<Config, 'smtpUrl' | 'environment'>): AsyncGenerator<Finding> {
  if (!config.smtpUrl) {
    yield hint('smtp', 'SMTP_URL is not set: mails go to the outbox on disk, for development');
    return;
  }
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: config.smtpUrl,
    connectionTimeout: 5000,
    greetingTimeout: 5000,
    socketTimeout: 8000,
  });
  try {
    await transport.verify();
    yield ok('smtp', 'connected, greeted and, where a user is set, signed in');
  } catch (error) {
    yield fault(
      'smtp',
      `${describeError(error).message}: see that SMTP_URL names a server that takes mail from here`,
    );
  } finally {
    transport.close();
  }
}

/** Hints only: DNS may look different from here, and the mail server may sign the mails. */
export async function* examineDomain(
  deps: { resolveTxt: ResolveTxt },
  input: { domain: string; dkimKeys: Config['dkimKeys'] },
): AsyncGenerator<Finding> {
  const { domain, dkimKeys } = input;
  const spf = await findRecord(deps, domain, /^v=spf1(\s|$)/i);
  yield spf
    ? ok(`SPF ${domain}`, spf)
    : hint(`SPF ${domain}`, `no "v=spf1" record found at ${domain}: publish which servers may send for it`);

  const dmarc = await findDmarc(deps, domain);
  yield dmarc
    ? ok(`DMARC ${domain}`, dmarc)
    : hint(
        `DMARC ${domain}`,
        `no "v=DMARC1" record found at _dmarc.${domain}: large mailbox providers want one of bulk senders`,
      );

  yield await examineDkim(deps, { domain, dmarc, key: dkimKeyFor(dkimKeys, domain) });
}

/** Keys that sign nothing, for example because a domain is misspelt. @param domains the sender domains of the business units */
export function* examineUnusedKeys(
  domains: ReadonlySet<string>,
  dkimKeys: Config['dkimKeys'],
): Generator<Finding> {
  const used = new Set([...domains].map((domain) => dkimKeyFor(dkimKeys, domain)));
  for (const key of dkimKeys)
    if (!used.has(key))
      yield hint(`DKIM ${key.domain}`, 'its key signs nothing: no business unit sends from this domain');
}

async function examineDkim(
  deps: { resolveTxt: ResolveTxt },
  { domain, dmarc, key }: { domain: string; dmarc: string | undefined; key: DkimKey | undefined },
): Promise<Finding> {
  const about = `DKIM ${domain}`;
  if (!key)
    return hint(
      about,
      `the portal has no key for ${domain} and does not sign its mails: set one, or see that the mail server signs, also over List-Unsubscribe-Post`,
    );
  // RFC 7489, section 3.1.1: in strict mode the two domains must be identical.
  if (domain !== key.domain && /;\s*adkim\s*=\s*s\s*(;|$)/i.test(dmarc ?? ''))
    return hint(about, `signed by ${key.domain}, but the DMARC record wants ${domain} itself (adkim=s)`);
  const name = `${key.selector}._domainkey.${key.domain}`;
  const own = publicKeyOf(key.privateKey);
  const record = await findRecord(deps, name, /(^|;)\s*p=/);
  const wanted = `publish this TXT record at ${name}, or receivers cannot check the signature: v=DKIM1; k=rsa; p=${own}`;
  if (!record) return hint(about, `no key found; ${wanted}`);
  const published = /(?:^|;)\s*p=([^;]*)/.exec(record)?.[1]?.replace(/\s/g, '');
  return published === own
    ? ok(about, `${name} is the key that signs`)
    : hint(about, `another key is published; ${wanted}`);
}

/** As RFC 6376, section 3.6.1, writes it. */
function publicKeyOf(pem: string): string {
  return createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'der' }).toString('base64');
}

/** At the domain itself or at a parent: an organisation's record covers its subdomains (RFC 7489 section 6.6.3). */
async function findDmarc(deps: { resolveTxt: ResolveTxt }, domain: string): Promise<string | undefined> {
  const labels = domain.split('.');
  for (let first = 0; first <= labels.length - 2; first += 1) {
    const record = await findRecord(deps, `_dmarc.${labels.slice(first).join('.')}`, /^v=DMARC1\s*(;|$)/);
    if (record) return record;
  }
  return undefined;
}

async function findRecord(
  deps: { resolveTxt: ResolveTxt },
  name: string,
  shape: RegExp,
): Promise<string | undefined> {
  try {
    const records = await deps.resolveTxt(name);
    return records.map((parts) => parts.join('')).find((record) => shape.test(record));
  } catch {
    return undefined;
  }
}

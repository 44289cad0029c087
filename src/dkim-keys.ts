/** DKIM keys by the domain of the sender: the configured keys, and the one that signs a mail. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { z } from 'zod';

export interface DkimKey {
  /** In its ASCII form, lower-case; names the signer (`d=`). */
  readonly domain: string;
  readonly selector: string;
  /** An RSA key in PEM. */
  readonly privateKey: string;
}

const listedKeys = z.record(
  z.string(),
  z.union([
    z.strictObject({ selector: z.string().min(1), privateKey: z.string().min(1) }),
    z.strictObject({ selector: z.string().min(1), privateKeyFile: z.string().min(1) }),
  ]),
);

/**
 * Reads the keys: one domain's from `DKIM_DOMAIN`, `DKIM_SELECTOR` and `DKIM_PRIVATE_KEY`, several domains' from `DKIM_KEYS`.
 * @param given variables that are set
 * @param faults receives a sentence per fault, which names a variable or a domain and never a key
 */
export function readDkimKeys(given: Readonly<Record<string, string>>, faults: string[]): DkimKey[] {
  const keys = new Map<string, DkimKey>();
  const add = (named: string, selector: string, pem: string, source: string) => {
    const domain = asciiDomain(named);
    // On one line, as environment files have it.
    const privateKey = pem.replaceAll('\\n', '\n').trim();
    // Not repeated: the value may be a key in the wrong place.
    if (!domain) faults.push(`${source} is for a name that is not a domain`);
    else if (keys.has(domain)) faults.push(`${source} names ${domain}, which has a key already; keep one`);
    else if (!isRsaKey(privateKey)) faults.push(`${source} has no RSA private key in PEM for ${domain}`);
    else keys.set(domain, { domain, selector, privateKey });
  };
  const { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY, DKIM_KEYS } = given;
  if (DKIM_DOMAIN && DKIM_SELECTOR && DKIM_PRIVATE_KEY)
    add(DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY, 'DKIM_PRIVATE_KEY');
  if (!DKIM_KEYS) return [...keys.values()];
  const listed = listedKeys.safeParse(jsonOf(DKIM_KEYS));
  if (!listed.success) {
    faults.push(
      'DKIM_KEYS is not of the form {"example.com": {"selector": "s1", "privateKeyFile": "/run/secrets/example-com.pem"}}',
    );
    return [...keys.values()];
  }
  for (const [domain, key] of Object.entries(listed.data)) {
    const pem = 'privateKey' in key ? key.privateKey : textOf(key.privateKeyFile);
    if (pem === undefined) faults.push(`DKIM_KEYS names a file for ${domain} that cannot be read`);
    else add(domain, key.selector, pem, 'DKIM_KEYS');
  }
  return [...keys.values()];
}

/** The domain of an address, as in DNS. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return asciiDomain(domain) || domain.toLowerCase();
}

/**
 * The key that signs mails from a domain: its own, or that of the nearest domain above it, which DMARC counts as the same unless its record
 * says otherwise (RFC 7489, section 3.1.1).
 */
export function dkimKeyFor(keys: readonly DkimKey[], domain: string): DkimKey | undefined {
  const fitting = keys.filter((key) => domain === key.domain || domain.endsWith(`.${key.domain}`));
  return fitting.sort((a, b) => b.domain.length - a.domain.length)[0];
}

function asciiDomain(domain: string): string {
  const ascii = domainToASCII(domain.trim()).toLowerCase();
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(ascii) ? ascii : '';
}

/** The key's own error is not shown: it could quote the key. */
function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

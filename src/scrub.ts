/** Takes addresses, tokens, keys and credentials out of text: the last line of defence before a log line leaves the process. */

/** A run of JSON escapes right before what is taken out: kept, so that no escape is cut in two. Bounded, as are all runs here, for time. */
const escapes = /((?:\\(?:u[0-9a-f]{4}|[^u])){0,40})/.source;
const pemBody = /(?:[A-Za-z0-9+/=\s:,-]|\\[nr])/.source;
const pemEnd = /-----END [A-Z ]*PRIVATE KEY-----/.source;
const localPart = /[^\s"'`<>()[\]{},;:\\|=&/?#@]{1,64}/u.source;
const domain = /(?:localhost\b|(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62})/u.source;

/** Each works on plain text and inside a JSON string alike. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // PEM, RFC 7468; in a JSON string its line breaks are the two characters \n.
  [new RegExp(`-----BEGIN [A-Z ]*PRIVATE KEY-----(?:${pemBody}*?${pemEnd}|${pemBody}*)`, 'g'), '[key]'],
  // Private members of a JWK, RFC 7518 section 6.
  [/(\\?")(d|k|p|q|dp|dq|qi)\1(\s*:\s*)\\?"[\w-]{16,}={0,2}\\?"/g, '$1$2$1$3$1[key]$1'],
  // MongoDB repeats the values of a refused document in its E11000 message, and closes them with a space and a brace.
  [/dup key: \{[^\n]{0,4000}? \}/g, 'dup key: [values]'],
  // User and password of a URI, RFC 3986 section 3.2.1.
  [/(:\/\/)[^\s/?#"'<>\\]{1,400}@/g, '$1[credentials]@'],
  // What follows the path of a link is a token, whole or broken.
  [/(\/(?:p|o|u|c|setup|welcome)\/)[^\s"'<>\\/?#]{8,}/g, '$1[token]'],
  // A JWS in its compact form, RFC 7515 section 7.1; its header begins with `{"`, in base64url `eyJ`.
  [new RegExp(`${escapes}${/eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/.source}`, 'g'), '$1[token]'],
  // The short spelling of a token in the subject of a mail (`tokens/short-token.ts`).
  [/[\w-]{22}\.[esh][\w-]{1,8}(?:\.[\da-z]{0,7}){5}\.[\w.-]{0,130}/g, '[token]'],
  // An address, also percent-encoded.
  [new RegExp(`${escapes}${localPart}(?:@|%40)${domain}`, 'giu'), '$1[address]'],
  // E.164, also with its plus percent-encoded.
  [/(?:\+|%2B)[1-9]\d{6,14}(?!\d)/gi, '[phone]'],
];

/** What a text must contain for any of the patterns to fit; most log lines contain none, and cost a few searches only. */
const signs =
  /[@+]|%40|%2B|eyJ|\/(?:[pouc]|setup|welcome)\/|PRIVATE KEY|dup key|:\/\/|"k\b|"d[pq]?\b|"[pq]i?\b|\.[esh][\w-]{1,8}\./i;

/**
 * Takes out of a text whatever looks like an address, a token, a key or a credential.
 * @param text plain text, or one line of JSON: what was valid JSON still is
 */
export function scrub(text: string): string {
  if (!signs.test(text)) return text;
  let clean = text;
  for (const [pattern, instead] of patterns) clean = clean.replace(pattern, instead);
  return clean;
}

/**
 * Makes a `scrub` that also knows this process's own secrets, whatever they look like.
 * @param secrets as for `withoutSecrets`
 */
export function scrubOf(secrets: readonly string[]): (text: string) => string {
  const withoutKnown = withoutSecrets(secrets);
  return (text) => scrub(withoutKnown(text));
}

/**
 * Makes a function that takes this process's own secrets out of a text, and nothing else.
 * @param secrets values to take out wherever they stand, and of URLs their passwords too; those under 8 characters are left, as they would
 *   take out ordinary words
 */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .flatMap((secret) => [secret, ...passwordsIn(secret)])
    .filter((secret) => secret.length >= 8)
    .flatMap(spellingsOf);
  return (text) => {
    let clean = text;
    for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, '[secret]');
    return clean;
  };
}

/** The password of a URL as it is written and decoded; also of a URL that no parser accepts, where it reaches to the last `@`. */
function passwordsIn(secret: string): string[] {
  const written = /:\/\/[^:]*:(.*)@/s.exec(secret)?.[1];
  if (!written) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}

/** A secret as it is, and as JSON and URIs write it. */
function spellingsOf(secret: string): string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])];
}

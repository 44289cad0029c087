/** Removes addresses, tokens, keys and credentials from text, as the last check before a log line is written. */

/** JSON escapes right before a removed part: kept, so that no escape is cut in two. Limited in length, as all repetitions here, for speed. */
const escapes = /((?:\\(?:u[0-9a-f]{4}|[^u])){0,40})/.source;
const pemBody = /(?:[A-Za-z0-9+/=\s:,-]|\\[nr])/.source;
const pemEnd = /-----END [A-Z ]*PRIVATE KEY-----/.source;
const localPart = /[^\s"'`<>()[\]{},;:\\|=&/?#@]{1,64}/u.source;
const domain = /(?:localhost\b|(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62})/u.source;

/** Each works in plain text and inside a JSON string. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // PEM, RFC 7468; in a JSON string its line breaks are the two characters \n.
  [new RegExp(`-----BEGIN [A-Z ]*PRIVATE KEY-----(?:${pemBody}*?${pemEnd}|${pemBody}*)`, 'g'), '[key]'],
  // Private members of a JWK, RFC 7518 section 6.
  [/(\\?")(d|k|p|q|dp|dq|qi)\1(\s*:\s*)\\?"[\w-]{16,}={0,2}\\?"/g, '$1$2$1$3$1[key]$1'],
  // MongoDB repeats the values of a refused document in its E11000 message, and closes them with a space and a brace.
  [/dup key: \{[^\n]{0,4000}? \}/g, 'dup key: [values]'],
  // User and password of a URI, RFC 3986 section 3.2.1.
  [/(:\/\/)[^\s/?#"'<>\\]{1,400}@/g, '$1[credentials]@'],
  // The part after the path of a link is a token, complete or broken.
  [/(\/(?:p|o|u|c|setup|welcome)\/)[^\s"'<>\\/?#]{8,}/g, '$1[token]'],
  // The secret at the end of a provider's URL.
  [/(\/hooks\/[\w-]{1,40}\/[\w-]{1,40}\/)[^\s"'<>\\/?#]{8,}/g, '$1[secret]'],
  // A JWS in its compact form, RFC 7515 section 7.1; its header begins with `{"`, in base64url `eyJ`.
  [new RegExp(`${escapes}${/eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/.source}`, 'g'), '$1[token]'],
  // The short form of a token in the subject of a mail (`tokens/short-token.ts`).
  [/[\w-]{22}\.[esh][\w-]{1,8}(?:\.[\da-z]{0,7}){5}\.[\w.-]{0,130}/g, '[token]'],
  // An address, also percent-encoded.
  [new RegExp(`${escapes}${localPart}(?:@|%40)${domain}`, 'giu'), '$1[address]'],
  // E.164, also with its plus percent-encoded.
  [/(?:\+|%2B)[1-9]\d{6,14}(?!\d)/gi, '[phone]'],
];

/** A text must contain one of these for any pattern to match. Most log lines contain none, and cost only a few searches. */
const signs =
  /[@+]|%40|%2B|eyJ|\/(?:[pouc]|setup|welcome|hooks)\/|PRIVATE KEY|dup key|:\/\/|"k\b|"d[pq]?\b|"[pq]i?\b|\.[esh][\w-]{1,8}\./i;

/**
 * Removes addresses, tokens, keys and credentials from a text.
 * @param text plain text, or one line of JSON: valid JSON stays valid
 */
export function scrub(text: string): string {
  if (!signs.test(text)) return text;
  let clean = text;
  for (const [pattern, instead] of patterns) clean = clean.replace(pattern, instead);
  return clean;
}

/**
 * Makes a `scrub` that also removes this process's own secrets, in any form.
 * @param secrets as for `withoutSecrets`
 */
export function scrubOf(secrets: readonly string[]): (text: string) => string {
  const withoutKnown = withoutSecrets(secrets);
  return (text) => scrub(withoutKnown(text));
}

/**
 * Makes a function that removes only this process's own secrets from a text.
 * @param secrets values to remove everywhere, and of URLs also their passwords. Values under 8 characters are ignored, since they could match
 *   ordinary words
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

/** The password of a URL, as written and decoded. If no parser accepts the URL, it ends at the last `@`. */
function passwordsIn(secret: string): string[] {
  const written = /:\/\/[^:]*:(.*)@/s.exec(secret)?.[1];
  if (!written) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}

/** A secret unchanged, and as JSON and URIs write it. */
function spellingsOf(secret: string): string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])];
}

/** Removes what mail clients, link taggers and people add to a link, before any route sees it. */
import type { RequestHandler } from 'express';
import { adminPatterns } from '../../admin-paths.js';
import { patterns } from '../../paths.js';
import { cutToken } from '../../tokens/cut-token.js';

/** Each link with a token, such as `/p/`, with its subpaths, such as `/data`. The longest come first, since one may be a prefix of another. */
const links = new Map<string, string[]>();
for (const pattern of Object.values(patterns)) {
  const [, start, further] = /^(\/\w\/):token(\/.+)?$/.exec(pattern) ?? [];
  if (!start) continue;
  const known = links.get(start) ?? [];
  links.set(
    start,
    (further ? [...known, further] : known).sort((a, b) => b.length - a.length),
  );
}

/** One-time links of staff: 256 random bits in base64url. */
const oneTimeLink = new RegExp(
  `^(${patterns.admin}(?:${[adminPatterns.setUp, adminPatterns.welcome].join('|').replaceAll(':token', '')})[\\w-]{43})[^?]+`,
);

/** Routes then get the original link, for any method. An error page still knows the requested URL. */
export const cutLinks: RequestHandler = (request, _response, next) => {
  request.url = cutLink(request.url);
  next();
};

/**
 * @param url path and query of a request, undecoded
 * @returns the same without additions inside the token or between it and the query; unchanged without a token of the portal
 */
export function cutLink(url: string): string {
  const [, start = '', path = '', query = ''] = /^(\/\w\/)([^?]*)(.*)$/s.exec(url) ?? [];
  const further = links.get(start.toLowerCase());
  if (!further) return url.replace(oneTimeLink, '$1');
  const cut = cutToken(decoded(path));
  if (!cut) return url;
  const wanted = further.find((one) => isFurther(cut.behind, one)) ?? '';
  if (!wanted && goesOn.test(cut.behind)) return url;
  return start + cut.token + wanted + query;
}

/** Another path, which the portal does not have, stays unknown. */
const goesOn = /^\/+[\w-]/;

/** True if this path comes next, and not a longer one that begins with it. */
function isFurther(behind: string, further: string): boolean {
  const at = behind.indexOf('/');
  const rest = behind.slice(at + further.length);
  return at >= 0 && behind.startsWith(further, at) && !/^[\w-]/.test(rest) && !goesOn.test(rest);
}

/** Decodes every valid escape. An invalid one is not part of a token and must not break the link. */
function decoded(path: string): string {
  const bytes = path.replace(/%([\da-f]{2})/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Searches logs for forbidden contents: known addresses, tokens and keys in any spelling, and anything with their shape. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';

export interface CapturedLog extends DestinationStream {
  readonly lines: string[];
  text(): string;
  /** Every line as its object. Throws when a line is not JSON. */
  entries(): Record<string, unknown>[];
}

/** A destination for `createLog(config, destination)` that keeps every line. */
export function captureLog(): CapturedLog {
  const lines: string[] = [];
  return {
    lines,
    write: (line) => void lines.push(line),
    text: () => lines.join(''),
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export interface Found {
  what: string;
  /** A few characters around the match, to locate the line. */
  where: string;
}

/** What no log line may hold, by its shape. */
const shapes: readonly (readonly [string, RegExp])[] = [
  ['address', /[\w.+-]{1,64}(?:@|%40|=40)(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/giu],
  ['token', /\beyJ[\w-]{8,}/g],
  ['short token', /[\w-]{22}\.[esh][\w-]{1,8}\.[\da-z]{1,6}\./g],
  ['token in a path', /\/(?:[pouc]|setup|welcome)\/[\w-]{12,}/g],
  ['phone number', /\+[1-9]\d{7,14}(?!\d)/g],
  ['private key', /PRIVATE KEY-----|\\?"d\\?":\s*\\?"[\w-]{20,}/g],
  ['credentials in a URI', /\b[a-z+]{3,20}:\/\/[^\s/"'<>[\]]+:[^\s/"'<>[\]]+@/gi],
];

/**
 * Everything in a log that should not be there.
 * @param canaries values planted on purpose or secret: addresses, tokens, keys
 */
export function findCanaries(log: string, canaries: readonly string[]): Found[] {
  const found: Found[] = [];
  const low = log.toLowerCase();
  for (const canary of canaries) {
    for (const spelling of spellingsOf(canary)) {
      const at = low.indexOf(spelling.toLowerCase());
      if (at >= 0) found.push({ what: `canary ${canary.slice(0, 12)}`, where: around(log, at) });
    }
  }
  for (const [what, shape] of shapes) {
    for (const match of log.matchAll(shape)) found.push({ what, where: around(log, match.index) });
  }
  return found;
}

/** The only line that may hold a link: the set-up link of a portal without accounts (decision 0445). In any other line it is reported. */
const setUpLine =
  /^.*"msg":"There is no account yet\. Create the first within an hour: [^\s"]+\/admin\/setup\/[\w-]{43} [^"\n]*"\}$/gm;

/** The same over every `.log` file of a folder, as the whole suite leaves them. */
export function findCanariesIn(folder: string, canaries: readonly string[]): Found[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) =>
      findCanaries(readFileSync(join(folder, name), 'utf8').replaceAll(setUpLine, ''), canaries),
    );
}

/** A value in the forms that logs, URIs, mails and careless code write. */
function spellingsOf(canary: string): string[] {
  const bytes = Buffer.from(canary);
  return [
    ...new Set([
      canary,
      JSON.stringify(canary).slice(1, -1),
      encodeURIComponent(canary),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ]),
  ];
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 60), at + 60).trim();
}

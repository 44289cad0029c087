/** The one HTTP client for URLs that people or other systems name: it reaches no private network, whatever DNS answers (decision 0654). */
import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { DomainError } from './errors.js';

export interface GetOptions {
  headers?: Readonly<Record<string, string>>;
  /** Private IP addresses that may be reached, also over http. */
  privateAddresses: readonly string[];
  /** Milliseconds for the whole answer, and without a byte. */
  totalMs: number;
  idleMs: number;
  mostBytes: number;
  mostRedirects: number;
}

export interface Got {
  status: number;
  header: (name: string) => string | null;
  /** It fails if the answer is too large, too slow or cut off. Read it to its end, or call `drop`. */
  body: AsyncIterable<Uint8Array>;
  drop: () => void;
}

/**
 * Gets a URL. Redirects are followed within the same host.
 * @throws DomainError `INVALID_FILE` with a sentence without address or credential. The body throws the same.
 */
export async function guardedGet(url: string, options: GetOptions): Promise<Got> {
  const over = AbortSignal.timeout(options.totalMs);
  let at = new URL(url);
  for (let redirects = 0; redirects <= options.mostRedirects; redirects++) {
    const response = await answerOf(at, options, over);
    const { statusCode: status = 0, headers } = response;
    const header = (name: string) => String(headers[name] ?? '') || null;
    const to = header('location');
    if (status < 301 || status > 308 || status === 304 || to === null)
      return { status, header, body: bounded(response, options, over), drop: () => response.destroy() };
    response.destroy();
    if (!URL.canParse(to, at.href)) throw refused('The URL redirects to something that is not a URL.');
    const next = new URL(to, at);
    // Another host must not get the credentials.
    if (next.origin !== at.origin)
      throw refused('The URL redirects to another host: enter that URL instead.');
    at = next;
  }
  throw refused('The URL redirects too often.');
}

/** Connections that stay open between posts. They check addresses as all others do, when they are made. */
export type KeptConnections = Record<'http:' | 'https:', HttpAgent | HttpsAgent>;

/** @param privateAddresses private IP addresses that may be reached */
export async function keepConnections(privateAddresses: readonly string[]): Promise<KeptConnections> {
  const agents = await import('request-filtering-agent');
  const options = { allowIPAddressList: [...privateAddresses], keepAlive: true, maxFreeSockets: 4 };
  return {
    'http:': new agents.RequestFilteringHttpAgent(options),
    'https:': new agents.RequestFilteringHttpsAgent(options),
  };
}

type PostOptions = Pick<GetOptions, 'headers' | 'privateAddresses' | 'totalMs' | 'idleMs'> & {
  connections?: KeptConnections;
};

/** Characters of an answer that are read, and milliseconds after which reading it stops. */
const mostText = 2000;
const textMs = 2000;

/**
 * Posts a text. A redirect is an answer like any other.
 * @returns with the beginning of the answer's text
 * @throws DomainError `INVALID_FILE` with a sentence without address or credential, if there was no answer
 */
export async function guardedPost(
  url: string,
  body: string,
  options: PostOptions,
): Promise<Pick<Got, 'status' | 'header'> & { text: string }> {
  const response = await answerOf(new URL(url), options, AbortSignal.timeout(options.totalMs), body);
  const { statusCode: status = 0, headers } = response;
  return { status, header: (name) => String(headers[name] ?? '') || null, text: await beginningOf(response) };
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const timer = setTimeout(() => response.destroy(), textMs);
  let text = '';
  try {
    response.setEncoding('utf8');
    for await (const part of response) {
      text += String(part);
      if (text.length > mostText) break;
    }
  } catch {
    // The status is known, and that is what counts.
  } finally {
    clearTimeout(timer);
  }
  return text.slice(0, mostText);
}

/** @param body posted; without one the URL is got */
async function answerOf(
  url: URL,
  { headers = {}, privateAddresses, idleMs, connections }: Omit<PostOptions, 'totalMs'>,
  over: AbortSignal,
  body?: string,
): Promise<IncomingMessage> {
  const isPlain = url.protocol === 'http:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(isPlain && isIP(host) && privateAddresses.includes(host)))
    throw refused('The URL is not https.');
  const [{ request }, agents] = await Promise.all([
    isPlain ? import('node:http') : import('node:https'),
    import('request-filtering-agent'),
  ]);
  const only = { allowIPAddressList: [...privateAddresses] };
  const once = () =>
    isPlain ? new agents.RequestFilteringHttpAgent(only) : new agents.RequestFilteringHttpsAgent(only);
  const agent = connections?.[isPlain ? 'http:' : 'https:'] ?? once();
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const asked = request(url, {
      agent,
      method: body === undefined ? 'GET' : 'POST',
      signal: over,
      timeout: idleMs,
      headers: { 'user-agent': 'Sayso', 'accept-encoding': 'identity', ...headers },
    });
    asked
      .on('timeout', () => (answer ?? asked).destroy(refused('The server was silent for too long.')))
      .on('error', (error) => reject(faultOf(error, over)))
      .on('response', (response) => resolve((answer = response)))
      .end(body);
  });
}

async function* bounded(
  response: IncomingMessage,
  { mostBytes }: GetOptions,
  over: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const bytes of response) {
      if (!(bytes instanceof Uint8Array)) continue;
      size += bytes.length;
      if (size > mostBytes)
        throw refused(`The answer is larger than ${Math.floor(mostBytes / 1_000_000)} MB.`);
      yield bytes;
    }
  } catch (error) {
    throw faultOf(error, over);
  } finally {
    response.destroy();
  }
}

/** A library's message may hold the URL, so only what is known about it is said. */
function faultOf(error: unknown, over: AbortSignal): DomainError {
  if (error instanceof DomainError) return error;
  if (!(error instanceof Error)) return refused('The server did not answer.');
  if (error.message.includes('is not allowed'))
    return refused('The URL leads to a private address, which PRIVATE_SOURCES does not name.');
  if (over.aborted) return refused('The server took too long.');
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return refused(`The server did not answer, or the answer was cut off${code}.`);
}

const refused = (sentence: string) => new DomainError('INVALID_FILE', sentence);

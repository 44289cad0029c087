/** Asks BASE_URL which installation answers, since every link leads there. It detects a PORT or a proxy that was changed alone (decision 0552). */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { patterns } from '../paths.js';
import type { Portal } from '../server.js';

/**
 * Who answers: this installation, another one, another server or a proxy that blocks the request (`OTHER_SERVER`), none because the port is closed
 * (`REFUSED`), or none for another reason (`SILENT`).
 */
export type BaseUrlAnswer =
  | {
      by: 'OWN';
      /** Proxies that forwarded this request. */
      forwardedFor: number;
      /** Whether that process has received forwarding headers that it does not trust, in this request or another. */
      hasUntrusted: boolean;
    }
  | { by: StrangeAnswer };
type StrangeAnswer = 'OTHER_INSTALLATION' | 'OTHER_SERVER' | 'REFUSED' | 'SILENT';

const patienceMs = 3000;
/** Milliseconds between the requests of a starting portal: a load balancer needs some time before it forwards requests. */
const waitsMs = [10_000, 50_000];

const answerShape = z.object({
  installation: z.string(),
  forwardedFor: z.number(),
  hasUntrusted: z.boolean(),
});

/** Asks once. It never rejects. */
export async function askBaseUrl(baseUrl: string, installation: string): Promise<BaseUrlAnswer> {
  try {
    const answer = await fetch(baseUrl + patterns.installation, {
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    });
    // A load balancer whose portals are all starting.
    if (answer.status >= 500) return { by: 'SILENT' };
    const named = answerShape.safeParse(await answer.json().catch(() => undefined));
    if (!named.success) return { by: 'OTHER_SERVER' };
    const { installation: name, ...forwarding } = named.data;
    return name === installation ? { by: 'OWN', ...forwarding } : { by: 'OTHER_INSTALLATION' };
  } catch (error) {
    return { by: Object(Object(error)['cause'])['code'] === 'ECONNREFUSED' ? 'REFUSED' : 'SILENT' };
  }
}

/** The sentence about an answer from another installation or none, and what to do. */
export function sentenceOn(answer: StrangeAnswer, baseUrl: string): string {
  const found = {
    OTHER_INSTALLATION: `another portal answers at ${baseUrl}`,
    OTHER_SERVER: `another server, not this portal, answers at ${baseUrl}`,
    REFUSED: `nothing answers at ${baseUrl}`,
    SILENT: `nothing answers at ${baseUrl}`,
  }[answer];
  const isCertain = answer === 'OTHER_INSTALLATION';
  return `${found}, where every link leads: set BASE_URL, or what is in front, to lead here${isCertain ? '' : '; ignore this where it can only be reached from outside this machine or container'}`;
}

/**
 * Asks after the start, and warns once if BASE_URL does not lead to this installation. It only warns, since a proxy in front may hide the answer.
 * @returns a promise that a stop does not wait for
 */
export async function watchBaseUrl(
  { deps, url }: Pick<Portal, 'deps' | 'url'>,
  waits: readonly number[] = waitsMs,
): Promise<void> {
  const { config, installation, log } = deps;
  const isHere = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(config.baseUrl);
  for (let tries = 0; ; tries++) {
    const { by: answer } = await askBaseUrl(config.baseUrl, installation);
    if (answer === 'OWN') return;
    // On the same machine only a missing listener closes a port.
    const isCertain = answer.startsWith('OTHER') || (answer === 'REFUSED' && isHere);
    const wait = waits[tries];
    if (isCertain || wait === undefined) {
      log.warn({ answer, listeningOn: url }, sentenceOn(answer, config.baseUrl));
      return;
    }
    await sleep(wait, undefined, { ref: false });
  }
}

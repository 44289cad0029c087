/** Checks what is in front of the portal: BASE_URL, where links lead, and the proxies that forward requests. */
import type { Config } from '../../config.js';
import type { Models } from '../../models/index.js';
import { sentenceOn, type BaseUrlAnswer } from '../base-url.js';
import { fault, hint, ok, type Finding } from './finding.js';

/** Asks which installation answers at BASE_URL. */
export type AskBaseUrl = (baseUrl: string, installation: string) => Promise<BaseUrlAnswer>;

/** Links carry tokens, so they need https. */
export function examineBaseUrl({ baseUrl, environment }: Config): Finding {
  if (baseUrl.startsWith('https://')) return ok('base url', baseUrl);
  const sentence = `${baseUrl} is not https: links would carry tokens in the clear`;
  return environment === 'production'
    ? fault('base url', sentence)
    : hint('base url', `${sentence}; right for development only`);
}

/** Asks BASE_URL once, and reads from the answer where links lead and how many proxies there are. */
export async function* examineFront(
  deps: { config: Config; askBaseUrl: AskBaseUrl },
  models: Models,
): AsyncGenerator<Finding> {
  const { baseUrl } = deps.config;
  const kept = await models.settings.findById('installation').lean();
  if (!kept) {
    yield hint('links lead', 'no portal has started on this database yet: start one, and ask again');
    return;
  }
  const answer = await deps.askBaseUrl(baseUrl, String(kept.value));
  yield examineAnswer(answer, baseUrl);
  if (answer.by === 'OWN') yield examineProxies(deps.config, answer);
}

/** Another portal is a fault. If no server or another one answers, a proxy may be the reason. */
function examineAnswer(answer: BaseUrlAnswer, baseUrl: string): Finding {
  const about = 'links lead';
  if (answer.by === 'OWN') return ok(about, `to this installation, at ${baseUrl}`);
  const sentence = sentenceOn(answer.by, baseUrl);
  if (answer.by === 'OTHER_INSTALLATION') return fault(about, sentence);
  return hint(about, answer.by === 'REFUSED' ? `${sentence}, or where no portal runs` : sentence);
}

/** Hints only: the doctor may take another route than visitors. */
function examineProxies(
  { baseUrl, trustProxyHops }: Config,
  { forwardedFor, hasUntrusted }: Extract<BaseUrlAnswer, { by: 'OWN' }>,
): Finding {
  const about = 'proxies';
  const sharedLimit = 'otherwise all visitors share one rate limit';
  if (forwardedFor > trustProxyHops)
    return hint(
      about,
      `${forwardedFor} in front, and TRUST_PROXY_HOPS is ${trustProxyHops}: set it to ${forwardedFor}, ${sharedLimit}`,
    );
  if (forwardedFor < trustProxyHops)
    return hint(
      about,
      `${forwardedFor} in front of this command, and TRUST_PROXY_HOPS is ${trustProxyHops}: where visitors come the same way, anyone can pretend another address and pass rate limits`,
    );
  if (hasUntrusted)
    return hint(
      about,
      `X-Forwarded-For or Forwarded is received and not trusted, as TRUST_PROXY_HOPS is ${trustProxyHops}: set it to the number of proxies that add X-Forwarded-For, ${sharedLimit}`,
    );
  if (trustProxyHops === 0 && baseUrl.startsWith('https://'))
    return hint(
      about,
      `something ends https in front of the portal without X-Forwarded-For: let it add the header, and set TRUST_PROXY_HOPS, ${sharedLimit}`,
    );
  return ok(about, `${trustProxyHops} in front, as TRUST_PROXY_HOPS says`);
}

/** Tells machines from people by their behaviour, mainly link scanners between mail servers and mailboxes. */
import type { Request } from 'express';

/** Gateways and robots that follow links and name themselves. */
const scanners =
  /barracuda|proofpoint|mimecast|symantec|messagelabs|trend ?micro|sophos|fireeye|trellix|cisco|ironport|forcepoint|zscaler|safelinks|urlscan|virustotal|bot\b|bot\/|crawl|spider|scan|preview|facebookexternalhit|headless|phantom|selenium|python|curl|wget|go-http-client|java\/|okhttp|libwww|node|axios/i;

/** How long machine-like behaviour is remembered. */
const rememberedMs = 10 * 60_000;
/** A person does not open several links of one mail within this time. */
const burstMs = 1000;
/** A person does not read a page and press its button sooner. */
const quickestReadMs = 700;
const mostVisitors = 20_000;
/** Length of the remembered user agent: it limits the memory, and a hash would make a page one percent slower. */
const longestAgent = 150;

interface Visitor {
  /** Kind of link, and when it was last opened. */
  opened: Map<string, number>;
  machineUntil: number;
}

export interface Visits {
  /** Remembers that a link was opened (GET or HEAD). In memory only: opening a link stores nothing. */
  noteOpened: (request: Request, subscriberId: string, link: string) => void;
  /** Whether this visitor recently behaved like a machine: a HEAD, or a GET of every link in the same second. */
  isMachineLike: (request: Request, subscriberId: string) => boolean;
  /** The same for a form that acts at once: also a robot by name, or an answer faster than a person can read. */
  isMachineAsFound: (request: Request, subscriberId: string, renderedAt: string | undefined) => boolean;
}

/** Keeps the visits of one process. Visits to another process are unknown here, so a mark may be missing. */
export function createVisits(clock: () => Date): Visits {
  const visitors = new Map<string, Visitor>();

  function visitorOf(request: Request, subscriberId: string): Visitor {
    const key = `${subscriberId} ${request.get('user-agent')?.slice(0, longestAgent) ?? ''}`;
    const visitor = visitors.get(key) ?? { opened: new Map(), machineUntil: 0 };
    visitors.delete(key);
    visitors.set(key, visitor);
    for (const oldest of visitors.keys()) {
      if (visitors.size <= mostVisitors) break;
      visitors.delete(oldest);
    }
    return visitor;
  }

  const isMachineLike: Visits['isMachineLike'] = (request, subscriberId) =>
    visitorOf(request, subscriberId).machineUntil > clock().getTime();

  return {
    noteOpened(request, subscriberId, link) {
      const now = clock().getTime();
      const visitor = visitorOf(request, subscriberId);
      const isBurst = [...visitor.opened].some(([other, at]) => other !== link && now - at < burstMs);
      visitor.opened.set(link, now);
      if (isBurst || request.method === 'HEAD') visitor.machineUntil = now + rememberedMs;
    },
    isMachineLike,
    isMachineAsFound(request, subscriberId, renderedAt) {
      const rendered = Number.parseInt(renderedAt ?? '', 36);
      const isTooQuick = !Number.isFinite(rendered) || clock().getTime() - rendered < quickestReadMs;
      return isTooQuick || isNamedRobot(request) || isMachineLike(request, subscriberId);
    },
  };
}

/** The time at which a page was rendered, for its form. */
export function renderedAtMark(now: Date): string {
  return now.getTime().toString(36);
}

function isNamedRobot(request: Request): boolean {
  const agent = request.get('user-agent');
  return !agent || scanners.test(agent);
}

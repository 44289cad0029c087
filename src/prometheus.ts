/** Keeps the portal's counters in a Prometheus registry; loads its library only once there is something to count. */
import type { Registry } from 'prom-client';
import type { Metrics } from './metrics.js';

export interface Prometheus {
  metrics: Metrics;
  /** Everything counted so far, in the text format. */
  text(): Promise<string>;
  contentType: string;
}

export interface PrometheusDeps {
  isDatabaseConnected: () => boolean;
  /** Null if it cannot be read now. */
  feedStatus?: () => Promise<{ unpublishedSeconds: number; lagSeconds: Record<string, number> } | null>;
}

/** Seconds; the goals of a page and of a one-click are in the lower half. */
const durations = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/**
 * Makes the registry of a process.
 * The library takes about 50 ms to load, which a start should not wait for. Earlier counts are kept and added then.
 * @param deps both are called at every scrape
 */
export function createPrometheus(deps: PrometheusDeps): Prometheus {
  let counters: Counters | undefined;
  let loading: Promise<Counters> | undefined;
  const waiting: ((counters: Counters) => void)[] = [];

  const load = (): Promise<Counters> =>
    (loading ??= makeCounters(deps).then((made) => {
      counters = made;
      for (const count of waiting.splice(0)) count(made);
      return made;
    }));
  const keep = (count: (counters: Counters) => void): void => {
    if (counters) return count(counters);
    waiting.push(count);
    void load();
  };

  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text: async () => (await load()).registry.metrics(),
    metrics: {
      requestEnded: (route, method, status, seconds) =>
        keep((c) => c.requests.observe({ route, method, status: String(status) }, seconds)),
      optedOut: (by) => keep((c) => c.optOuts.inc({ by })),
      refused: (code) => keep((c) => c.refusals.inc({ code })),
      mailEnded: (kind, outcome) => keep((c) => c.mails.inc({ kind, outcome })),
      unsubscribeMailRead: (outcome) => keep((c) => c.unsubscribeMails.inc({ outcome })),
      jobEnded: (kind, outcome) => keep((c) => c.jobs.inc({ kind, outcome })),
      writeConflicted: () => keep((c) => c.conflicts.inc()),
      databaseChecked: (isWritable) => keep((c) => c.isWritable.set(isWritable ? 1 : 0)),
    },
  };
}

type Counters = Awaited<ReturnType<typeof makeCounters>>;

async function makeCounters(deps: PrometheusDeps) {
  const { default: client } = await import('prom-client');
  const registry: Registry = new client.Registry();
  const registers = [registry];
  client.collectDefaultMetrics({ register: registry });
  new client.Gauge({
    name: 'sayso_database_connected',
    help: '1 while the driver has a server to write to.',
    registers,
    collect() {
      this.set(deps.isDatabaseConnected() ? 1 : 0);
    },
  });
  new client.Gauge({
    name: 'sayso_feed_lag_seconds',
    help: 'How far behind the change feed is: the publisher by the oldest unpublished change, a follower by its oldest unprocessed entry.',
    labelNames: ['stage'],
    registers,
    async collect() {
      const status = await deps.feedStatus?.();
      if (!status) return;
      const stages = { publisher: status.unpublishedSeconds, ...status.lagSeconds };
      for (const [stage, seconds] of Object.entries(stages)) this.set({ stage }, seconds);
    },
  });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new client.Counter({ name, help, labelNames: [...labelNames], registers });
  return {
    registry,
    requests: new client.Histogram({
      name: 'sayso_request_seconds',
      help: 'Requests by route pattern, method and status, with their duration.',
      labelNames: ['route', 'method', 'status'],
      buckets: durations,
      registers,
    }),
    optOuts: counter('sayso_opt_outs_total', 'Opt-outs that became durable, by source.', ['by']),
    refusals: counter('sayso_refusals_total', 'Wishes refused by the rules of consent, by code.', ['code']),
    mails: counter('sayso_mails_total', 'Mails by kind and outcome.', ['kind', 'outcome']),
    unsubscribeMails: counter(
      'sayso_unsubscribe_mails_total',
      'Mails to the unsubscribe address, by whether a token in them could be read.',
      ['outcome'],
    ),
    jobs: counter('sayso_jobs_total', 'Attempts at jobs by kind and outcome.', ['kind', 'outcome']),
    conflicts: counter(
      'sayso_write_conflicts_total',
      'Conditional writes that met a newer version and were retried.',
      [],
    ),
    isWritable: new client.Gauge({
      name: 'sayso_database_writable',
      help: '1 when the last readiness check could write to a majority of the members.',
      registers,
    }),
  };
}

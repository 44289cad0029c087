/** Metrics: counts are served on a separate port, and nothing is lost while the library loads. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { noMetrics } from '../src/metrics.js';
import { createPrometheus } from '../src/prometheus.js';
import { startMetricsServer } from '../src/metrics-server.js';

describe('createPrometheus', () => {
  it('reads at each scrape how far behind the change feed is', async () => {
    let lag = 7;
    const { text } = createPrometheus({
      isDatabaseConnected: () => true,
      feedStatus: async () => ({ unpublishedSeconds: 3, lagSeconds: { counts: lag } }),
    });
    expect(await text()).toContain('sayso_feed_lag_seconds{stage="publisher"} 3');
    lag = 0;
    expect(await text()).toContain('sayso_feed_lag_seconds{stage="counts"} 0');
  });

  it('counts requests, opt-outs, refusals, mails, jobs and conflicts, also those before it was loaded', async () => {
    const { metrics, text } = createPrometheus({ isDatabaseConnected: () => true });
    metrics.requestEnded('/p/:token', 'GET', 200, 0.004);
    metrics.optedOut('ONE_CLICK');
    metrics.optedOut('ONE_CLICK');
    metrics.refused('LINK_EXPIRED');
    metrics.mailEnded('CONFIRMATION', 'SENT');
    metrics.unsubscribeMailRead('UNREADABLE');
    metrics.jobEnded('BULK_EDIT', 'DONE');
    metrics.writeConflicted();
    metrics.databaseChecked(false);
    const lines = (await text()).split('\n');
    metrics.writeConflicted();
    expect(lines).toEqual(
      expect.arrayContaining([
        'sayso_request_seconds_count{route="/p/:token",method="GET",status="200"} 1',
        'sayso_request_seconds_bucket{le="0.005",route="/p/:token",method="GET",status="200"} 1',
        'sayso_opt_outs_total{by="ONE_CLICK"} 2',
        'sayso_refusals_total{code="LINK_EXPIRED"} 1',
        'sayso_mails_total{kind="CONFIRMATION",outcome="SENT"} 1',
        'sayso_unsubscribe_mails_total{outcome="UNREADABLE"} 1',
        'sayso_jobs_total{kind="BULK_EDIT",outcome="DONE"} 1',
        'sayso_write_conflicts_total 1',
        'sayso_database_writable 0',
        'sayso_database_connected 1',
      ]),
    );
    expect(await text()).toContain('sayso_write_conflicts_total 2');
    expect(await text()).toContain('process_resident_memory_bytes');
  });

  it('keeps two registries of one process apart', async () => {
    const one = createPrometheus({ isDatabaseConnected: () => false });
    const other = createPrometheus({ isDatabaseConnected: () => false });
    one.metrics.optedOut('CONTACT');
    expect(await one.text()).toContain('sayso_opt_outs_total{by="CONTACT"} 1');
    expect(await other.text()).not.toContain('by="CONTACT"');
  });
});

describe('noMetrics', () => {
  it('accepts every count and stores none', () => {
    for (const count of Object.values(noMetrics)) expect(count('a', 'b', 200, 1)).toBeUndefined();
  });
});

describe('startMetricsServer', () => {
  it('serves GET /metrics, and nothing else', async () => {
    const prometheus = createPrometheus({ isDatabaseConnected: () => true });
    const server = await startMetricsServer({ prometheus }, { host: '127.0.0.1', port: 0 });
    const bound = server.address();
    const base = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    try {
      const answer = await fetch(`${base}/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(await answer.text()).toContain('sayso_database_connected 1');
      expect((await fetch(`${base}/`)).status).toBe(404);
      expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(405);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('reports when the port is used', async () => {
    const prometheus = createPrometheus({ isDatabaseConnected: () => true });
    const server = await startMetricsServer({ prometheus }, { host: '127.0.0.1', port: 0 });
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    await expect(startMetricsServer({ prometheus }, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    server.close();
  });
});

describe('the start of a process', () => {
  it('does not load the metrics library', () => {
    const script = `
      const { createPrometheus } = await import('./src/prometheus.ts');
      createPrometheus({ isDatabaseConnected: () => true });
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((file) => file.includes('prom-client'));
      process.stdout.write(String(loaded.length));`;
    const out = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(out).toBe('0');
  });
});

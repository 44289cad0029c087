/** Serves the metrics on a separate port, away from the public pages: only `GET /metrics`. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Prometheus } from './prometheus.js';

/**
 * Starts listening.
 * @param input port 0 takes a free one
 * @returns the listening server; the caller closes it
 * @throws the error of `listen`, such as `EADDRINUSE` for a port that is taken
 */
export async function startMetricsServer(
  deps: { prometheus: Prometheus },
  input: { host: string; port: number },
): Promise<Server> {
  const server = createServer((req, res) => {
    const isMetrics = req.url === '/metrics';
    if (!isMetrics || req.method !== 'GET') {
      res.writeHead(isMetrics ? 405 : 404, isMetrics ? { allow: 'GET' } : {}).end();
      return;
    }
    deps.prometheus.text().then(
      (text) =>
        res
          .writeHead(200, { 'content-type': deps.prometheus.contentType, 'cache-control': 'no-store' })
          .end(text),
      () => res.writeHead(500).end(),
    );
  });
  server.listen(input.port, input.host);
  await once(server, 'listening');
  return server;
}

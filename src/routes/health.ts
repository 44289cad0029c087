/** Health: `/livez` says that the process answers, `/readyz` that it can store data. */
import { Router } from 'express';
import type { Connection } from 'mongoose';
import type { Metrics } from '../metrics.js';
import { checkWrite } from '../models/connect.js';
import { patterns } from '../paths.js';

export interface HealthDeps {
  connection: Connection;
  metrics: Metrics;
  /** True from the first sign of a stop, so that the load balancer uses another process before connections close. */
  isStopping: () => boolean;
}

const keptForMs = 1000;
const limitMs = 2000;

/** Routes for the load balancer and the container's health check. The answers reveal no internals. */
export function healthRouter(deps: HealthDeps): Router {
  const mayWrite = shareFor(keptForMs, () => checkWrite(deps.connection, limitMs));
  const router = Router();

  router.get(patterns.livez, (_req, res) => {
    res.set('Cache-Control', 'no-store').type('text').send('alive\n');
  });

  router.get(patterns.readyz, async (_req, res) => {
    res.set('Cache-Control', 'no-store').type('text');
    if (deps.isStopping()) {
      res.status(503).send('stopping\n');
      return;
    }
    const isWritable = await mayWrite();
    deps.metrics.databaseChecked(isWritable);
    res.status(isWritable ? 200 : 503).send(isWritable ? 'ready\n' : 'the database cannot be written\n');
  });

  return router;
}

/** One check at a time, and none while the last answer is fresh, regardless of the number of requests. */
export function shareFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().finally(() => {
      setTimeout(() => {
        answer = undefined;
      }, ms).unref();
    });
    return answer;
  };
}

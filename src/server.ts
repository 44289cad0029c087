/** Starts the portal: database, parts, port; and stops it cleanly. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.js';
import { startDatabase } from './database/start.js';
import { createDeps, type Deps } from './deps.js';
import { drain } from './drain.js';
import { DomainError } from './errors.js';
import { createLog, type Logger } from './log.js';
import { migrateAt, requireSchema } from './migrations.js';
import { createPrometheus } from './prometheus.js';
import { createStopOrder } from './stop-order.js';
import { startWorker } from './worker.js';

/** Milliseconds in which the headers of a request must arrive. Its body has a limit of its own (`limitBodyTime`), since an upload may take long. */
const timeouts = { requestTimeout: 0, headersTimeout: 30_000 };

/**
 * Milliseconds that an idle connection is kept: longer than load balancers keep theirs (usually 60 s), so that no request meets a closing connection.
 */
const keepAliveTimeout = 75_000;

export interface Portal {
  deps: Deps;
  /** The listening address, which links do not use. */
  url: string;
  /** Whether it runs the jobs too. */
  hasWorker: boolean;
  /** Process id of the embedded database, if there is one. */
  databasePid: () => number | undefined;
  /**
   * Becomes not ready, and still accepts requests for `stopNoticeSeconds` unless hurried. Then it takes no new connections, finishes current answers
   * and mails, and closes everything.
   */
  stop: (manner?: { isHurried: boolean }) => Promise<void>;
}

/**
 * Starts a portal.
 * @param options `hasWorker` also runs the jobs in this process; `hasServer` is false for a worker alone; `mayMigrate` updates an older database to
 *   this release's schema (an embedded one is always updated). `prepare` runs after the schema check and before the first read, since a process keeps
 *   the catalogue for seconds
 * @throws DomainError with one sentence: the port is taken, the database is unavailable, a key is wrong
 */
export async function startPortal(
  config: Config,
  options: {
    hasServer: boolean;
    hasWorker: boolean;
    mayMigrate: boolean;
    log?: Logger;
    /** Reports slow steps: a database that is downloaded or restarted. */
    say?: (sentence: string) => void;
    prepare?: (deps: Deps) => Promise<void>;
  },
): Promise<Portal> {
  const log = options.log ?? createLog(config);
  const stops = createStopOrder((err) => log.warn({ err }, 'not stopped in good order'));
  try {
    const say = options.say ?? ((sentence: string) => log.info(sentence));
    const database = await startDatabase({
      uri: config.mongodbUri,
      folder: join(config.varDir, 'database'),
      log: say,
    });
    stops.add(() => database.stop());

    const made: { deps?: Deps } = {};
    const prometheus =
      config.metricsPort === undefined
        ? undefined
        : createPrometheus({
            isDatabaseConnected: () => made.deps?.connection.readyState === 1,
            feedStatus: async () => {
              const { readFeedStatus } = await import('./feed/status.js');
              return made.deps ? readFeedStatus(made.deps).catch(() => null) : null;
            },
          });
    const deps = await createDeps(config, {
      databaseUri: database.uri,
      log,
      ...(prometheus ? { metrics: prometheus.metrics } : {}),
    });
    made.deps = deps;
    stops.add(deps.close);
    await database.prepare(deps.connection);
    if (options.mayMigrate || database.kind !== 'configured')
      await migrateAt(database.uri, {
        subscriberIdKey: config.subscriberIdKey,
        timeZone: config.timeZone,
        say: (sentence) => log.info(sentence),
      });
    else await requireSchema(deps.models);
    await options.prepare?.(deps);

    if (prometheus && config.metricsPort !== undefined) {
      const { startMetricsServer } = await import('./metrics-server.js');
      const metrics = await listening({ host: config.host, port: config.metricsPort }, () =>
        startMetricsServer({ prometheus }, { host: config.host, port: config.metricsPort ?? 0 }),
      );
      stops.add(() => drain(metrics, 1));
    }
    if (options.hasServer) stops.add(await keepWordingsFresh(deps));
    if (options.hasWorker) {
      const worker = await startWorker(deps);
      stops.add(worker.stop);
    }
    let isStopping = false;
    let url = '';
    if (options.hasServer) {
      const { createApp } = await import('./app.js');
      const server = createServer(
        { ...timeouts, keepAliveTimeout },
        createApp(deps, () => isStopping),
      );
      await listening(config, () => listen(server, config));
      url = urlOf(server);
      // So that no reader waits for a template to be compiled.
      const { views } = deps;
      setImmediate(() => views.warm());
      // In parallel with the worker, within the same SHUTDOWN_SECONDS.
      stops.addBeside(() => drain(server, config.shutdownSeconds));
    }
    log.info(
      { listeningOn: url || undefined, database: database.kind, hasWorker: options.hasWorker },
      'started',
    );
    return {
      deps,
      url,
      hasWorker: options.hasWorker,
      databasePid: () => database.pid,
      stop: async ({ isHurried } = { isHurried: false }) => {
        isStopping = true;
        // /readyz tells load balancers about the stop before connections are refused (decision 0551).
        if (url && !isHurried) await sleep(config.stopNoticeSeconds * 1000);
        await stops.run();
        log.info('stopped');
      },
    };
  } catch (error) {
    await stops.run();
    throw error;
  }
}

/** A wording is stored before a page shows it, or within seconds of a change. Viewing a page never stores anything. */
async function keepWordingsFresh(deps: Deps): Promise<() => Promise<void>> {
  const keep = async () => deps.keepWordings(await deps.catalogue());
  await keep();
  const timer = setInterval(
    () => void keep().catch((err: unknown) => deps.log.warn({ err }, 'wordings not kept')),
    2000,
  );
  return async () => clearInterval(timer);
}

async function listen(server: Server, config: Config): Promise<Server> {
  server.listen(config.port, config.host);
  await once(server, 'listening');
  return server;
}

async function listening(
  { host, port }: Pick<Config, 'host' | 'port'>,
  start: () => Promise<Server>,
): Promise<Server> {
  try {
    return await start();
  } catch (error) {
    switch (Object(error)['code']) {
      case 'EADDRINUSE':
      case 'EACCES': {
        const isTaken = Object(error)['code'] === 'EADDRINUSE';
        const why = isTaken ? 'is taken by another program' : 'may not be used by this user';
        throw new DomainError('PORT_TAKEN', `Port ${port} ${why}: set PORT or METRICS_PORT to another.`, {
          cause: error,
        });
      }
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
      case 'EINVAL':
        throw new DomainError(
          'INVALID_CONFIGURATION',
          `HOST is ${host}, which is not an address of this machine: 127.0.0.1 accepts connections from this machine only, 0.0.0.0 from all.`,
          { cause: error },
        );
      default:
        throw error;
    }
  }
}

function urlOf(server: Server): string {
  const address = server.address();
  if (typeof address !== 'object' || address === null) return '';
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

/** The whole web application: every middleware and router, in order, on one screen. */
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { adminPaths } from './admin-paths.js';
import type { Deps } from './deps.js';
import { apiPaths, isApiPath, patterns } from './paths.js';
import { healthRouter } from './routes/health.js';
import { limitBodyTime } from './routes/middleware/body-time.js';
import { limitCrowding } from './routes/middleware/crowding.js';
import { cutLinks } from './routes/middleware/cut-links.js';
import { errorPage, notFoundPage } from './routes/middleware/error-page.js';
import { forwardingRoutes } from './routes/middleware/forwarding.js';
import { requestLog } from './routes/middleware/request-log.js';
import { securityHeaders } from './routes/middleware/security-headers.js';
import { limitSenders } from './routes/middleware/senders.js';
import { assetRoutes } from './routes/public/assets.js';
import { confirmRoutes } from './routes/public/confirm.js';
import { findRoutes } from './routes/public/find.js';
import { inboundRoutes } from './routes/public/inbound.js';
import { myHistoryRoutes } from './routes/public/my-history.js';
import { oneClickRoutes } from './routes/public/one-click.js';
import { preferencesRoutes } from './routes/public/preferences.js';
import { unsubscribeRoutes } from './routes/public/unsubscribe.js';
import { createVisits } from './routes/public/visits.js';

/** Forms are small. A list of millions of addresses may take hours. */
const bodyTimes = {
  ...{ formMs: 30_000, silenceMs: 60_000 },
  isUpload: ({ path }: Request) =>
    path === adminPaths.imports() || path === apiPaths.imports || path === apiPaths.linksInBatch,
};

/** Puts the application together. @param isStopping true once the process has been asked to stop */
export function createApp(deps: Deps, isStopping: () => boolean = () => false): Express {
  const { config } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.trustProxyHops);
  app.set('query parser', 'simple');

  const form = express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 2000 });
  const visits = createVisits(deps.clock);

  app.use((_request, response, next) => {
    // A client that keeps this connection would find it closed; the next one goes to a process that stays (RFC 9112, section 9.6).
    if (isStopping()) response.set('Connection', 'close');
    next();
  });
  app.use(requestLog(deps));
  app.use(securityHeaders(config));
  app.use(cutLinks);
  app.use(limitBodyTime(bodyTimes));
  const crowding = limitCrowding(2000);
  // A one-click is always answered here, before what only pages need.
  app.post(patterns.oneClick, crowding);
  app.use(oneClickRoutes(deps, visits));
  app.use(forwardingRoutes(deps));
  app.use(healthRouter({ ...deps, isStopping }));
  app.use(crowding);
  app.use(inboundRoutes(deps));
  app.use(unsubscribeRoutes(deps, visits));
  // Behind those that wait for no body, or for none of a stranger's.
  app.use(limitSenders({ inAll: 2000, ofOneNetwork: 200 }));
  app.use(preferencesRoutes(deps, visits));
  app.use(confirmRoutes(deps, visits, form));
  app.use(myHistoryRoutes(deps, visits, form));
  const limitFind = atFirstRequest(async () => {
    const { limitByAddress } = await import('./routes/middleware/rate-limit.js');
    return limitByAddress(deps, { name: 'find', most: 20, seconds: 600 });
  });
  app.use(findRoutes(deps, form, limitFind));
  app.use(assetRoutes(deps));
  const api = atFirstRequest(async () => (await import('./routes/api/api.js')).apiRouter(deps));
  app.use(onlyFor(isApiPath, api));
  app.use(
    patterns.hooks,
    atFirstRequest(async () => (await import('./routes/hooks/hooks.js')).hooksRouter(deps)),
  );
  app.use(
    patterns.admin,
    atFirstRequest(async () => (await import('./routes/admin/admin.js')).adminRouter(deps, isStopping)),
  );
  if (config.environment !== 'production' && !config.smtpUrl) {
    const outbox = atFirstRequest(async () => (await import('./routes/public/outbox.js')).outboxRoutes(deps));
    app.use(onlyFor((path) => path.startsWith(patterns.outbox), outbox));
  }
  app.use(notFoundPage(deps));
  app.use(faultsOfApi(deps));
  app.use(errorPage(deps));
  return app;
}

function onlyFor(isOne: (path: string) => boolean, handler: RequestHandler): RequestHandler {
  return (request, response, next) => (isOne(request.path) ? handler(request, response, next) : next());
}

/** Answers in JSON what a limit of the whole application refuses on a path of the API, whose code the first such call loads. */
export function faultsOfApi(deps: Pick<Deps, 'log'>): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    if (!isApiPath(request.path)) return next(error);
    const { apiErrorAnswer } = await import('./routes/api/error-answer.js');
    apiErrorAnswer(deps)(error, request, response, next);
  };
}

/** The staff pages, the API, the hooks and the limits need code of their own. A process that only shows pages to contacts never loads it (decision 0441). */
function atFirstRequest(load: () => Promise<RequestHandler>): RequestHandler {
  let loading: Promise<RequestHandler> | undefined;
  return async (request, response, next) => {
    // A failed load is retried by the next request: a file may be readable then.
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return (await loading)(request, response, next);
  };
}

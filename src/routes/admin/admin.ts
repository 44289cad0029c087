/** The admin router, mounted under /admin: session, gates and all declared routes, in order. It is loaded at the first request. */
import express from 'express';
import type { NextFunction, Request, RequestHandler, Response, Router } from 'express';
import type { Deps } from '../../deps.js';
import { mayRole } from '../../vocabulary/access.js';
import { DomainError } from '../../errors.js';
import { contactRoutes } from './contact/contact-routes.js';
import { auditBy } from './audit-by.js';
import { adminErrorPage, adminNotFound } from './error-page.js';
import { bulkEditRoutes } from './bulk/bulk-edit.js';
import { linkMailingRoutes } from './bulk/link-mailing.js';
import { contactsRoutes } from './contacts/contacts.js';
import { exportRoutes } from './exports/exports.js';
import { importRoutes } from './imports/imports.js';
import { importListRoutes } from './imports/list-page.js';
import { jobRoutes } from './jobs/jobs.js';
import { listEditRoutes } from './lists/list-edits.js';
import { listIndexRoutes } from './lists/list-index.js';
import { listRecordRoutes } from './lists/list-record.js';
import { manageMarketingRoutes } from './marketing/manage.js';
import { manageContactsRoutes } from './marketing/manage-contacts.js';
import { marketingEditRoutes } from './marketing/marketing-edits.js';
import { marketingPageRoutes } from './marketing/marketing-page.js';
import { marketingSettingsRoutes } from './marketing/marketing-settings.js';
import { dashboardRoutes } from './dashboard/dashboard.js';
import type { AdminRoute, Ask, MountedRule } from './route.js';
import { settingsRoutes } from './settings/settings.js';
import { hasToken, refuseCrossSite, sessionsOf } from './session.js';
import { accountRoutes } from './account.js';
import { oneTimeCodeRoutes } from './one-time-codes.js';
import { auditRoutes } from './audit.js';
import { workflowRoutes } from './workflows/workflows.js';
import { keyRoutes } from './keys.js';
import { oidcRoutes } from './oidc.js';
import { passkeySignInRoutes } from './passkey-sign-in.js';
import { passkeyRoutes } from './passkeys.js';
import { signInCodeRoutes } from './sign-in-code.js';
import { signInRoutes } from './sign-in.js';
import { userListRoutes } from './users.js';
import { userRoutes } from './user.js';
import { welcomeRoutes } from './welcome.js';
import { mayShowAgain, refuseUnread, showAgain, signInFirst, unsentFormRoute } from './unsent-form.js';
import { askOf } from './who.js';

/** All routes. Nothing else is mounted. */
function routesOf(deps: Deps, isStopping: () => boolean): AdminRoute[] {
  return [
    // One per line.
    signInRoutes,
    signInCodeRoutes,
    welcomeRoutes,
    passkeySignInRoutes,
    oidcRoutes,
    accountRoutes,
    oneTimeCodeRoutes,
    passkeyRoutes,
    userListRoutes,
    userRoutes,
    keyRoutes,
    auditRoutes,
    dashboardRoutes,
    contactRoutes,
    settingsRoutes,
    contactsRoutes,
    listIndexRoutes,
    listRecordRoutes,
    bulkEditRoutes,
    linkMailingRoutes,
    listEditRoutes,
    marketingPageRoutes,
    marketingSettingsRoutes,
    manageMarketingRoutes,
    manageContactsRoutes,
    marketingEditRoutes,
    exportRoutes,
    importRoutes,
    importListRoutes,
    jobRoutes,
    workflowRoutes,
  ].flatMap((of) => of(deps, isStopping));
}

/** Builds the router. @param isStopping true once the process has been asked to stop */
export function adminRouter(deps: Deps, isStopping: () => boolean = () => false): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '512kb', parameterLimit: 12_000 });
  const formOfAnyone = express.urlencoded({ extended: false, limit: '128kb', parameterLimit: 100 });
  router.use(sessionsOf(deps));
  router.use(refuseCrossSite(deps.config));
  const routes = routesOf(deps, isStopping);
  const unsentForm = unsentFormRoute(deps, routes, (route, ask) => refuseUnlessAllowed(deps, route, ask));
  for (const route of [...routes, unsentForm]) {
    const handlers: RequestHandler[] = [];
    if (route.method === 'POST' && route.may === 'anyone') handlers.push(formOfAnyone);
    else if (route.method === 'POST' && route.may !== 'anyone')
      handlers.push(refuseUnread(deps, route), route.parse ?? form);
    handlers.push(handlerOf(deps, route));
    if (route.method === 'POST') router.post(route.path, ...handlers);
    else router.get(route.path, ...handlers);
  }
  router.use(adminNotFound);
  router.use(adminErrorPage(deps));
  return router;
}

/** The last handler of each route carries its rule, which the matrix test reads. */
function handlerOf(deps: Deps, route: AdminRoute): RequestHandler & { rule: MountedRule } {
  const isShownAgain = route.may !== 'anyone' && route.showAgain !== undefined;
  const rule: MountedRule = { may: route.may, about: route.about, isShownAgain };
  const isAct = route.method === 'POST';
  return Object.assign(
    async (request: Request, response: Response, _next: NextFunction) => {
      if (route.may === 'anyone') {
        response.locals['hasBegun'] = isAct;
        return route.handle(request, response);
      }
      const ask = await askOf(deps, request);
      if (!ask) return signInFirst(deps, route, request, response);
      // Error pages for signed-in users have the navigation.
      response.locals['ask'] = ask;
      const isStale = isAct && !hasToken(request);
      if (isStale && !mayShowAgain(deps, route, ask)) throw new DomainError('FORGED_REQUEST');
      await refuseUnlessAllowed(deps, route, ask);
      if (isStale) return showAgain(route, ask, response);
      // An error from here on may come after something was saved. Its page must not say that nothing was.
      response.locals['hasBegun'] = isAct;
      return route.handle(ask, response);
    },
    { rule },
  );
}

/** @throws DomainError `NOT_PERMITTED` for the wrong role, `NOT_FOUND` for pages that only unlimited users reach */
async function refuseUnlessAllowed(deps: Deps, { may, about, path }: AdminRoute, ask: Ask): Promise<void> {
  if (may === 'anyone' || may === 'signed-in') return;
  if (!mayRole(ask.user.role, may)) {
    // Only a refused change is worth an entry; a refused look is not.
    if (ask.request.method === 'POST')
      await auditBy(deps, ask, { kind: 'ACCESS_REFUSED', detail: `${may} ${path}` });
    throw new DomainError('NOT_PERMITTED');
  }
  if (about === 'account' && ask.scope !== null) throw new DomainError('NOT_FOUND');
}

/** Keeps a form that was sent after its session had ended, and shows it again after the sign-in. Only its button sends it. */
import type { Request, RequestHandler, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { findUnsentForm, keepUnsentForm, type TypedForm } from '../../domain/staff/unsent-forms.js';
import type { AdminNotice } from '../../views/admin-frame.js';
import { userMarkedIn } from './form-mark.js';
import { outside, saying } from './frame.js';
import { isKnownDevice } from './known-device.js';
import { get, type AdminRoute, type Ask, type StaffRoute } from './route.js';

/** Message above a form that is shown again. Files are not kept. */
function noticeFor({ parse }: StaffRoute): AdminNotice {
  const act = parse
    ? 'Check it, choose the file again if there was one, and send it.'
    : 'Check it and send it.';
  return {
    tone: 'warn',
    strong: 'Nothing was sent yet.',
    sentence: `Your session ended while this form was open. This is what you typed. ${act}`,
  };
}

/** Keeps the form if it can be shown again, and leads to the sign-in. */
export async function signInFirst(
  deps: Deps,
  route: StaffRoute,
  request: Request,
  response: Response,
): Promise<void> {
  if (request.method !== 'POST') {
    const next = request.path === '/' ? undefined : request.originalUrl;
    return response.redirect(303, adminPaths.signIn({ next }));
  }
  const userId = markedUser(deps, request);
  const isKept =
    userId !== null && route.showAgain !== undefined && (await keep(deps, route, request, userId));
  const signIn = adminPaths.signIn(isKept ? { next: adminPaths.unsentForm() } : {});
  const said = isKept ? 'form-kept' : 'session-ended';
  response.redirect(303, saying(outside(deps, request), signIn, said));
}

/**
 * Whether a form with the anti-forgery token of an ended session may be shown again: only to the user of its mark. It comes from our own page, like
 * all forms, and nothing is done with it.
 */
export function mayShowAgain(deps: Deps, route: StaffRoute, { request, user }: Ask): boolean {
  return route.showAgain !== undefined && markedUser(deps, request) === user.id;
}

/** Shows a form as it was sent. */
export async function showAgain(route: StaffRoute, ask: Ask, response: Response): Promise<void> {
  await route.showAgain?.({ ...ask, notice: noticeFor(route) }, response);
}

/** Lets the body be read only with a session, or on a known device if the form can be shown again. */
export function refuseUnread(deps: Deps, route: StaffRoute): RequestHandler {
  return async (request, response, next) => {
    const isRead = request.session.userId || (route.showAgain && (await isKnownDevice(deps, request)));
    if (isRead) return next();
    await signInFirst(deps, route, request, response);
  };
}

/** @param routes all routes; @param refuseUnlessAllowed the check of permissions that every request passes */
export function unsentFormRoute(
  deps: Deps,
  routes: readonly AdminRoute[],
  refuseUnlessAllowed: (route: AdminRoute, ask: Ask) => Promise<void>,
): StaffRoute {
  return get(adminPatterns.unsentForm, { may: 'signed-in', about: 'own' }, async (ask, response) => {
    const form = await findUnsentForm(deps, ask.user.id);
    const route = routes.find(({ method, path }) => method === 'POST' && path === form?.pattern);
    if (!form || !route || route.may === 'anyone' || !route.showAgain)
      return response.redirect(303, adminPaths.dashboard());
    await refuseUnlessAllowed(route, ask);
    await showAgain(route, { ...ask, request: asSent(ask.request, form) }, response);
  });
}

function markedUser({ config, clock }: Deps, { body }: Request): string | null {
  const sent: unknown = Object(body)['_csrf'];
  return userMarkedIn(config, sent, clock());
}

async function keep(deps: Deps, { path }: StaffRoute, request: Request, userId: string): Promise<boolean> {
  const { _csrf, ...fields }: Record<string, unknown> = Object(request.body);
  return keepUnsentForm(deps, userId, { pattern: path, params: { ...request.params }, fields });
}

/** The request as it was when the form was sent, for `showAgain`. */
function asSent(request: Request, { params, fields }: TypedForm): Request {
  const sent: Partial<Record<string | symbol, unknown>> = { method: 'POST', params, body: fields, query: {} };
  return new Proxy(request, {
    get: (target, name) => (Object.hasOwn(sent, name) ? sent[name] : Reflect.get(target, name, target)),
  });
}

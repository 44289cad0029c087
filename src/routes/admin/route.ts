/** Declaration of an admin route: data with a permission and a subject, so that no route is without a rule. */
import type { Request, RequestHandler, Response } from 'express';
import type { Permission, StaffMember } from '../../vocabulary/access.js';
import type { AdminNotice } from '../../views/admin-frame.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { SaidContext } from '../said-mark.js';

/** `anyone`: no sign-in needed. `signed-in`: every user, for the own account. */
export type Gate = Permission | 'anyone' | 'signed-in';

/**
 * The subject of a route, which decides what limited users reach. `nothing`: no parameter; the page shows what is in scope. `account`: the whole
 * installation, for unlimited users only. `own`: something of the signed-in user. Otherwise the parameter names one thing, which outside the scope
 * does not exist (404).
 */
export type About =
  | 'nothing'
  | 'account'
  | 'own'
  | 'contact'
  | 'unit'
  | 'type'
  | 'job'
  | 'import'
  | 'user'
  | 'key'
  | 'view'
  | 'endpoint'
  | 'source'
  | 'webhook'
  | 'list'
  | 'workflow';

/** A request by a signed-in user. */
export interface Ask {
  request: Request;
  user: StaffMember;
  /** Scope of the user, for queries. */
  scope: Scope;
  /** IANA name of the account's time zone, for days and moments. */
  zone: string;
  /** Value of the hidden field `_csrf` of every form. */
  csrf: string;
  /** Marks what a page says after an act as this user's. */
  said: SaidContext;
  /** Network of the request, for the audit log. */
  from: string;
  /** Message above the page, in place of the one that the URL asks for. */
  notice?: AdminNotice;
}

interface Rule {
  method: 'GET' | 'POST';
  /** A pattern of `adminPatterns`. */
  path: string;
  about: About;
  /** Body parser for uploads, in place of the ordinary one. It leaves the fields in `request.body`. */
  parse?: RequestHandler;
}

/** A route for signed-in users. */
export interface StaffRoute extends Rule {
  may: Exclude<Gate, 'anyone'>;
  handle: (ask: Ask, response: Response) => Promise<void> | void;
  /**
   * For forms with text fields: shows the form filled in as it was sent, and does nothing. It is used when the session ended before the form
   * was sent (decision 0564). Forms with a password have none.
   */
  showAgain?: (ask: Ask, response: Response) => Promise<void> | void;
}

interface OpenRoute extends Rule {
  may: 'anyone';
  handle: (request: Request, response: Response) => Promise<void> | void;
}

export type AdminRoute = OpenRoute | StaffRoute;

const forStaff =
  (method: Rule['method']) =>
  (
    path: string,
    rule: Omit<StaffRoute, 'method' | 'path' | 'handle'>,
    handle: StaffRoute['handle'],
  ): StaffRoute => ({ ...rule, method, path, handle });
const forAnyone =
  (method: Rule['method']) =>
  (path: string, handle: OpenRoute['handle']): OpenRoute => ({
    ...{ method, path, handle, may: 'anyone', about: 'nothing' },
  });

export const get = forStaff('GET');
export const post = forStaff('POST');
/** Without a sign-in. */
export const openGet = forAnyone('GET');
export const openPost = forAnyone('POST');

/** Rule of a mounted handler, which the matrix test reads. */
export interface MountedRule {
  may: Gate;
  about: About;
  /** Whether the route has `showAgain`. */
  isShownAgain: boolean;
}

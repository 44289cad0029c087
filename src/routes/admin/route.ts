/** How a page of the staff is declared: as data, with who may ask for it and what it is about, so that no route is without a rule. */
import type { Request, RequestHandler, Response } from 'express';
import type { Permission, StaffMember } from '../../domain/staff/access.js';
import type { AdminNotice } from '../../views/admin-pages.js';
import type { Scope } from '../../scope.js';
import type { SaidContext } from '../said-mark.js';

/** `anyone` needs no sign-in; `signed-in` is everybody's own: account, sessions, signing out. */
export type Gate = Permission | 'anyone' | 'signed-in';

/**
 * What the path's parameter names, which decides what a user limited to some units finds: `nothing` has no parameter and shows what is in
 * scope; `account` is of the whole installation, so only unlimited users reach it; anything else is one thing, and outside the scope it
 * does not exist (404). `own` is something of the signed-in user's.
 */
export type About =
  'nothing' | 'account' | 'own' | 'contact' | 'unit' | 'type' | 'job' | 'user' | 'key' | 'view';

/** A request by somebody who has signed in. */
export interface Ask {
  request: Request;
  user: StaffMember;
  /** The user's, where rows are chosen or counted. */
  scope: Scope;
  /** Goes into every form, as `_csrf`. */
  csrf: string;
  /** Marks what a page says after an act as this user's. */
  said: SaidContext;
  /** Network that the request comes from, for the audit log. */
  from: string;
  /** Said above the page in place of what its address asks for. */
  notice?: AdminNotice;
}

interface Rule {
  method: 'GET' | 'POST';
  /** A pattern of `adminPatterns`. */
  path: string;
  about: About;
  /** Reads the body in place of the ordinary form parser, for uploads; it must leave the fields in `request.body`. */
  parse?: RequestHandler;
}

/** A route of somebody's who has signed in. */
export interface StaffRoute extends Rule {
  may: Exclude<Gate, 'anyone'>;
  handle: (ask: Ask, response: Response) => Promise<void> | void;
  /**
   * Of a form in which somebody types: shows it filled in as it was sent, and does nothing. It is used where the session ended before the form
   * was sent (decision 0564). A form with a password has none.
   */
  showAgain?: (ask: Ask, response: Response) => Promise<void> | void;
}

export type AdminRoute =
  | (Rule & { may: 'anyone'; handle: (request: Request, response: Response) => Promise<void> | void })
  | StaffRoute;

/** What is kept with each mounted handler, for whoever reads the router (the matrix test). */
export interface MountedRule {
  may: Gate;
  about: About;
  /** Whether the form is kept and shown again where the session ended before it was sent. */
  isShownAgain: boolean;
}

/** Every staff route, read from the mounted router, so that none can be forgotten. */
import { z } from 'zod';
import type { Router } from 'express';
import { permissions, roles, type Permission, type Role } from '../../src/vocabulary/access.js';
import { patterns } from '../../src/paths.js';

const abouts = [
  'nothing',
  'account',
  'own',
  'contact',
  'unit',
  'type',
  'job',
  'import',
  'user',
  'key',
  'view',
  'endpoint',
  'source',
  'webhook',
  'list',
  'workflow',
] as const;

const ruleSchema = z.object({ may: z.string(), about: z.enum(abouts), isShownAgain: z.boolean() });

export interface MountedRoute {
  method: 'GET' | 'POST';
  /** With the mount: `/admin/contacts/:contact`. */
  path: string;
  may: string;
  about: (typeof abouts)[number];
  isShownAgain: boolean;
}

/** @throws Error for a route whose last handler carries no rule, and for a nested router, whose routes are not listed */
export function mountedRoutes(router: Router): MountedRoute[] {
  return router.stack.flatMap((layer) => {
    const { route } = layer;
    if (!route) {
      if ('stack' in layer.handle) throw new Error('A router within the router: declare its routes instead.');
      return [];
    }
    const rule = ruleSchema.safeParse(Object(route.stack.at(-1)?.handle)['rule']);
    if (!rule.success) throw new Error(`${route.path} has no rule.`);
    const methods = new Set(route.stack.map(({ method }) => method.toUpperCase()));
    return [...methods].map((method) => {
      if (method !== 'GET' && method !== 'POST')
        throw new Error(`${method} ${route.path}: only GET and POST.`);
      return { method, path: patterns.admin + route.path.replace(/^\/$/, ''), ...rule.data };
    });
  });
}

/** Roles that a route is for; all of them when it needs no permission. */
export function rolesOf({ may }: MountedRoute): readonly Role[] {
  return isPermission(may) ? permissions[may] : roles;
}

export function isPermission(may: string): may is Permission {
  return Object.hasOwn(permissions, may);
}

/** What the first parameter of a path names. For one's own things each parameter is a kind of its own. */
export function thingOf({ path, about }: MountedRoute): string {
  return about === 'own' ? (/:(\w+)/.exec(path)?.[1] ?? about) : about;
}

/** Every URL of the staff's pages, named once; one block a part of the house. */
import { patterns } from './paths.js';

/** Route patterns, within `/admin`. */
export const adminPatterns = {
  overview: '/',

  // signing in
  signIn: '/sign-in',
  signOut: '/sign-out',

  // contacts

  // bulk work and jobs

  // settings
} as const;

const at = (pattern: string, ...values: string[]) =>
  patterns.admin + values.reduce((path, value) => path.replace(/:\w+/, encodeURIComponent(value)), pattern);

/** Paths with their parameters in place. */
export const adminPaths = {
  overview: () => patterns.admin,

  // signing in
  signIn: (next?: string) => at(adminPatterns.signIn) + (next ? `?${new URLSearchParams({ next })}` : ''),
  signOut: () => at(adminPatterns.signOut),

  // contacts

  // bulk work and jobs

  // settings
} as const;

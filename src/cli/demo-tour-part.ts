/** What a part of the tour gets, and what it is. */
import type { Portal } from '../server.js';
import type { Role } from '../vocabulary/access.js';
import type { TourBrowser } from './demo-tour-browser.js';

/** What each part of the tour gets. */
export interface Tour extends Pick<Portal, 'deps' | 'url'> {
  /** Tells one step. Steps are numbered through all parts. */
  tell: (sentence: string) => void;
  /** Signs a user with this role in, who reaches all business units. */
  signIn: (role: Role) => Promise<{ name: string; browser: TourBrowser }>;
  /** Differs from tour to tour, so that each begins with addresses of which nothing is known. */
  mark: string;
  /** An address of this tour. */
  addressOf: (name: string) => string;
}

/** One part, which undoes what the portal would keep showing. @throws DomainError `TOUR_FAILED` at the first unexpected result */
export type TourPart = (tour: Tour) => Promise<void>;

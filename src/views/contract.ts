/** The interface of the views for routes and mails. */
import type { Locale } from '../vocabulary/locales.js';
import type { Pages } from './pages.js';
import type { Copy } from './public-pages.js';

/** The object of a mail template; `copy` as for pages. */
export interface MailParts {
  subject: string;
  heading: string;
  sentences: string[];
  button: { label: string; url: string };
  small: string[];
  unit: { name: string; postalAddress: string; accent: string; logoUrl?: string };
  footerLinks: { label: string; url: string }[];
  locale: string;
  direction: 'ltr' | 'rtl';
}

export interface Views {
  /** A whole HTML page. */
  page<P extends keyof Pages>(name: P, page: Pages[P]): string;
  /** The HTML and text parts of a mail. */
  mail(parts: MailParts): { html: string; text: string };
  /** The HTML and text of a footer for mails of other systems. */
  footer(parts: {
    unitName: string;
    postalAddress: string;
    locale: string;
    manageUrl: string;
    unsubscribeAllUrl: string;
    unsubscribeOneUrl?: string;
    typeName?: string;
  }): { html: string; text: string };
}

/** Words of one locale: `copy` for fixed ones, `t` for those with names, counts and dates. */
export interface Words {
  locale: Locale;
  direction: 'ltr' | 'rtl';
  copy: Copy;
  t(key: string, values?: Record<string, string | number>): string;
  /** A calendar day in the reader's language, in UTC: "14 March 2025". */
  day(at: Date): string;
  /** Day and time, with "UTC". */
  moment(at: Date): string;
  /** "A, B and C" */
  list(names: string[]): string;
}

/** Reads received mails as a contact does: waits for one, and finds where its buttons lead. */
import { vi } from 'vitest';
import type { CaughtMail, Mailbox } from './mailbox.js';

/** The newest mail to an address with a matching subject, once it has arrived. */
export async function mailTo(
  box: Pick<Mailbox, 'caught'>,
  address: string,
  subject: RegExp,
): Promise<CaughtMail> {
  return vi.waitUntil(
    () =>
      box.caught.findLast(({ to, parsed }) => to.includes(address) && subject.test(parsed.subject ?? '')) ??
      false,
    { timeout: 20_000, interval: 50 },
  );
}

/** Where a link of the HTML part leads, by its text. */
export function linkIn({ html }: { html?: string | undefined }, words: RegExp): string {
  for (const [, href, label] of (html ?? '').matchAll(/<a href="([^"]+)"[^>]*>([^<]*)</g)) {
    if (href && words.test(label ?? '')) return href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
  }
  throw new Error('There is no such link in the mail.');
}

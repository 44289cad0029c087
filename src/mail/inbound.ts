/** Finds the token in a mail that a mail client sent to the `mailto:` of List-Unsubscribe (RFC 2369, section 3.2). */
import PostalMime, { type Email } from 'postal-mime';
import { tokenIn } from '../tokens/token-in-text.js';

/** Bytes of a mail that are read: the subject and the first text are at its beginning, large attachments are not. */
export const mostMailBytes = 256 * 1024;
/** Characters of the text that are searched: clients that drop the subject put it at the beginning. */
const mostText = 2048;
/** Far more than a subject with a token has. */
const mostSubject = 8192;

/**
 * Reads a mail as its server received it; any content is accepted.
 * @param raw the message (RFC 5322), or its beginning
 * @param issuer of this portal's tokens
 * @returns a whole `unsubscribe` token from the subject, or else from the beginning of the text, not yet verified; null if there is none
 */
export async function readUnsubscribeMail(raw: Uint8Array, issuer: string): Promise<string | null> {
  const mail = await parsed(raw.subarray(0, mostMailBytes));
  if (!mail) return null;
  const { subject = '', text, html } = mail;
  return (
    tokenIn(subject.slice(0, mostSubject), issuer) ?? tokenIn((text || html || '').slice(0, mostText), issuer)
  );
}

async function parsed(raw: Uint8Array): Promise<Email | null> {
  try {
    // A message within the message comes from another sender, and so do its links.
    return await PostalMime.parse(raw, { forceRfc822Attachments: true });
  } catch {
    // Deeper nesting than any mail client makes.
    return null;
  }
}

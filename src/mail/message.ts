/** Writes one mail as bytes: one checked recipient, no foreign header, and a DKIM signature if its sender's domain has a key. */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import emailCheck from 'validator/lib/isEmail.js';
import type { Config } from '../config.js';
import { dkimKeyFor, domainOf, type DkimKey } from '../dkim-keys.js';
import { DomainError } from '../errors.js';

/** The two headers of RFC 8058, section 3.1, each value as the receiver must get it. */
export interface UnsubscribeHeaders {
  'List-Unsubscribe': string;
  'List-Unsubscribe-Post': string;
}

/** A complete mail before it is written as bytes. */
export interface ComposedMail {
  /** The queue's key. File name and `Message-ID` are derived from it, so a retried mail keeps both. */
  id: string;
  from: { name: string; address: string };
  /** Where delivery reports go (RFC 5321, section 4.4); absent: to the sender. */
  envelopeFrom?: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: UnsubscribeHeaders;
  at: Date;
}

/** A mail to staff, without a subscription. */
export type StaffMail = Omit<ComposedMail, 'headers'> & { headers: null };

/** A mail ready to be delivered. */
export interface WrittenMail {
  mail: ComposedMail | StaffMail;
  messageId: string;
  envelope: { from: string; to: string };
  raw: Buffer;
}

/**
 * The headers that the signature covers (RFC 6376, section 5.4.1). Both unsubscribe headers must be included (RFC 8058, section 4); nodemailer's
 * default list lacks the second.
 */
const signedHeaders = [
  ...[
    'From',
    'Sender',
    'Reply-To',
    'To',
    'Cc',
    'Subject',
    'Date',
    'Message-ID',
    'MIME-Version',
    'Content-Type',
  ],
  ...['Content-Transfer-Encoding', 'Auto-Submitted', 'List-Unsubscribe', 'List-Unsubscribe-Post'],
].join(':');

export type WriteMessage = (mail: ComposedMail | StaffMail) => Promise<WrittenMail>;

/**
 * Makes the function that writes mails.
 * @returns a function that throws DomainError `INVALID_ADDRESS` if sender or recipient is not exactly one address, and `INVALID_FORM` if a name, a
 *   subject or a header contains a control character
 */
export function messageWriter(config: Pick<Config, 'dkimKeys' | 'baseUrl'>): WriteMessage {
  const builder = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const idHost = new URL(config.baseUrl).hostname;
  return async (mail) => {
    const sender = oneAddress(mail.from.address);
    const envelope = { from: oneAddress(mail.envelopeFrom ?? sender), to: oneAddress(mail.to) };
    const key = dkimKeyFor(config.dkimKeys, domainOf(sender));
    const messageId = `<${fileKeyOf(mail.id)}@${idHost}>`;
    const built = await builder.sendMail({
      envelope,
      messageId,
      date: mail.at,
      from: { name: headerText(mail.from.name), address: sender },
      to: { name: '', address: envelope.to },
      subject: headerText(mail.subject),
      text: mail.text,
      html: mail.html,
      // Lines of at most 76 characters, so that no server on the way breaks the signature.
      textEncoding: 'quoted-printable',
      xMailer: false,
      headers: {
        // RFC 3834, section 5: no out-of-office answers to these.
        'Auto-Submitted': 'auto-generated',
        ...(mail.headers ? unsubscribeHeaders(mail.headers) : {}),
      },
      // A signature of another domain would not count for DMARC, and would link two brands.
      ...(key ? { dkim: signing(key) } : {}),
    });
    if (!Buffer.isBuffer(built.message)) throw new TypeError('A mail was not written to memory.');
    // Nodemailer sends an unsigned mail if signing fails.
    if (key && !built.message.subarray(0, 5000).includes('DKIM-Signature:')) {
      throw new DomainError('INVALID_CONFIGURATION', `The DKIM key of ${key.domain} could not sign a mail.`);
    }
    return { mail, messageId, envelope, raw: built.message };
  };
}

function signing({ domain, selector, privateKey }: DkimKey) {
  return { domainName: domain, keySelector: selector, privateKey, headerFieldNames: signedHeaders };
}

/** A short name of a mail, safe in a file name and in a `Message-ID`. The same key always gives the same name. */
export function fileKeyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 22);
}

/**
 * @returns the text, which is exactly one bare address
 * @throws DomainError `INVALID_ADDRESS` otherwise: nothing that could be read as a second address, a name or a header goes through
 */
export function oneAddress(text: string): string {
  if (/[\s\p{Cc}"<>,;:()[\]\\]/u.test(text) || !emailCheck.default(text, { allow_utf8_local_part: true })) {
    throw new DomainError('INVALID_ADDRESS', 'A mail goes to and comes from exactly one e-mail address.');
  }
  return text;
}

function headerText(text: string): string {
  if (/\p{Cc}|\u2028|\u2029/u.test(text)) {
    throw new DomainError(
      'INVALID_FORM',
      'A line break or control character does not belong in a mail header.',
    );
  }
  return text;
}

function unsubscribeHeaders(headers: UnsubscribeHeaders) {
  return {
    'List-Unsubscribe': { prepared: true, value: listUnsubscribe(headers['List-Unsubscribe']) },
    'List-Unsubscribe-Post': { prepared: true, value: headerText(headers['List-Unsubscribe-Post']) },
  };
}

/** Folded here, between the two, since nodemailer would leave the first line empty, which some receivers misread. */
function listUnsubscribe(value: string): string {
  return headerText(value).replaceAll(/>,\s*</g, '>,\r\n <');
}

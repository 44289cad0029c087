/** Delivers mails over a pool of SMTP connections, or into the outbox on disk if no server is configured. */
import type { Readable } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { Config } from '../config.js';
import { writeToOutbox } from './outbox.js';
import type { WrittenMail } from './message.js';

/**
 * The outcome of a mail. `REFUSED` means that the server certainly did not accept it. `UNKNOWN` means that it may have, so sending again could send
 * twice. `reason` names codes and stages, never an address.
 */
export type Delivery =
  | { outcome: 'ACCEPTED' }
  | { outcome: 'REFUSED'; isPermanent: boolean; isUnknownMailbox: boolean; reason: string }
  | { outcome: 'UNKNOWN'; reason: string };

export interface MailTransport {
  /** `OUTBOX` writes into a folder: no recipient gets those mails. */
  kind: 'SMTP' | 'OUTBOX';
  deliver(written: WrittenMail): Promise<Delivery>;
  stop(): void;
}

/** Milliseconds after which a dialogue is aborted, even if the server still sends single bytes. */
export const dialogueLimitMs = 120_000;

/**
 * Opens the configured transport: SMTP, or else the outbox under `varDir`.
 * @param limits as for `openSmtp`
 */
export function openMailTransport(
  config: Pick<Config, 'smtpUrl' | 'varDir'>,
  limits: { dialogueMs?: number } = {},
): MailTransport {
  return config.smtpUrl ? openSmtp(config.smtpUrl, limits) : openOutbox(outboxFolderOf(config));
}

/** The folder of mails when there is no SMTP server. */
export function outboxFolderOf(config: Pick<Config, 'varDir'>): string {
  return `${config.varDir}/outbox`;
}

function openOutbox(folder: string): MailTransport {
  return {
    kind: 'OUTBOX',
    async deliver(written) {
      try {
        await writeToOutbox(folder, written);
        return { outcome: 'ACCEPTED' };
      } catch (fault) {
        const reason = `not written to the outbox: ${smtpFaultOf(fault).code}`;
        return { outcome: 'REFUSED', isPermanent: false, isUnknownMailbox: false, reason };
      }
    },
    stop: () => undefined,
  };
}

/**
 * A pool of SMTP connections.
 * @param limits milliseconds, shorter in tests
 */
export function openSmtp(url: string, limits: { dialogueMs?: number } = {}): MailTransport {
  const transporter = createTransport({
    url,
    pool: true,
    maxConnections: 4,
    // Only the queue decides whether to send again, since it must never send twice.
    maxRequeues: 0,
    // Well below the timeouts of servers: a mail on a closed connection would fail for no reason.
    idleTimeout: 20_000,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bodies = new WeakMap<object, Readable>();
  // The connection reads the body only after the server has answered DATA with 354. Before that, nothing can have been accepted.
  transporter.use('stream', (mail, done) => {
    mail.message.processFunc((body) => {
      if (typeof mail.data.raw === 'object' && mail.data.raw !== null) bodies.set(mail.data.raw, body);
      return body;
    });
    done();
  });
  return {
    kind: 'SMTP',
    async deliver({ raw, envelope }) {
      const signal = AbortSignal.timeout(limits.dialogueMs ?? dialogueLimitMs);
      try {
        await transporter.sendMail({ envelope, raw, signal });
        return { outcome: 'ACCEPTED' };
      } catch (error) {
        return deliveryOf(error, bodies.get(raw)?.readableDidRead ?? false);
      }
    },
    stop: () => transporter.close(),
  };
}

/** @param isBodyBegun whether any byte of the message has gone out */
function deliveryOf(error: unknown, isBodyBegun: boolean): Delivery {
  const { code, responseCode, response, command } = smtpFaultOf(error);
  if (responseCode !== undefined && responseCode >= 400) {
    // RFC 5321, section 4.2.1: 4yz and 5yz both mean that the mail was not accepted. RFC 3463: 5.1.1 means that the mailbox does not exist.
    const status = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
    const isOfThisMail = command === 'RCPT TO' || command === 'DATA';
    return {
      outcome: 'REFUSED',
      isPermanent: responseCode >= 500 && isOfThisMail,
      isUnknownMailbox: responseCode >= 500 && isOfThisMail && status === '5.1.1',
      reason: [`refused at ${command ?? code}:`, responseCode, status].filter(Boolean).join(' '),
    };
  }
  if (isBodyBegun) return { outcome: 'UNKNOWN', reason: `no answer after the message: ${code}` };
  return { outcome: 'REFUSED', isPermanent: false, isUnknownMailbox: false, reason: `not sent: ${code}` };
}

type SmtpFault = { code: string } & Partial<Pick<NodemailerError, 'responseCode' | 'response' | 'command'>>;

function smtpFaultOf(error: unknown): SmtpFault {
  if (!(error instanceof Error)) return { code: 'UNKNOWN' };
  const fault: NodemailerError = error;
  return { ...fault, code: fault.code ?? error.name };
}

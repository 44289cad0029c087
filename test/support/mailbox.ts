/** A real SMTP server on a free port that keeps its mails, and can refuse or hang up at a chosen stage. */
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import { closeAfterwards } from './close-afterwards.js';

/**
 * What the server does instead of accepting a mail. `hang-up-*` closes the connection at that stage without an answer; `silent` takes the whole
 * message and never answers.
 */
export type Mood =
  | { is: 'willing' }
  | { is: 'refusing'; stage: 'MAIL' | 'RCPT' | 'DATA'; code: number; text: string }
  | { is: 'hang-up-at-greeting' | 'hang-up-at-rcpt' | 'hang-up-after-data' | 'silent' };

export interface CaughtMail {
  raw: Buffer;
  from: string;
  to: string[];
  parsed: Email;
}

export interface Mailbox {
  url: string;
  caught: CaughtMail[];
  /** What it answers from now on. */
  mood: Mood;
  /** Dialogues that reached MAIL FROM. */
  dialogues: number;
  /** Milliseconds it takes for each message. */
  slowness: number;
  /** Stops the server before the test has ended. */
  stop: () => Promise<void>;
}

export async function openMailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const refusal = (stage: string) => {
    if (box.mood.is !== 'refusing' || box.mood.stage !== stage) return null;
    return Object.assign(new Error(box.mood.text), { responseCode: box.mood.code });
  };
  const sockets = new Set<{ destroy(): void }>();
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    disableReverseLookup: true,
    onConnect(_session, done) {
      if (box.mood.is === 'hang-up-at-greeting') hangUp();
      else done();
    },
    onMailFrom(_address, _session, done) {
      box.dialogues += 1;
      done(refusal('MAIL'));
    },
    onRcptTo(_address, _session, done) {
      if (box.mood.is === 'hang-up-at-rcpt') hangUp();
      else done(refusal('RCPT'));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        void PostalMime.parse(raw).then((parsed) => {
          if (refusal('DATA')) return done(refusal('DATA'));
          box.caught.push({
            raw,
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map((one) => one.address),
            parsed,
          });
          if (box.mood.is === 'hang-up-after-data') hangUp();
          else if (box.mood.is !== 'silent') setTimeout(done, box.slowness);
        });
      });
    },
    ...options,
  });
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The SMTP server has no port.');
  let stopped: Promise<void> | undefined;
  const box: Mailbox = {
    url: `smtp://127.0.0.1:${address.port}`,
    caught: [],
    mood: { is: 'willing' },
    dialogues: 0,
    slowness: 0,
    stop: () =>
      (stopped ??= new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      })),
  };
  closeAfterwards(box.stop);
  return box;
}

/** The lines of one header as transmitted, with their folds. */
export function rawHeader(raw: Buffer, name: string): string[] {
  const head = raw.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
  const fields = head.split(/\r\n(?![ \t])/);
  return fields.filter((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}

/** Asks for a password on a terminal, without showing it, or reads it from standard input. */
import { createInterface } from 'node:readline';
import { Writable as Sink, type Readable, type Writable } from 'node:stream';
import { DomainError } from '../errors.js';

export interface Terminal {
  input: Readable & { isTTY?: boolean };
  /** Prompts are not output, so they go to standard error. */
  output: Writable;
}

const ownTerminal: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Asks twice, so that a typing error does not lock the user out.
 * @throws DomainError `INVALID_FORM` without a terminal, if the two differ, or if the user cancels
 */
export async function askNewPassword(terminal: Terminal = ownTerminal): Promise<string> {
  if (!terminal.input.isTTY)
    throw new DomainError(
      'INVALID_FORM',
      'There is no terminal to ask for a password on: give it with --password-stdin, or let them choose it with --invite.',
    );
  const [first, second] = await askUnseen(terminal, ['Password: ', 'The same again: ']);
  if (first !== second)
    throw new DomainError('INVALID_FORM', 'The two passwords differ; nothing was changed.');
  return first ?? '';
}

/** Reads the first line of standard input. */
export async function readPassword(input: Readable = process.stdin): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/)[0] ?? '';
}

/** The line editor echoes nothing. One editor asks all questions, since one paste may hold several answers. */
async function askUnseen({ input, output }: Terminal, questions: readonly string[]): Promise<string[]> {
  const unseen = new Sink({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input, output: unseen, terminal: true, historySize: 0 });
  editor.once('SIGINT', () => editor.close());
  const lines = editor[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      output.write(question);
      const { value, done } = await lines.next();
      output.write('\n');
      if (done) throw new DomainError('INVALID_FORM', 'Cancelled; nothing was changed.');
      answers.push(value);
    }
  } finally {
    editor.close();
  }
  return answers;
}

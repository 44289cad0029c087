/** What the doctor says of one thing. */

/** `hint`: worth knowing, and no reason to fail. */
export type Verdict = 'ok' | 'hint' | 'FAULT';

export interface Finding {
  verdict: Verdict;
  /** What was looked at, in a word or two. */
  about: string;
  /** One sentence; for a hint or a fault it says what to do. */
  sentence: string;
}

export const ok = (about: string, sentence: string): Finding => ({ verdict: 'ok', about, sentence });
export const hint = (about: string, sentence: string): Finding => ({ verdict: 'hint', about, sentence });
export const fault = (about: string, sentence: string): Finding => ({ verdict: 'FAULT', about, sentence });

/** Why something failed, without what an error may repeat of addresses and credentials. */
export { describeError } from '../../log.js';

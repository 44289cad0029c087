/** One result of the doctor. */

/** `hint`: useful to know, but not a failure. */
export type Verdict = 'ok' | 'hint' | 'FAULT';

export interface Finding {
  verdict: Verdict;
  /** What was checked, in a word or two. */
  about: string;
  /** One sentence; for a hint or a fault it says what to do. */
  sentence: string;
}

export const ok = (about: string, sentence: string): Finding => ({ verdict: 'ok', about, sentence });
export const hint = (about: string, sentence: string): Finding => ({ verdict: 'hint', about, sentence });
export const fault = (about: string, sentence: string): Finding => ({ verdict: 'FAULT', about, sentence });

/** The cause of a failure, without addresses and credentials that an error may repeat. */
export { describeError } from '../../log.js';

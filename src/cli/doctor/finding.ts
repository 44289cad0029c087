/** The results of the doctor, and how they are printed: one line each, in colour only on a terminal. */

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

const colours: Record<Verdict, number> = { ok: 32, hint: 33, FAULT: 31 };

/**
 * Prints findings as they come.
 * @param output `isColoured` is for terminals only: a log or a file gets plain text
 * @returns the exit code: 1 after any fault, else 0
 */
export async function printFindings(
  findings: AsyncIterable<Finding>,
  output: { write: (text: string) => void; isColoured: boolean },
): Promise<0 | 1> {
  const counts: Record<Verdict, number> = { ok: 0, hint: 0, FAULT: 0 };
  for await (const { verdict, about, sentence } of findings) {
    counts[verdict] += 1;
    const word = verdict.padEnd(5);
    output.write(
      `${output.isColoured ? `\u001b[${colours[verdict]}m${word}\u001b[0m` : word}  ${about.padEnd(16)}  ${sentence}\n`,
    );
  }
  output.write(`\n${counts.ok} ok, ${counts.hint} to know of, ${counts.FAULT} at fault.\n`);
  return counts.FAULT > 0 ? 1 : 0;
}

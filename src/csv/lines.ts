/** Splits text into physical lines that end with LF, CRLF or CR. */

export interface Line {
  /** At most a little longer than `longestLine`; a longer line is cut. */
  text: string;
  /** Empty at the end of a file without a final line end. */
  end: string;
}

/** In characters; a longer line is not a valid row. */
export const longestLine = 1_000_000;

/** Splits a text into its lines, one batch per piece. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<Line[]> {
  let rest = '';
  for await (const piece of text) {
    // The rest of a line that was cut already.
    if (rest.length > longestLine && !rest.endsWith('\r') && !/[\r\n]/.test(piece)) continue;
    const whole = rest + piece;
    // The second half of a CRLF may be in the next piece.
    const until = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = splitLines(whole.slice(0, until));
    const last = lines.pop()?.text ?? '';
    rest = last.slice(0, longestLine + 1) + whole.slice(until);
    if (lines.length > 0) yield lines;
  }
  const end = rest.endsWith('\r') ? '\r' : '';
  if (rest) yield [{ text: rest.slice(0, rest.length - end.length), end }];
}

function splitLines(text: string): Line[] {
  const parts = text.split(/(\r\n|\n|\r)/);
  const lines: Line[] = [];
  for (let at = 0; at < parts.length; at += 2)
    lines.push({ text: parts[at] ?? '', end: parts[at + 1] ?? '' });
  return lines;
}

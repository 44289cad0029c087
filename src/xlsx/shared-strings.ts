/** The texts of a workbook, which its cells refer to by number: in one buffer, since a million small strings take several times the memory. */
import { DomainError } from '../errors.js';
import { readXml } from './xml.js';

/** In bytes of UTF-8. */
const mostText = 512 * 1024 ** 2;

/**
 * Reads the table of shared strings.
 * @returns the text of a number; empty if there is none
 * @throws DomainError `INVALID_FILE` if it is damaged or too large
 */
export async function readSharedStrings(
  bytes: AsyncIterable<Uint8Array>,
): Promise<(index: number) => string> {
  let buffer = Buffer.allocUnsafe(65_536);
  let ends = new Uint32Array(4096);
  let [count, length] = [0, 0];
  let text = '';
  let [isText, phonetic] = [false, 0];
  const add = () => {
    const size = Buffer.byteLength(text);
    if (length + size > mostText)
      throw new DomainError(
        'INVALID_FILE',
        'The workbook has more than 512 MB of text: save the list as CSV.',
      );
    while (length + size > buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    if (count === ends.length) {
      const longer = new Uint32Array(ends.length * 2);
      longer.set(ends);
      ends = longer;
    }
    length += buffer.write(text, length);
    ends[count] = length;
    count += 1;
    text = '';
  };
  await readXml(bytes, {
    open: (name) => {
      if (name === 'rPh') phonetic += 1;
      isText = name === 't' && phonetic === 0;
    },
    text: (part) => {
      if (isText) text += part;
    },
    close: (name) => {
      if (name === 'rPh') phonetic -= 1;
      if (name === 'si') add();
      isText = false;
    },
  });
  return (index) =>
    index < count ? buffer.toString('utf8', index > 0 ? ends[index - 1] : 0, ends[index]) : '';
}

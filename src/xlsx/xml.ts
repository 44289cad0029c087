/** Reads XML as a stream of tags and texts, without namespaces and within limits. */
import { SaxesParser } from 'saxes';
import { DomainError } from '../errors.js';
import { damaged } from './zip.js';

export interface XmlEvents {
  /** `name` and the names of attributes are without their prefixes. */
  open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
}

/** Far more than Excel allows in a cell. The parser keeps a text in memory until the next tag. */
const longestText = 4 * 1024 ** 2;
/** Of unpacked XML, between two calls of `taken`. */
const piece = 65_536;

/**
 * Parses a stream and calls the events in order.
 * @yields after each piece, so that the caller can hand on what it has
 * @throws DomainError `INVALID_FILE` if it is not XML, or holds a text that is too long
 */
export async function* parseXml(bytes: AsyncIterable<Uint8Array>, events: XmlEvents): AsyncGenerator<void> {
  const parser = new SaxesParser();
  const decoder = new TextDecoder('utf-8');
  let sinceTag = 0;
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    events.open?.(local(name), withoutPrefixes(attributes));
  });
  parser.on('closetag', ({ name }) => {
    sinceTag = 0;
    events.close?.(local(name));
  });
  const text = (part: string) => events.text?.(part);
  parser.on('text', text);
  parser.on('cdata', text);
  // Without a handler the parser would throw its own error in the middle of a piece.
  const faults: Error[] = [];
  parser.on('error', (fault) => faults.push(fault));
  // A document type is where "billion laughs" and links to other files are declared. No workbook has one.
  parser.on('doctype', () => faults.push(damaged()));
  const write = (part: string) => {
    sinceTag += part.length;
    parser.write(part);
    if (faults.length > 0) throw damaged();
    if (sinceTag > longestText)
      throw new DomainError(
        'INVALID_FILE',
        'The workbook has a cell with millions of characters: save the list as CSV.',
      );
  };
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += piece) {
        write(decoder.decode(chunk.subarray(at, at + piece), { stream: true }));
        yield;
      }
    }
    write(decoder.decode());
    parser.close();
    if (faults.length > 0) throw damaged();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw damaged();
  }
  yield;
}

/** Parses a small document. */
export async function readXml(bytes: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  const parsing = parseXml(bytes, events);
  while (!(await parsing.next()).done);
}

const local = (name: string) => (name.includes(':') ? name.slice(name.indexOf(':') + 1) : name);

function withoutPrefixes(attributes: Record<string, string>): Record<string, string> {
  for (const name in attributes)
    if (name.includes(':'))
      return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [local(key), value]));
  return attributes;
}

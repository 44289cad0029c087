/** What a file is, by its content and never by its name: a text, a workbook, or something that is refused with one sentence. */
import { DomainError } from '../errors.js';
import { utf16Of } from '../csv/encoding.js';
import type { Zip } from '../xlsx/zip.js';
import type { ListFile } from './contract.js';

const saveAs = 'open it in a spreadsheet program and save the list as XLSX or CSV';

/** First bytes of other formats, and what to do. */
const signatures: readonly [start: string | RegExp, sentence: string][] = [
  ['%PDF', `This is a PDF document: ask for the list as XLSX or CSV.`],
  ['{\\rtf', `This is a text document (RTF): copy the list into a spreadsheet and save it as XLSX or CSV.`],
  ['\x1f\x8b', 'This file is compressed with gzip: unpack it and choose the file in it.'],
  ['7z\xbc\xaf', 'This is a 7z archive: unpack it and choose the file in it.'],
  ['Rar!', 'This is a RAR archive: unpack it and choose the file in it.'],
  ['BZh', 'This file is compressed with bzip2: unpack it and choose the file in it.'],
  ['\x28\xb5\x2f\xfd', 'This file is compressed with zstd: unpack it and choose the file in it.'],
  ['\xfd7zXZ', 'This file is compressed with xz: unpack it and choose the file in it.'],
  [/^(\x89PNG|\xff\xd8\xff|GIF8)/, 'This is a picture: ask for the list as XLSX or CSV.'],
  ['SQLite format 3', 'This is a database (SQLite): export the list from it as CSV.'],
  ['PAR1', 'This is a Parquet file: export the list as CSV.'],
  [
    /^\s*(<\?xml[^>]*>\s*)?(<!--|<!doctype html|<html|<table|<meta)/i,
    `This is a web page, whatever its name says: ${saveAs}.`,
  ],
  [/^\s*<\?xml/i, `This is an XML file: ${saveAs}.`],
  [/^\s*BEGIN:VCARD/i, `These are address cards (vCard): export the contacts as CSV.`],
  [/^\s*(\{\s*"|\[\s*[{\]])/, 'This is a JSON file: export the list as CSV.'],
  [
    /^(Return-Path|Received|Delivered-To|From \S+@\S+|MIME-Version):? /i,
    'This is an email: save the list that is attached to it, and choose that file.',
  ],
];

/**
 * Tells a text, a ZIP file and anything else apart.
 * @param start the first bytes of the file
 * @throws DomainError `INVALID_FILE`: one sentence that says what the file is and what to do
 */
export async function formatOf(file: ListFile, start: Buffer): Promise<'TEXT' | 'ZIP'> {
  const text = start.toString('latin1');
  if (start.length === 0)
    throw new DomainError('INVALID_FILE', 'The file is empty: choose a file with one address in each row.');
  if (text.startsWith('PK\x03\x04')) return 'ZIP';
  if (text.startsWith('PK\x05\x06'))
    throw new DomainError('INVALID_FILE', 'This ZIP file is empty: choose the list itself.');
  if (text.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'))
    throw new DomainError('INVALID_FILE', await oldOfficeSentence(file));
  const plain = text.replace(/^\xef\xbb\xbf/, '').slice(0, 1000);
  const known = signatures.find(([mark]) =>
    typeof mark === 'string' ? plain.startsWith(mark) : mark.test(plain),
  );
  if (known) throw new DomainError('INVALID_FILE', known[1]);
  if (isBinary(start))
    throw new DomainError('INVALID_FILE', `This file is not a text or a workbook: ${saveAs}.`);
  return 'TEXT';
}

/** Ends of names that promise something other than a text. */
const otherFormats = /\.(xls[xmb]?|ods|numbers|docx?|pdf|zip|gz|7z|rar)$/i;

/** The sentence for a text without addresses whose name promises another format; null for any other name. */
export function misnamedSentence(name: string): string | null {
  const [end] = otherFormats.exec(name) ?? [];
  return end === undefined
    ? null
    : `The name of this file says ${end.slice(1).toUpperCase()}, but its content is a plain text without addresses: choose the list itself, saved as XLSX or CSV.`;
}

/** Control characters other than tab, line ends and NUL, which programs with fixed columns write. */
function isBinary(start: Buffer): boolean {
  if (utf16Of(start)) return false;
  let controls = 0;
  let nuls = 0;
  for (const byte of start) {
    if (byte === 0) nuls += 1;
    else if (byte < 32 && ![9, 10, 11, 12, 13, 26, 27, 30, 31].includes(byte)) controls += 1;
  }
  return controls > start.length / 100 || nuls > start.length * 0.6;
}

/** Excel up to 2003, and a workbook with a password, are the same kind of container. */
async function oldOfficeSentence(file: ListFile): Promise<string> {
  const mark = Buffer.from('EncryptedPackage', 'utf16le');
  let end = Buffer.alloc(0);
  for await (const chunk of file.open(0, 64 * 1024 ** 2)) {
    if (!Buffer.isBuffer(chunk)) continue;
    const whole = Buffer.concat([end, chunk]);
    if (whole.includes(mark))
      return 'This workbook is protected with a password: remove the password in Excel and save it again.';
    end = whole.subarray(-mark.length);
  }
  return 'This is a workbook in the old Excel format (XLS): open it in Excel and save it as XLSX.';
}

/**
 * Tells what a ZIP file is: a workbook, or the name of its only list.
 * @throws DomainError `INVALID_FILE`: one sentence that says what the file is and what to do
 */
export async function listInZip(zip: Zip): Promise<{ workbook: true } | { workbook: false; name: string }> {
  const refuse = (sentence: string) => new DomainError('INVALID_FILE', sentence);
  const has = (pattern: RegExp) => zip.names.some((name) => pattern.test(name));
  if (zip.isEncrypted)
    throw refuse('This ZIP file is protected with a password: unpack it and choose the list itself.');
  if (has(/(^|\/)workbook\.xml$/)) return { workbook: true };
  if (has(/(^|\/)workbook\.bin$/))
    throw refuse('This is a binary workbook (XLSB): open it in Excel and save it as XLSX.');
  if (has(/\.iwa$/)) throw refuse('This is a Numbers spreadsheet: export it as Excel or CSV.');
  if (has(/^word\//))
    throw refuse('This is a Word document: copy the list into a spreadsheet and save it as XLSX or CSV.');
  if (has(/^ppt\//)) throw refuse('This is a presentation: ask for the list as XLSX or CSV.');
  if (zip.sizeOf('mimetype') > 0 && zip.sizeOf('mimetype') < 200) {
    let type = '';
    for await (const part of zip.read('mimetype')) type += part.toString('latin1');
    if (type.includes('opendocument'))
      throw refuse('This is an OpenDocument file (ODS): open it in its program and save it as XLSX or CSV.');
  }
  // macOS adds a second file to each.
  const names = zip.names.filter((name) => !/(^|\/)(__MACOSX\/|\.)/.test(name));
  const lists = names.filter((name) => /\.(csv|tsv|tab|txt)$/i.test(name));
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return { workbook: false, name: only };
  throw refuse(
    lists.length > 1
      ? 'This ZIP file has several lists: unpack it and choose one of them.'
      : 'This ZIP file has no CSV file: unpack it and choose the list itself.',
  );
}

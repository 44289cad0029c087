/** Opens a workbook (ECMA-376, XLSX): its visible sheets, its texts, and which number formats are dates. */
import { readSharedStrings } from './shared-strings.js';
import { readXml } from './xml.js';
import { damaged } from './zip.js';
import type { Zip } from './zip.js';

export interface Workbook {
  /** Names of the visible sheets, in their order. */
  sheets: string[];
  /** The XML of a sheet. */
  openSheet: (name: string) => AsyncIterable<Uint8Array>;
  textOf: (index: number) => string;
  /** True if cells of this style (`s`) are dates. */
  isDate: (style: number) => boolean;
  /** Dates are counted from 1904, as in workbooks of old Macintosh computers. */
  is1904: boolean;
}

/**
 * Reads all parts of a workbook but its sheets.
 * @throws DomainError `INVALID_FILE` if it is damaged
 */
export async function openWorkbook(zip: Zip): Promise<Workbook> {
  const path = zip.names.find((name) => /(^|\/)workbook\.xml$/.test(name)) ?? '';
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const found: { name: string; id: string }[] = [];
  let is1904 = false;
  await readXml(zip.read(path), {
    open: (name, { name: sheet = '', id = '', state = 'visible', date1904 = '' }) => {
      if (name === 'sheet' && state === 'visible') found.push({ name: sheet, id });
      if (name === 'workbookPr') is1904 = date1904 === '1' || date1904 === 'true';
    },
  });
  const parts = await relationsOf(zip, `${folder}_rels/workbook.xml.rels`, folder);
  const sheets = found.flatMap(({ name, id }) => {
    const part = parts.get(id);
    return part && zip.names.includes(part.path) && part.kind === 'worksheet'
      ? [{ name, path: part.path }]
      : [];
  });
  if (sheets.length === 0) throw damaged();
  const pathOf = (kind: string) => [...parts.values()].find((part) => part.kind === kind)?.path ?? '';
  return {
    sheets: sheets.map(({ name }) => name),
    openSheet: (name) => zip.read(sheets.find((sheet) => sheet.name === name)?.path ?? ''),
    textOf: await sharedStringsOf(zip, pathOf('sharedStrings')),
    isDate: await dateStylesOf(zip, pathOf('styles')),
    is1904,
  };
}

async function relationsOf(
  zip: Zip,
  path: string,
  folder: string,
): Promise<Map<string, { kind: string; path: string }>> {
  const parts = new Map<string, { kind: string; path: string }>();
  await readXml(zip.read(path), {
    open: (name, { Id = '', Type = '', Target = '' }) => {
      const target = Target.startsWith('/') ? Target.slice(1) : folder + Target;
      if (name === 'Relationship')
        parts.set(Id, { kind: Type.slice(Type.lastIndexOf('/') + 1), path: target });
    },
  });
  return parts;
}

async function sharedStringsOf(zip: Zip, path: string): Promise<(index: number) => string> {
  return path && zip.names.includes(path) ? await readSharedStrings(zip.read(path)) : () => '';
}

/** Formats that every program knows by number (ECMA-376 part 1, section 18.8.30). */
const dateFormats = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);

async function dateStylesOf(zip: Zip, path: string): Promise<(style: number) => boolean> {
  if (!path || !zip.names.includes(path)) return () => false;
  const ownDates = new Set<number>();
  const styles: number[] = [];
  let isCell = false;
  await readXml(zip.read(path), {
    open: (name, { numFmtId = '', formatCode = '' }) => {
      if (name === 'numFmt' && isDateFormat(formatCode)) ownDates.add(Number(numFmtId));
      if (name === 'cellXfs') isCell = true;
      if (name === 'xf' && isCell) styles.push(Number(numFmtId));
    },
    close: (name) => {
      if (name === 'cellXfs') isCell = false;
    },
  });
  return (style) => {
    const format = styles[style];
    return format !== undefined && (dateFormats.has(format) || ownDates.has(format));
  };
}

/** With a day or a year, outside quoted text and brackets; a time alone does not count. */
function isDateFormat(code: string): boolean {
  return /[dy]/i.test(code.replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, ''));
}

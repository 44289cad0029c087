/** Writes small ZIP files and workbooks for tests, the same bytes each time. */
import { crc32, deflateRawSync } from 'node:zlib';

interface ZipEntry {
  name: string;
  content: string | Uint8Array;
  /** The size that the ZIP file states, if it lies. */
  statedSize?: number;
  isEncrypted?: boolean;
}

/** A ZIP file (PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, statedSize, isEncrypted = false } of entries) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    // Version, flags, method "deflate", 1 January 2026, checksum, sizes, length of the name.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isEncrypted ? 0x0801 : 0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(((2026 - 1980) << 9) | (1 << 5) | 1, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(statedSize ?? bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const position = Buffer.alloc(14);
    position.writeUInt32LE(offset, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, position, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

interface SheetXml {
  name: string;
  rows: string;
  isHidden?: boolean;
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** A workbook with the XML of the rows of its sheets, and of its shared strings and styles. */
export function workbookOf(
  sheets: readonly SheetXml[],
  { strings, styles, prefix = '' }: { strings?: string; styles?: string; prefix?: string } = {},
  more: readonly ZipEntry[] = [],
): Buffer {
  const tag = prefix ? `${prefix}:` : '';
  const space = prefix ? `xmlns:${prefix}="${main}"` : `xmlns="${main}"`;
  const list = sheets.map(
    ({ name, isHidden }, at) =>
      `<${tag}sheet name="${name}" sheetId="${at + 1}"${isHidden ? ' state="hidden"' : ''} r:id="rId${at + 1}"/>`,
  );
  const related = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${relations}/${kind}" Target="${target}"/>`;
  const parts = [
    ...sheets.map((_, at) => related(`rId${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`)),
    ...(strings === undefined ? [] : [related('rId90', 'sharedStrings', '/xl/sharedStrings.xml')]),
    ...(styles === undefined ? [] : [related('rId91', 'styles', 'styles.xml')]),
  ];
  return zipOf([
    { name: '[Content_Types].xml', content: `${declaration}<Types/>` },
    {
      name: 'xl/workbook.xml',
      content: `${declaration}<${tag}workbook ${space} xmlns:r="${relations}"><${tag}sheets>${list.join('')}</${tag}sheets></${tag}workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `${declaration}<Relationships>${parts.join('')}</Relationships>`,
    },
    ...sheets.map(({ rows }, at) => ({
      name: `xl/worksheets/sheet${at + 1}.xml`,
      content: `${declaration}<${tag}worksheet ${space}><${tag}sheetData>${rows}</${tag}sheetData></${tag}worksheet>`,
    })),
    ...(strings === undefined
      ? []
      : [{ name: 'xl/sharedStrings.xml', content: `${declaration}<sst xmlns="${main}">${strings}</sst>` }]),
    ...(styles === undefined
      ? []
      : [
          {
            name: 'xl/styles.xml',
            content: `${declaration}<styleSheet xmlns="${main}">${styles}</styleSheet>`,
          },
        ]),
    ...more,
  ]);
}

/** The XML of rows of texts, beginning at a row; an empty text is a missing cell. */
export function inlineRows(rows: readonly (readonly string[])[], from = 1): string {
  return rows
    .map((cells, at) => {
      const row = from + at;
      const written = cells.map((text, column) =>
        text
          ? `<c r="${String.fromCharCode(65 + column)}${row}" t="inlineStr"><is><t>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</t></is></c>`
          : '',
      );
      return `<row r="${row}">${written.join('')}</row>`;
    })
    .join('');
}

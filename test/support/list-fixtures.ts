/** The content of `test/fixtures/lists`: lists of people as people have them, with invented people only. Long, because it is one table. */
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { inlineRows, workbookOf, zipOf } from './write-zip.js';

const people = [
  ['101', 'Alice Ås', 'alice@example.com'],
  ['102', 'Bjørn Müller', 'bob@example.com'],
  ['103', 'Zoë “Charlie” Ray', 'charlie@example.org'],
];
const norwegian = [
  ['Kundenr', 'Navn', 'E-postadresse'],
  ['101', 'Åse Bjørnstad', 'alice@example.com'],
  ['102', 'Sølve Lønning', 'bob@example.com'],
  ['103', 'Håkon Årdal på Øra', 'charlie@example.org'],
];
const polish = [
  ['Imię', 'Miejscowość', 'Adres e-mail'],
  ['Małgorzata Wójcik', 'Łódź, województwo łódzkie', 'alice@example.com'],
  ['Stanisław Żółkiewski', 'Świętochłowice, województwo śląskie', 'bob@example.com'],
  ['Święty Mikołaj Gęśla Jaźń', 'Kraków, województwo małopolskie', 'charlie@example.org'],
];
const russian = [
  ['Имя и фамилия', 'Город', 'Email'],
  ['Анна Ивановна Петрова', 'Москва', 'alice@example.com'],
  ['Борис Сергеевич Кузнецов', 'Санкт-Петербург', 'bob@example.com'],
  ['Дмитрий Александрович Соколов', 'Нижний Новгород', 'charlie@example.org'],
];
const french = [
  ['Prénom', 'Ville', 'Adresse e-mail'],
  ['Cécile Œuvrard', 'Forêt-la-Chèvre (12 €)', 'alice@example.com'],
  ['François Lefèvre', 'Château-d’Œx', 'bob@example.com'],
  ['Benoît Gérôme', 'Besançon', 'charlie@example.org'],
];

const table = (rows: readonly (readonly string[])[], delimiter = ',', end = '\r\n') =>
  rows.map((cells) => cells.join(delimiter) + end).join('');
const plain = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
const simple = table([['id', 'name', 'email'], ...people]);
const addressRows = inlineRows([['Email'], ['alice@example.com'], ['bob@example.com']]);

/** The container of Excel up to 2003 (MS-CFB), as far as its first sector. */
const oldWorkbook = (mark: string) =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(1016),
    Buffer.from(`Root Entry\0${mark}\0`, 'utf16le'),
    Buffer.alloc(512),
  ]);

/** Every fixture by its name. */
export function listFixtures(): Record<string, string | Uint8Array> {
  return {
    // Delimiters, and what decides them.
    'comma.csv': simple,
    'semicolon-bom.csv': `\uFEFF${table([['id', 'name', 'email'], ...people], ';')}`,
    'tab.tsv': table([['id', 'name', 'email'], ...people], '\t'),
    'pipe.txt': table([['id', 'name', 'email'], ...people], '|'),
    'sep.csv': `sep=;\r\n${table(
      [
        ['na,me', 'email'],
        ['A, B', 'alice@example.com'],
      ],
      ';',
    )}`,
    'commas-in-a-semicolon-file.csv': plain(
      'email;price',
      'alice@example.com;1,50',
      'bob@example.com;2,50',
      'charlie@example.org;3,50',
    ),
    // Encodings.
    'utf16le-bom.txt': iconv.encode(table(norwegian, '\t'), 'utf16le', { addBOM: true }),
    'utf16be-bom.txt': iconv.encode(table(norwegian, '\t'), 'utf16be', { addBOM: true }),
    'utf16le.csv': iconv.encode(table(norwegian, ';'), 'utf16le'),
    'utf16be.csv': iconv.encode(table(norwegian, ';'), 'utf16be'),
    'windows-1252.csv': iconv.encode(table(norwegian, ';'), 'windows-1252'),
    'windows-1252-french.csv': iconv.encode(table(french, ';'), 'windows-1252'),
    'windows-1250.csv': iconv.encode(table(polish, ';'), 'windows-1250'),
    'windows-1251.csv': iconv.encode(table(russian, ';'), 'windows-1251'),
    'iso-8859-1.csv': iconv.encode(table(norwegian, ','), 'ISO-8859-1'),
    'iso-8859-2.csv': iconv.encode(table(polish, ';'), 'ISO-8859-2'),
    'iso-8859-15.csv': iconv.encode(table(french, ';').replaceAll('’', "'"), 'ISO-8859-15'),
    'two-encodings.csv': Buffer.concat([
      Buffer.from(table(norwegian.slice(0, 3), ';')),
      iconv.encode(table(norwegian.slice(3), ';'), 'windows-1252'),
    ]),
    // Line ends.
    'cr.csv': table(norwegian, ';', '\r'),
    'lf.csv': table(norwegian, ';', '\n'),
    'mixed-line-ends.csv': 'email,name\r\nalice@example.com,A\rbob@example.com,B\ncharlie@example.org,C',
    'line-breaks-in-quotes.csv':
      'name,note,email\r\n"Alice","first line\r\nsecond, line\r\n\r\nfourth ""line""",alice@example.com\r\nBob,,bob@example.com\r\n',
    // Head.
    'title-rows.csv': plain(
      'Utmeldinger fra gammelt system;;',
      'Hentet 14.03.2025;;',
      '',
      'Kundenr;E-postadresse;Avmeldt',
      '1;alice@example.com;14.03.2025',
      '2;bob@example.com;15.03.2025',
    ),
    'title-rows-unknown-names.csv': plain(
      'Export',
      'A;B;C',
      '1;not known;x',
      '2;alice@example.com;x',
      '3;bob@example.com;x',
    ),
    'no-header.csv': table(people, ';'),
    'one-column.txt': plain('alice@example.com', 'bob@example.com', 'charlie@example.org'),
    'one-column-with-names.csv': plain(
      'Email',
      'Lee, Alice <alice@example.com>',
      'Ray, Bob <bob@example.com>',
    ),
    'one-line.txt': 'alice@example.com; bob@example.com; charlie@example.org',
    'copied-recipients.txt':
      '"Lee, Alice" <alice@example.com>, Bob Ray <bob@example.com>,charlie@example.org, "d" <dana@example.net>',
    'header-danish.csv': plain(
      'Oprettet af;E-mailadresse',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-dutch.csv': plain(
      'Ingevoerd door;E-mailadres',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-french.csv': plain(
      'Créé par;Courriel',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-german.csv': plain(
      'Angelegt von;E-Mail-Adresse',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-polish.csv': plain(
      'Utworzył;Adres e-mail',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-spanish.csv': plain(
      'Creado por;Correo electrónico',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'header-swedish.csv': plain(
      'Skapad av;E-postadress',
      'x@example.net;alice@example.com',
      'x@example.net;bob@example.com',
    ),
    'owner-column.csv': plain(
      'a,b',
      ...['alice', 'bob', 'charlie'].map((name) => `owner@example.net,${name}@example.com`),
    ),
    // Rows.
    'blank-lines.csv': '\n\nemail,name\n\nalice@example.com,A\n,\n   \nbob@example.com,B\n\n\n',
    'trailing-delimiters.csv': plain('email;name;;;', 'alice@example.com;A;;;', 'bob@example.com;B;;'),
    'ragged.csv': plain('name,email,city', 'A,alice@example.com', 'B,bob@example.com,Oslo,Norway', 'C'),
    'unclosed-quote.csv': plain(
      'name,email',
      'A,alice@example.com',
      '"B,bob@example.com',
      ...Array.from({ length: 40 }, (_, at) => `P,p${at}@example.com`),
    ),
    'unclosed-quote-at-the-end.csv': plain('email,name', 'alice@example.com,A', 'bob@example.com,"B'),
    'stray-quotes.csv': plain('name,email', '"Al" Lee,alice@example.com', '5" pipe,bob@example.com'),
    'total.csv': plain('email;orders', 'alice@example.com;3', 'bob@example.com;4', 'Totalt 2;7'),
    'nul.csv': plain(
      'email      ,name\0\0\0',
      'alice@example.com\0\0\0,A\0\0\0',
      'bob@example.com\0\0\0\0\0,B\0\0\0',
    ),
    // Cells.
    'invisible.csv': plain(
      'email',
      '\u00A0alice@example.com\u00A0',
      '\u200Bbob@exa\u00ADmple.com\u200E',
      '\u2060charlie@example.org ',
    ),
    'written-forms.csv': plain(
      'email',
      'mailto:alice@example.com',
      'Bob Ray <bob@example.com>',
      'charlie@example.org.',
      "'dana@example.net",
      'ERIN@EXAMPLE.COM,',
      '<frank@example.com>;',
    ),
    'several-in-a-cell.csv': plain(
      'name;email',
      'A;alice@example.com, bob@example.com',
      'B;"charlie@example.org; dana@example.net"',
      'C;erin@example.com / frank@example.com',
      'D;Grace <grace@example.com> or heidi@example.com',
      'E;ivan@example.com, judy@example',
    ),
    'international-domains.csv': plain(
      'email',
      'anna@bücher.example',
      'ola@blåbær.example',
      'x@xn--bcher-kva.example',
    ),
    'two-columns.csv': plain(
      'name,Email,Email 2',
      'A,alice@example.com,a.lee@example.net',
      'B,bob@example.com,',
      'C,charlie@example.org,c.ray@example.net',
    ),
    'wrong-addresses.csv': plain(
      'email',
      ...[
        'alice@example.com',
        'bob@example.com',
        'charlie@example.org',
        'dana@example.net',
        'erin@example.com',
      ],
      ...['kari.nordmann@example', 'ikke oppgitt', 'ola@@example.no', '+47 900 00 001'],
    ),
    // Phone numbers.
    'phones.csv': plain(
      'Navn;Mobil',
      'A;+47 900 00 001',
      'B;900 00 002',
      'C;0047 90000003',
      'D;(+47) 900-00-004',
      'E;112',
    ),
    'phones-shortened.csv': plain('Mobil', '4790000001', '+4790000002', '4,79E+10'),
    'phones-as-numbers.xlsx': workbookOf([
      {
        name: 'Sheet1',
        rows: `${inlineRows([['Mobile']])}<row r="2"><c r="A2"><v>4790000001</v></c></row><row r="3"><c r="A3"><v>4.790000002E9</v></c></row><row r="4"><c r="A4"><v>90000003</v></c></row>`,
      },
    ]),
    // Workbooks.
    'workbook.xlsx': workbookOf(
      [
        {
          name: 'Opt-outs',
          rows:
            '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' +
            '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3" t="s"><v>2</v></c><c r="D3" t="s"><v>3</v></c></row>' +
            '<row r="4"><c r="A4"><v>1</v></c><c r="C4" t="s"><v>4</v></c><c r="D4" s="1"><v>45730</v></c></row>' +
            '<row r="5"><c r="A5"><v>2.5</v></c><c r="C5" t="str"><f>LOWER("BOB@example.com")</f><v>bob@example.com</v></c><c r="D5" s="2"><v>45730.75</v></c></row>' +
            '<row r="6"><c r="A6" t="b"><v>1</v></c><c r="C6" t="inlineStr"><is><t>charlie@example.org</t></is></c></row>' +
            '<row r="9"><c r="A9" t="e"><v>#N/A</v></c><c r="C9" t="s"><v>99</v></c></row>',
        },
      ],
      {
        strings:
          '<si><t>Everyone who left</t></si><si><t>No.</t></si><si><t>E-mail</t></si><si><t>Left</t></si>' +
          '<si><r><t>alice@</t></r><r><rPr><b/></rPr><t>example.com</t></r><rPh sb="0" eb="1"><t>PHONETIC</t></rPh></si>',
        styles:
          '<numFmts count="1"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy hh:mm"/></numFmts>' +
          '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>',
      },
    ),
    'workbook-with-prefix.xlsx': workbookOf(
      [
        {
          name: 'Liste',
          rows: '<x:row><x:c t="inlineStr"><x:is><x:t>E-Mail</x:t></x:is></x:c></x:row><x:row><x:c t="inlineStr"><x:is><x:t>alice@example.com</x:t></x:is></x:c></x:row>',
        },
      ],
      { prefix: 'x' },
    ),
    'workbook-with-sheets.xlsx': workbookOf([
      { name: 'Secret', rows: inlineRows([['Email'], ['hidden@example.net']]), isHidden: true },
      { name: 'First', rows: addressRows },
      { name: 'Second', rows: inlineRows([['Email'], ['charlie@example.org']]) },
    ]),
    'list-named.xlsx': simple,
    'workbook-named.csv': workbookOf([{ name: 'List', rows: addressRows }]),
    // In ZIP files.
    'one-list.zip': zipOf([
      { name: 'export/', content: '' },
      { name: 'export/list.csv', content: simple },
      { name: '__MACOSX/export/._list.csv', content: 'x' },
      { name: 'export/readme.md', content: 'A list.' },
    ]),
    'two-lists.zip': zipOf([
      { name: 'a.csv', content: simple },
      { name: 'b.csv', content: simple },
    ]),
    'no-list.zip': zipOf([{ name: 'picture.png', content: 'x' }]),
    'empty.zip': zipOf([]),
    'password.zip': zipOf([{ name: 'list.csv', content: simple, isEncrypted: true }]),
    'zip-named.csv': zipOf([{ name: 'photo.jpg', content: 'x' }]),
    // Other formats.
    'old.xls': oldWorkbook('Workbook'),
    'password.xlsx': oldWorkbook('EncryptedPackage'),
    'list.ods': zipOf([
      { name: 'mimetype', content: 'application/vnd.oasis.opendocument.spreadsheet' },
      { name: 'content.xml', content: '<x/>' },
    ]),
    'list.numbers': zipOf([{ name: 'Index/Document.iwa', content: 'x' }]),
    'binary-workbook.xlsb': zipOf([{ name: 'xl/workbook.bin', content: 'x' }]),
    'letter.docx': zipOf([{ name: 'word/document.xml', content: '<x/>' }]),
    'web-page.xls': '<html><body><table><tr><td>alice@example.com</td></tr></table></body></html>',
    'spreadsheet-2003.xml':
      '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    'list.pdf': '%PDF-1.7\nalice@example.com\n',
    'picture.csv': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    'list.csv.gz': gzipSync(simple),
    'cards.vcf': plain('BEGIN:VCARD', 'EMAIL:alice@example.com', 'END:VCARD'),
    'list.json': '[{"email": "alice@example.com"}]',
    'binary.csv': Buffer.from(Array.from({ length: 2000 }, (_, at) => (at * 7919) % 251)),
    // Lists without what a list needs.
    'empty.csv': '',
    'blank.csv': '\r\n  \r\n;;\r\n',
    'only-a-header.csv': 'Email,Name\r\n',
    'prose-named.xlsx': plain('This is a text.', 'It is not a workbook.'),
    'no-addresses.csv': plain('name;city', 'Alice;Oslo', 'Bob;Bergen'),
    'few-addresses.csv': plain('email', 'alice@example.com', 'x', 'y', 'z'),
    // Damaged or hostile workbooks.
    'cut-off.xlsx': workbookOf([{ name: 'List', rows: addressRows }]).subarray(0, 600),
    'broken-xml.xlsx': workbookOf([{ name: 'List', rows: '<row r="1"><c r="A1"' }]),
    'bomb-with-a-false-size.zip': zipOf([
      { name: 'list.csv', content: Buffer.alloc(2_000_000, 'alice@example.com\n'), statedSize: 100 },
    ]),
    'bomb-of-text.xlsx': workbookOf([
      {
        name: 'List',
        rows: `<row r="1"><c r="A1" t="inlineStr"><is><t>${'a'.repeat(9_000_000)}</t></is></c></row>`,
      },
    ]),
    'bomb-of-entities.xlsx': zipOf([
      {
        name: 'xl/workbook.xml',
        content:
          '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook>&b;</workbook>',
      },
    ]),
    'far-cells.xlsx': workbookOf([
      {
        name: 'List',
        rows: `${addressRows}<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>end</t></is></c></row><row r="4000000000"><c r="ZZZZZZ1" t="inlineStr"><is><t>x</t></is></c></row>`,
      },
    ]),
  };
}

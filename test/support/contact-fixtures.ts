/** The content of `test/fixtures/contacts`: lists of contacts as programs export them, with invented people only. */
import iconv from 'iconv-lite';
import { inlineRows, workbookOf } from './write-zip.js';

const nordic = [
  ['Fornavn', 'Etternavn', 'E-postadresse', 'Mobil', 'Språk'],
  ['Åse', 'Bjørnstad', 'ase@excel.example', '900 00 011', 'Norsk bokmål'],
  ['Sølve', 'Lønning', 'solve@excel.example', '', 'norsk nynorsk'],
  ['Håkon', 'Årdal på Øra', 'hakon.excel.example', '', 'norsk'],
];
const polish = [
  ['Imię', 'Nazwisko', 'Adres e-mail', 'Miejscowość'],
  ['Małgorzata', 'Wójcik', 'malgorzata@polish.example', 'Łódź'],
  ['Święty Mikołaj', 'Gęśla Jaźń', 'mikolaj@polish.example', 'Świętochłowice, województwo śląskie'],
];

/** A number belongs to one contact. */
const numbers: Record<string, string> = {
  'unicode.example': '900 00 012',
  'mac.example': '900 00 013',
  'utf8.example': '900 00 014',
  'tabs.example': '900 00 015',
};
const renamed = (rows: readonly (readonly string[])[], domain: string) =>
  rows.map((cells) =>
    cells.map((cell) => cell.replace('excel.example', domain).replace('900 00 011', numbers[domain] ?? cell)),
  );
const table = (rows: readonly (readonly string[])[], delimiter: string, end: string) =>
  rows.map((cells) => cells.join(delimiter) + end).join('');
const quoted = (rows: readonly (readonly string[])[]) =>
  rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',') + '\n').join('');
const plain = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');

/** Every fixture by its name. */
export function contactFixtures(): Record<string, string | Uint8Array> {
  return {
    'excel-semicolons-windows-1252.csv': iconv.encode(table(nordic, ';', '\r\n'), 'windows-1252'),
    'excel-unicode-text.txt': iconv.encode(
      table(renamed(nordic, 'unicode.example'), '\t', '\r\n'),
      'utf16le',
      {
        addBOM: true,
      },
    ),
    'excel-macintosh.csv': iconv.encode(table(renamed(nordic, 'mac.example'), ';', '\r'), 'macintosh'),
    'excel-csv-utf-8.csv': `\uFEFF${table(renamed(nordic, 'utf8.example'), ';', '\r\n')}`,
    'excel-polish-windows-1250.csv': iconv.encode(table(polish, ';', '\r\n'), 'windows-1250'),
    'tabs.tsv': table(renamed(nordic, 'tabs.example'), '\t', '\n'),
    'sep-line-and-titles.csv': `sep=;\r\nMedlemmer 2026;;\r\n;;\r\nNavn;Fornavn;E-post\r\nLie;Anne;anne@titles.example\r\nMoe;Per;per@titles.example\r\n`,
    'line-breaks-in-quotes.csv':
      'First name,Last name,Email,Notes\r\n"Ann ""Annie""",Lee,ann@breaks.example,"Called on Monday.\r\nCalls back,\r\n\r\nshe said."\r\n' +
      'Bob,"Ray, Jr.",bob@breaks.example,\r\n',
    'empty-rows-at-the-end.csv': plain(
      'Email;First name;Last name',
      'ann@empty.example;Ann;Lee',
      'bob@empty.example;Bob;Ray',
      ...Array.from({ length: 40 }, () => ';;'),
      '',
      '   ',
    ),
    'same-header-twice.csv': plain(
      'Name,Email,Email,Phone,Phone',
      'Lee,ann@twice.example,ann@home.example,+4790000021,',
      'Ray,bob@twice.example,,+4790000022,+4790000023',
    ),
    'shifted-cells.csv': plain(
      'Email,First name,Last name,Phone',
      'ann@shifted.example,Ann,Lee, Dr.,+4790000031',
      'bob@shifted.example,Bob,Ray',
      'cara@shifted.example,"Cara,Moe,',
      ...Array.from({ length: 25 }, (_, at) => `p${at}@shifted.example,Pia,Number ${at},`),
    ),
    'no-header.csv': plain('1;Ann;ann@headless.example', '2;Bob;bob@headless.example'),
    'hubspot-contacts.csv': quoted([
      [
        ...['Record ID', 'First Name', 'Last Name', 'Email', 'Phone Number', 'Contact owner'],
        ...['Marketing contact status', 'Unsubscribed from all email', 'Opted out of email: Trail notes'],
        ...['Create Date', 'Associated Note'],
      ],
      [
        ...[
          '151',
          'Maria',
          'Johnson (Sample Contact)',
          'maria@hubspot.example',
          '+47 900 00 041',
          'owner@shop.example',
        ],
        ...[
          'Marketing contact',
          'false',
          'false',
          '2026-03-14 18:00',
          'Met at the fair.\n\nWants the "big" one.',
        ],
      ],
      [
        ...['152', 'Brian', 'Halligan', 'brian@hubspot.example', '', 'owner@shop.example'],
        ...['Non-marketing contact', '', 'true', '2026-03-14 18:01', ''],
      ],
      [
        '153',
        'No',
        'Address',
        '',
        '',
        'owner@shop.example',
        'Marketing contact',
        '',
        '',
        '2026-03-14 18:02',
        '',
      ],
    ]),
    'mailchimp-members.csv': plain(
      '"Email Address","First Name","Last Name",Address,"Phone Number",Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CC,LAST_CHANGED,LEID,NOTES,TAGS',
      'ann@chimp.example,Ann,Lee,"1 Main St  Oslo  0150  NO","+47 900 00 051",03/31,2,,,NO,"2026-03-14 18:00:00",391,,"""Newsletter"",""Fair 2026"""',
      'bob@chimp.example,Bob,Ray,,,,2,"2026-03-14 18:00:00",192.0.2.7,NO,"2026-03-14 18:00:00",392,"Called, twice",',
    ),
    'outlook-contacts.csv': plain(
      'Title,First Name,Middle Name,Last Name,Company,Business Phone,Mobile Phone,E-mail Address,E-mail Type,E-mail 2 Address,Language,Notes',
      ',Ann,,Lee,,,+47 900 00 061,ann@outlook.example,SMTP,,German,',
      ',Bob,,Ray,Shop,+47 22 00 00 61,,bob@outlook.example,SMTP,bob@home.example,,"one',
      'two"',
    ),
    'workbook.xlsx': workbookOf([
      {
        name: 'Members',
        rows:
          inlineRows([['Members 2026']]) +
          inlineRows(
            [
              ['First name', 'Last name', 'E-mail'],
              ['Ann', 'Lee', 'ann@workbook.example'],
              ['', '', ''],
              ['Bob', 'Ray', 'no address'],
              ['', '', ''],
            ],
            3,
          ),
      },
    ]),
  };
}

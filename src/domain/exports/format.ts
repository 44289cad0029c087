/** The format of an exported file: CSV or NDJSON. */
import { z } from 'zod';

export const exportFormats = ['CSV', 'NDJSON'] as const;

/** By their names in forms and on the command line. */
export const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
const delimiterNames = ['comma', 'semicolon', 'tab', 'pipe'] as const;

export const exportFormatSchema = z.strictObject({
  kind: z.enum(exportFormats).default('CSV'),
  /** For CSV only, as is the byte order mark. */
  delimiter: z.enum(delimiterNames).default('comma'),
  hasByteOrderMark: z.boolean().default(true),
});
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** Name and content type of the file. */
export function fileOf(fileName: string, { kind }: ExportFormat, at: Date): { name: string; type: string } {
  const day = at.toISOString().slice(0, 10);
  return kind === 'CSV'
    ? { name: `${fileName}-${day}.csv`, type: 'text/csv; charset=utf-8' }
    : { name: `${fileName}-${day}.ndjson`, type: 'application/x-ndjson' };
}

export function factsOfFormat({
  kind,
  delimiter,
  hasByteOrderMark,
}: ExportFormat): { term: string; words: string[] }[] {
  const csv = `CSV, delimiter ${delimiter}, ${hasByteOrderMark ? 'with' : 'without'} a byte order mark`;
  return [{ term: 'Format', words: [kind === 'CSV' ? csv : kind] }];
}

/** Parts of an import: which subscribers or contacts each is about to write. An undo reads them, since the file is deleted before. */
import { Schema, trusted, type Model } from 'mongoose';

/** A contact that a part of an import creates or changes. */
export interface WrittenContact {
  line: number;
  id: string;
  /** The contact's version after the write; 1 for a new contact. */
  version: number;
}

/** The subscribers of a part of an import, in the order of their ids. */
export interface ImportPart {
  /** `<import id>:<first subscriber id>` */
  _id: string;
  ids: string[];
  /** Of an import of contacts, whose parts are named by their first line. */
  contacts?: WrittenContact[];
}

export const importPartSchema = new Schema<ImportPart>(
  {
    _id: { type: String, required: true },
    ids: { type: [String], required: true },
    contacts: { type: Schema.Types.Mixed },
  },
  { collection: 'import_parts', versionKey: false },
);

interface PartModels {
  importParts: Model<ImportPart>;
}

/** Stores which subscribers a part is about to change. Storing it again changes nothing. */
export async function keepPart(
  { importParts }: PartModels,
  importId: string,
  ids: readonly string[],
): Promise<void> {
  const _id = `${importId}:${ids[0] ?? ''}`;
  await importParts.updateOne({ _id }, { $set: { ids: [...ids] } }, { upsert: true });
}

/** The part after another one, or the first; null behind the last. */
export async function nextPart(
  { importParts }: PartModels,
  importId: string,
  after: string | null,
): Promise<ImportPart | null> {
  // After the import's id, keys continue with a colon; `;` comes right after `:`.
  const range = { $gt: after ?? `${importId}:`, $lt: `${importId};` };
  return importParts
    .findOne({ _id: trusted(range) })
    .sort({ _id: 1 })
    .lean<ImportPart>();
}

/** Replaces the subscribers of a part; without any, the part is deleted. */
export async function narrowPart(
  { importParts }: PartModels,
  importId: string,
  { first, ids }: { first: string; ids: readonly string[] },
): Promise<void> {
  const _id = `${importId}:${first}`;
  if (ids.length === 0) await importParts.deleteOne({ _id });
  else await importParts.updateOne({ _id }, { $set: { ids: [...ids] } });
}

/** Deletes the parts of an import. */
export async function deleteParts({ importParts }: PartModels, importId: string): Promise<void> {
  await importParts.deleteMany({ _id: trusted({ $gt: `${importId}:`, $lt: `${importId};` }) });
}

const partId = (importId: string, line: number) => `${importId}:${String(line).padStart(10, '0')}`;

/** Stores which contacts a part is about to write; `line` is its first one. Storing it again replaces them. */
export async function keepContacts(
  { importParts }: PartModels,
  part: { importId: string; line: number },
  contacts: readonly WrittenContact[],
): Promise<void> {
  const fields = { ids: [], contacts: [...contacts] };
  await importParts.updateOne({ _id: partId(part.importId, part.line) }, { $set: fields }, { upsert: true });
}

/** The contacts that a part was about to write; none if it never came so far. */
export async function findKeptContacts(
  { importParts }: PartModels,
  part: { importId: string; line: number },
): Promise<WrittenContact[]> {
  const found = await importParts.findById(partId(part.importId, part.line)).lean<ImportPart>();
  return found?.contacts ?? [];
}

/** The part before another one, or the last; null before the first. Later parts may have changed what earlier ones created. */
export async function previousPart(
  { importParts }: PartModels,
  importId: string,
  before: string | null,
): Promise<ImportPart | null> {
  const range = { $gt: `${importId}:`, $lt: before ?? `${importId};` };
  return importParts
    .findOne({ _id: trusted(range) })
    .sort({ _id: -1 })
    .lean<ImportPart>();
}

/**
 * Files that are kept for a while, in GridFS: the results of exports, and uploads of imports. A file exists only after its last byte was stored, so
 * no reader sees an incomplete one.
 */
import { finished } from 'node:stream/promises';
import mongoose, { Schema, type Model } from 'mongoose';
import { DomainError } from '../errors.js';

export interface StoredFile {
  /** The caller's key. It holds no address. */
  _id: string;
  /** In bytes. */
  length: number;
  uploadDate: Date;
  metadata: { expiresAt: Date };
}

const bucketName = 'stored';
/** Bytes in one document of the database. */
const chunkSizeBytes = 1024 * 1024;
/** Bytes that a reader gets at once. What it makes of a megabyte, such as the rows of a list, would survive collections of garbage, and the heap would grow. */
const pieceBytes = 64 * 1024;

export const storedFileSchema = new Schema<StoredFile>(
  { _id: String, length: Number, uploadDate: Date, metadata: Schema.Types.Mixed },
  { collection: `${bucketName}.files`, versionKey: false },
);
storedFileSchema.index({ 'metadata.expiresAt': 1 });

export interface StoredChunk {
  files_id: string;
  n: number;
  data: Buffer;
}

export const storedChunkSchema = new Schema<StoredChunk>(
  { files_id: String, n: Number, data: Buffer },
  { collection: `${bucketName}.chunks`, versionKey: false },
);
// The driver creates the same index with the first file.
storedChunkSchema.index({ files_id: 1, n: 1 }, { unique: true });

export interface FileModels {
  storedFiles: Model<StoredFile>;
  storedChunks: Model<StoredChunk>;
}

function bucketOf({ storedFiles }: FileModels) {
  const { db } = storedFiles.db;
  if (!db) throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.');
  return new mongoose.mongo.GridFSBucket(db, { bucketName, chunkSizeBytes });
}

/**
 * Stores a file, and replaces one of the same id. Memory stays flat: bytes are read only as fast as the database stores them.
 * @param file `expiresAt` is when it stops to exist
 * @throws the errors of `bytes`; then there is no file
 */
export async function storeFile(
  models: FileModels,
  { id, expiresAt }: { id: string; expiresAt: Date },
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await deleteFile(models, id);
  const upload = bucketOf(models).openUploadStreamWithId(id as never, id, { metadata: { expiresAt } });
  try {
    // One at a time, so that no write is under way when the bytes break off.
    for await (const part of bytes)
      await new Promise<void>((resolve, reject) => {
        upload.write(part, (error) => (error ? reject(error) : resolve()));
      });
    await finished(upload.end());
  } catch (error) {
    await deleteFile(models, id);
    throw error;
  }
}

/** @returns undefined for a file that does not exist, or has expired */
export async function findFile(models: FileModels, id: string, now: Date): Promise<StoredFile | undefined> {
  const found = await models.storedFiles.findById(id).lean<StoredFile>();
  return found && found.metadata.expiresAt > now ? found : undefined;
}

/**
 * The bytes of a file, in small pieces, read only as fast as they are used.
 * @param part from `start` until before `end`; by default all of them
 * @throws DomainError `NOT_FOUND` if it does not exist, or has expired
 */
export async function* readFile(
  models: FileModels,
  id: string,
  now: Date,
  part: { start?: number; end?: number } = {},
): AsyncGenerator<Uint8Array> {
  const file = await findFile(models, id, now);
  if (!file) throw new DomainError('NOT_FOUND', 'This file does not exist any more.');
  const end = Math.min(part.end ?? file.length, file.length);
  const start = part.start ?? 0;
  if (start >= end) return;
  const first = Math.floor(start / chunkSizeBytes);
  const n = { $gte: first, $lte: Math.floor((end - 1) / chunkSizeBytes) };
  // The driver's own reader asks for 16 MB in one message, which is in memory several times.
  const chunks = models.storedChunks.collection.find({ files_id: id, n }, { sort: { n: 1 }, batchSize: 2 });
  let expected = first;
  for await (const { n: at, data } of chunks) {
    if (at !== expected) break;
    expected += 1;
    const from = at * chunkSizeBytes;
    const bytes = data.buffer.subarray(Math.max(0, start - from), end - from);
    for (let piece = 0; piece < bytes.length; piece += pieceBytes)
      yield bytes.subarray(piece, piece + pieceBytes);
  }
  if (expected <= n.$lte) throw new DomainError('NOT_FOUND', 'This file does not exist any more.');
}

/** Deletes a file, and what an interrupted upload under its id left. A missing file is not an error. */
export async function deleteFile(models: FileModels, id: string): Promise<void> {
  await models.storedFiles.deleteOne({ _id: id });
  await models.storedChunks.deleteMany({ files_id: id });
}

/** Milliseconds after which an upload without an end counts as interrupted. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * Deletes files that have expired, and the bytes of uploads that were interrupted a day ago.
 * @returns how many files and uploads
 */
export async function deleteOldFiles({
  models,
  clock,
}: {
  models: FileModels;
  clock: () => Date;
}): Promise<number> {
  const now = clock();
  const expired = await models.storedFiles
    .find({ 'metadata.expiresAt': mongoose.trusted({ $lte: now }) }, { _id: 1 })
    .lean<Pick<StoredFile, '_id'>[]>();
  let deleted = 0;
  for (const { _id } of expired) {
    await deleteFile(models, _id);
    deleted += 1;
  }
  for await (const id of idsOfChunks(models, new Date(now.getTime() - abandonedAfterMs))) {
    if (await models.storedFiles.exists({ _id: id })) continue;
    await deleteFile(models, id);
    deleted += 1;
  }
  return deleted;
}

/** The ids of files and interrupted uploads that began before a time: one read of the index of chunks for each. */
async function* idsOfChunks(models: FileModels, before: Date): AsyncGenerator<string> {
  let last = '';
  for (;;) {
    const first = await models.storedChunks
      .findOne({ files_id: mongoose.trusted({ $gt: last }) }, { files_id: 1 })
      .sort({ files_id: 1, n: 1 })
      .lean();
    if (!first) return;
    last = first.files_id;
    if (first._id.getTimestamp() < before) yield last;
  }
}

/** The outbox on disk, used without an SMTP server: `.eml` files, each with a file of what the pages show. */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileKeyOf, type WrittenMail } from './message.js';

/** Maximum number of mails; the oldest are deleted first. */
const kept = 500;

const outboxMail = z.object({
  id: z.string(),
  at: z.coerce.date(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
});
export type OutboxMail = z.infer<typeof outboxMail>;

/** The time, so that names sort by it, and the mail's key. It cannot lead out of the folder. */
const idShape = /^\d{17}-[A-Za-z0-9_-]{22}$/;

/**
 * Writes a mail completely or not at all. The same mail again replaces itself.
 * @returns the id for reading it
 */
export async function writeToOutbox(folder: string, written: WrittenMail): Promise<string> {
  const { mail, raw } = written;
  const id = `${mail.at.toISOString().replaceAll(/\D/g, '')}-${fileKeyOf(mail.id)}`;
  const { at, to, subject, text, html } = mail;
  const shown: OutboxMail = { id, at, from: mail.from.address, to, subject, text, html };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeWhole(join(folder, `${id}.eml`), raw);
  // The list is made from this file, so it is written last.
  await writeWhole(join(folder, `${id}.json`), JSON.stringify(shown));
  await forgetOldest(folder);
  return id;
}

/** The mails in the outbox, newest first; none if there is no folder yet. */
export async function listOutbox(folder: string): Promise<OutboxMail[]> {
  const ids = (await idsIn(folder)).reverse();
  const mails = await Promise.all(ids.map((id) => readOutboxMail(folder, id)));
  return mails.filter((mail) => mail !== null);
}

/** @returns null if there is no such mail, or the id is invalid */
export async function readOutboxMail(folder: string, id: string): Promise<OutboxMail | null> {
  if (!idShape.test(id)) return null;
  const text = await readFile(join(folder, `${id}.json`), 'utf8').catch(() => null);
  return text === null ? null : outboxMail.parse(JSON.parse(text));
}

/** The bytes of the mail as SMTP would send them; null if there is no such mail. */
export async function readOutboxBytes(folder: string, id: string): Promise<Buffer | null> {
  return idShape.test(id) ? readFile(join(folder, `${id}.eml`)).catch(() => null) : null;
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((id) => idShape.test(id))
    .sort();
}

async function forgetOldest(folder: string): Promise<void> {
  const ids = await idsIn(folder);
  for (const id of ids.slice(0, Math.max(0, ids.length - kept))) {
    await rm(join(folder, `${id}.json`), { force: true });
    await rm(join(folder, `${id}.eml`), { force: true });
  }
}

async function writeWhole(path: string, content: Buffer | string): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, path);
}

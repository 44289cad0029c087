/** Writes the contacts of an import and their subscriptions, batch by batch: each row once, also after a kill. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors.js';
import { findContactsById, type Contact } from '../../models/contact.js';
import { findKeptContacts, keepContacts, type WrittenContact } from '../../models/import-part.js';
import type { Import } from '../../models/import.js';
import { decomposedAddress } from '../consent/address.js';
import type { ConsentDeps } from '../consent/change.js';
import { reading as read, writing } from '../consent/durability.js';
import { findByAddress } from '../consent/merge-subscribers.js';
import { saveContacts } from '../contacts/save.js';
import { setMarketingStatus } from '../marketing/status.js';
import { changeRowConsent, noConsent } from './contact-consent.js';
import type { ContactRowResult } from './contact-results.js';
import { contactRows, readingOf, type ListedContact, type Reading } from './contact-rows.js';
import { importRef, type ImportDeps } from './contract.js';
import { planContacts, type PlannedContact } from './plan-contacts.js';

export type RunContactsDeps = ImportDeps & ConsentDeps;

/** The rows between two checkpoints. */
export interface WrittenPart {
  /** The last line of the part: the next one begins behind it. */
  place: string;
  results: ContactRowResult[];
}

/** Batches between two checkpoints. Never lower it: the first part after a kill must reach as far as the killed worker may have written. */
const partBatches = 4;
const mostAttempts = 60;

/**
 * @param options `after`: the place of the last checkpoint; `guard` is called before each message of writes, and throws if another worker has taken
 *   the job over
 * @throws DomainError `INVALID_FILE`, `NOT_FOUND` once the file has expired; `DATABASE_AWAY` and `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function* runContacts(
  deps: RunContactsDeps,
  one: Import,
  { after, guard }: { after: string | null; guard: () => void },
): AsyncGenerator<WrittenPart> {
  const reading = await readingOf(deps, one);
  let results: ContactRowResult[] = [];
  let batches = 0;
  // What a killed worker may have written behind the last checkpoint is looked for.
  let isRepeat = true;
  const part = () => ({ place: String(results.at(-1)?.row.line ?? 0), results });
  for await (const rows of contactRows(deps, one, reading, Number(after ?? 0))) {
    const done: ContactRowResult[] = [];
    for (const round of roundsOf(rows))
      done.push(...(await runRound(deps, one, round, { reading, isRepeat, guard })));
    results.push(...done.sort((a, b) => a.row.line - b.row.line));
    batches += 1;
    if (batches < partBatches) continue;
    yield part();
    [results, batches, isRepeat] = [[], 0, false];
  }
  if (results.length > 0) yield part();
}

/** Rows in groups without a common address, so that of two rows with one address the second finds what the first one left. */
export function roundsOf(rows: readonly ListedContact[]): ListedContact[][] {
  const rounds: ListedContact[][] = [];
  const next = new Map<string, number>();
  for (const row of rows) {
    const at = Math.max(0, ...row.addresses.map(({ subscriberId }) => next.get(subscriberId) ?? 0));
    for (const { subscriberId } of row.addresses) next.set(subscriberId, at + 1);
    (rounds[at] ??= []).push(row);
  }
  return rounds;
}

interface RoundOptions {
  reading: Reading;
  isRepeat: boolean;
  guard: () => void;
}

type Settled = Pick<ContactRowResult, 'outcome' | 'reasons'> & { contact: Contact | null };

async function runRound(
  deps: RunContactsDeps,
  one: Import,
  rows: readonly ListedContact[],
  { reading, isRepeat, guard }: RoundOptions,
): Promise<ContactRowResult[]> {
  guard();
  await mergeSpellings(deps, rows);
  const settled = await saveRows(deps, one, rows, { reading, isRepeat, guard });
  for (const isMarketing of [true, false])
    await setStatuses(deps, rows, settled, { isMarketing, reading, guard });
  const subscribing = rows.map((row) => ({ row, contact: settled.get(row.line)?.contact ?? null }));
  const options = { reading, isRepeat, beforeWrite: guard };
  const consents = await changeRowConsent(deps, one, subscribing, options);
  return rows.map((row) => {
    const { outcome = 'REJECTED', reasons = [] } = settled.get(row.line) ?? {};
    return { row, outcome, reasons, consent: consents.get(row.line) ?? noConsent() };
  });
}

/** An erased address may be known by another spelling only: its opt-outs are found before anything is written. Few addresses have two spellings. */
async function mergeSpellings(deps: RunContactsDeps, rows: readonly ListedContact[]): Promise<void> {
  for (const { addresses } of rows)
    for (const one of addresses)
      if (decomposedAddress(one.channel, one.address) !== null) await findByAddress(deps, one);
}

/** Saves the contacts of rows; those that others change at the same time are planned again. */
async function saveRows(
  deps: RunContactsDeps,
  one: Import,
  rows: readonly ListedContact[],
  { reading, isRepeat, guard }: RoundOptions,
): Promise<Map<number, Settled>> {
  const part = { importId: one._id, line: rows[0]?.line ?? 0 };
  const earlier = new Map<number, WrittenContact>();
  const settled = new Map<number, Settled>();
  if (isRepeat) {
    for (const written of await findKeptContacts(deps.models, part)) earlier.set(written.line, written);
    for (const [line, contact] of await findCreated(deps, [...earlier.values()]))
      settled.set(line, { outcome: 'CREATED', reasons: [], contact });
  }
  const kept = new Map([...earlier].filter(([line]) => settled.has(line)));
  const by = { kind: 'IMPORT', ref: importRef(one._id), scope: reading.scope } as const;
  for (let attempt = 0; settled.size < rows.length; attempt++) {
    if (attempt === mostAttempts)
      throw new DomainError(
        'DATABASE_AWAY',
        'Others kept changing these contacts, so not all of them were saved.',
      );
    if (attempt > 0) await sleep(20 + Math.random() * 80);
    const left = rows.filter(({ line }) => !settled.has(line));
    const plan = await planContacts(deps, one._id, left, reading);
    const writes: PlannedContact[] = [];
    for (const planned of plan.rows) {
      const { row, before, reasons, isSaved, isMarketingChanged } = planned;
      const { line } = row;
      if (planned.outcome === 'REJECTED') settled.set(line, { outcome: 'REJECTED', reasons, contact: null });
      else if (planned.outcome === 'UNCHANGED') {
        // A killed worker may have made the change before.
        const done = earlier.get(line);
        const isDone = done?.id === before._id;
        if (isDone) kept.set(line, done);
        else kept.delete(line);
        settled.set(line, { outcome: isDone ? 'CHANGED' : 'UNCHANGED', reasons, contact: before });
      } else {
        const version = before.version + (isSaved ? 1 : 0) + (isMarketingChanged ? 1 : 0);
        kept.set(line, { line, id: before._id, version });
        if (isSaved) writes.push(planned);
        else settled.set(line, { outcome: 'CHANGED', reasons, contact: before });
      }
    }
    if (kept.size > 0) {
      guard();
      await writing(() => keepContacts(deps.models, part, [...kept.values()]));
    }
    if (writes.length === 0) continue;
    const saved = await saveContacts(
      deps,
      writes.map(({ row, form, before, outcome }) =>
        outcome === 'CREATED'
          ? { form, fresh: { id: before._id, isMarketing: row.isMarketing } }
          : { form, contactId: before._id, version: before.version, known: before },
      ),
      by,
    );
    for (const [index, { row, reasons }] of writes.entries()) {
      const result = saved[index];
      if (!result) continue;
      if ('outcome' in result)
        settled.set(row.line, { outcome: result.outcome, reasons, contact: result.contact });
      else if (result.code === 'INVALID_FORM' || result.code === 'IDENTITY_SHARED') {
        const faults = result.faults.map(({ message }) => message);
        settled.set(row.line, { outcome: 'REJECTED', reasons: faults, contact: null });
      }
    }
  }
  return settled;
}

/** Sets the marketing contact status of contacts that were there before; a new one was created with it. */
async function setStatuses(
  deps: RunContactsDeps,
  rows: readonly ListedContact[],
  settled: ReadonlyMap<number, Settled>,
  { isMarketing, reading, guard }: Omit<RoundOptions, 'isRepeat'> & { isMarketing: boolean },
): Promise<void> {
  const contactIds = rows.flatMap((row) => {
    const { outcome, contact } = settled.get(row.line) ?? {};
    return row.isMarketing === isMarketing && outcome === 'CHANGED' && contact ? [contact._id] : [];
  });
  if (contactIds.length === 0) return;
  await setMarketingStatus(deps, { contactIds, isMarketing, scope: reading.scope, beforeWrite: guard });
}

/** What a killed worker created, by line. What it had only begun is removed, so that its addresses are free. */
async function findCreated(
  { models }: RunContactsDeps,
  earlier: readonly WrittenContact[],
): Promise<Map<number, Contact>> {
  const created = earlier.filter(({ version }) => version === 1);
  if (created.length === 0) return new Map();
  const ids = created.map(({ id }) => id);
  const begun = { _id: { $in: ids as never[] }, blankUntil: { $exists: true } };
  await writing(() => models.contacts.collection.deleteMany(begun));
  const found = new Map(
    (await read(() => findContactsById(models.contacts, ids))).map((one) => [one._id, one]),
  );
  return new Map(
    created.flatMap(({ line, id }): [number, Contact][] => {
      const contact = found.get(id);
      return contact ? [[line, contact]] : [];
    }),
  );
}

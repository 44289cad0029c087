/** The subscription columns of a contact import: which acts they ask for, and what became of each. */
import type { Contact } from '../../models/contact.js';
import { findSubscribers, findWholeSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { Circumstances, Wish } from '../../vocabulary/terms.js';
import { refusalWords } from '../../vocabulary/words.js';
import type { ConsentDeps, ConsentInput, Outcome } from '../consent/change.js';
import { changeConsentInBulk, type BulkOptions } from '../consent/change-in-bulk.js';
import { reading as read } from '../consent/durability.js';
import { hasActed } from '../consent/earlier-acts.js';
import { effectiveStatus } from '../consent/effective.js';
import { planOf } from '../consent/plan.js';
import type { Import } from '../../models/import.js';
import { rowActor, type ImportDeps } from './contract.js';
import type { ListedContact, Reading } from './contact-rows.js';

/** What became of a row's subscriptions. */
export interface RowConsent {
  optIns: number;
  optOuts: number;
  refusedOptIns: number;
  /** "Trail notes: opted in" */
  changes: string[];
  /** The type and the words of its refusal: "Trail notes: Has no address in this channel." */
  reasons: string[];
}

/** A row, with its contact if that was written. Without one, only the row's opt-outs count: an opt-out is never lost. */
export interface Subscribing {
  row: ListedContact;
  contact: Pick<Contact, 'email' | 'phone'> | null;
}

interface Asked {
  of: Subscribing;
  input: ConsentInput;
}

export const noConsent = (): RowConsent => ({
  optIns: 0,
  optOuts: 0,
  refusedOptIns: 0,
  changes: [],
  reasons: [],
});

/** Counts what the acts would do, without writing. @param heads the subscribers that are known */
export function planConsent(
  deps: ImportDeps,
  one: Import,
  rows: readonly Subscribing[],
  { heads, reading }: { heads: ReadonlyMap<string, SubscriberHead>; reading: Reading },
): Map<number, RowConsent> {
  const { asked, results } = actsOf(deps, one, rows, reading);
  const moment = { now: deps.clock(), catalogue: reading.catalogue };
  for (const { of, input } of open(asked, heads, reading))
    add(results, of, planOf(input, heads.get(input.subscriberId) ?? null, moment).outcomes, reading);
  return results;
}

/**
 * Writes what the rows' subscription columns ask for: one act for each subscriber of a row. The rules decide.
 * @returns what became of them, by line
 */
export async function changeRowConsent(
  deps: ImportDeps & ConsentDeps,
  one: Import,
  rows: readonly Subscribing[],
  { reading, ...options }: BulkOptions & { reading: Reading },
): Promise<Map<number, RowConsent>> {
  const { asked, results } = actsOf(deps, one, rows, reading);
  if (asked.length === 0) return results;
  const acts = open(asked, await findHeads(deps, asked, options), reading);
  const done = await changeConsentInBulk(
    deps,
    acts.map(({ input }) => input),
    options,
  );
  for (const [index, { of }] of acts.entries()) add(results, of, done[index]?.outcomes ?? [], reading);
  return results;
}

/** In a repeated part, without those that a row's own act has changed already: that act has to be found again. */
async function findHeads(
  { models }: ConsentDeps,
  asked: readonly Asked[],
  { isRepeat }: BulkOptions,
): Promise<ReadonlyMap<string, SubscriberHead>> {
  const ids = asked.map(({ input }) => input.subscriberId);
  if (!isRepeat) return read(() => findSubscribers(models.subscribers, ids));
  const whole = new Map(await read(() => findWholeSubscribers(models.subscribers, ids)));
  for (const { input } of asked) {
    const head = whole.get(input.subscriberId);
    if (head && (await hasActed(models, head, input.actor.ref ?? ''))) whole.delete(input.subscriberId);
  }
  return whole;
}

/** One act for each subscriber of a row. */
function actsOf(
  { subscriberIds }: ImportDeps,
  one: Import,
  rows: readonly Subscribing[],
  { catalogue, choice }: Reading,
): { asked: Asked[]; results: Map<number, RowConsent> } {
  const { legalBasis, explanation } = choice;
  const circumstances: Circumstances = {
    ...(legalBasis ? { legalBasis } : {}),
    ...(explanation ? { explanation } : {}),
  };
  const results = new Map<number, RowConsent>();
  const asked = rows.flatMap((of): Asked[] => {
    const { row, contact } = of;
    const result = noConsent();
    results.set(row.line, result);
    const wishesOf = new Map<string, Pick<ConsentInput, 'subscriberId' | 'channel' | 'address' | 'wishes'>>();
    for (const [typeId, isYes] of row.subscriptions) {
      const type = catalogue.types.get(typeId);
      if (!type) {
        if (isYes) result.refusedOptIns += 1;
        result.reasons.push(refusalWords.UNKNOWN_TYPE);
        continue;
      }
      if (isYes && !contact) continue;
      const own = contact && (type.channel === 'EMAIL' ? contact.email : contact.phone);
      const address = own ?? row.addresses.find(({ channel }) => channel === type.channel)?.address;
      if (address === undefined) {
        if (isYes) result.refusedOptIns += 1;
        result.reasons.push(`${type.name}: ${refusalWords.NO_ADDRESS}`);
        continue;
      }
      const subscriberId = subscriberIds(type.channel, address);
      const act = wishesOf.get(subscriberId) ?? { subscriberId, channel: type.channel, address, wishes: [] };
      act.wishes.push({ kind: isYes ? 'OPT_IN' : 'OPT_OUT', typeId });
      wishesOf.set(subscriberId, act);
    }
    // Each row is an act of its own, so that a repeated part recognises what it did for this row.
    const actor = rowActor(one, row.line);
    return [...wishesOf.values()].map((act) => ({ of, input: { ...act, actor, circumstances } }));
  });
  return { asked, results };
}

/** Acts without opt-outs of what is opted out already: importing an export changes nothing. */
function open(
  asked: readonly Asked[],
  heads: ReadonlyMap<string, SubscriberHead>,
  { catalogue }: Reading,
): Asked[] {
  return asked.flatMap(({ of, input }) => {
    const head = heads.get(input.subscriberId);
    const isOut = (wish: Wish) => {
      const type = wish.kind === 'OPT_OUT' ? catalogue.types.get(wish.typeId) : undefined;
      return (
        head !== undefined && type !== undefined && effectiveStatus(head, type).status === 'UNSUBSCRIBED'
      );
    };
    const wishes = input.wishes.filter((wish) => !isOut(wish));
    return wishes.length > 0 ? [{ of, input: { ...input, wishes } }] : [];
  });
}

function add(
  results: ReadonlyMap<number, RowConsent>,
  { row }: Subscribing,
  outcomes: readonly Outcome[],
  { catalogue }: Reading,
): void {
  const result = results.get(row.line);
  if (!result) return;
  for (const outcome of outcomes) {
    const { wish } = outcome;
    const name = ('typeId' in wish && catalogue.types.get(wish.typeId)?.name) || '';
    if (outcome.result === 'REFUSED') {
      if (wish.kind === 'OPT_IN') result.refusedOptIns += 1;
      result.reasons.push(`${name}: ${refusalWords[outcome.code]}`);
    } else if (outcome.result === 'CHANGED') {
      const isIn = wish.kind === 'OPT_IN';
      result[isIn ? 'optIns' : 'optOuts'] += 1;
      result.changes.push(`${name}: ${isIn ? 'opted in' : 'opted out'}`);
    }
  }
}

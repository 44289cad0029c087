/** What the oracle for histories remembers: its own sets of opt-outs by party, and what a save of the contact changed. */
import type { ConsentEvent, SubscriptionStatus } from '../../src/vocabulary/terms.js';
import { types } from './people.js';

/** The time of each party's opt-out of a target. */
export type Parties = Map<string, Date>;

export const unitOf = (typeId: number) => types.find(({ id }) => id === typeId)?.unitId ?? -1;

/** A type, its unit or the account, as `type:3`, `unit:0` and `portal`. */
export const targetOf = ({ unitId, typeId }: { unitId: number | null; typeId: number | null }) =>
  typeId !== null ? `type:${typeId}` : unitId !== null ? `unit:${unitId}` : 'portal';

/** The targets that opt out of a type. An opt-out of all covers no transactional type. */
const over = (typeId: number) => [...wideOver(typeId), `type:${typeId}`];
export const wideOver = (typeId: number) => (isCovered(typeId) ? ['portal', `unit:${unitOf(typeId)}`] : []);
export const isCovered = (typeId: number) =>
  types.find(({ id }) => id === typeId)?.purpose !== 'TRANSACTIONAL';

/** What a save changed, as it was before, by target. */
interface Save {
  number: number;
  before: Map<string, { set: Parties; isSubscribed: boolean; out: Map<string, number>; own: number }>;
}

export class OracleRecord {
  readonly sets = new Map<string, Parties>();
  readonly subscribed = new Set<number>();
  /** Each opt-out that was ever made: the number of its event, by target and party. */
  readonly everOut = new Map<string, Map<string, number>>();
  /** The contact's own opt-ins, by type. */
  readonly ownIn = new Map<number, number>();
  #save: Save | undefined;

  setOf(target: string): Parties {
    return this.sets.get(target) ?? new Map<string, Date>();
  }

  put(target: string, set: Parties): void {
    if (set.size > 0) this.sets.set(target, set);
    else this.sets.delete(target);
  }

  noteOut(target: string, party: string, seq: number): void {
    this.everOut.set(target, new Map([...(this.everOut.get(target) ?? []), [party, seq]]));
  }

  statusOf(typeId: number): SubscriptionStatus {
    if (over(typeId).some((target) => this.setOf(target).size > 0)) return 'UNSUBSCRIBED';
    return this.subscribed.has(typeId) ? 'SUBSCRIBED' : 'NOT_SPECIFIED';
  }

  /** An opt-out of the type, its unit or the account that the contact has not answered by opting in to the type itself. */
  wasOptedOut(typeId: number): boolean {
    const seqs = over(typeId).flatMap((target) => [...(this.everOut.get(target)?.values() ?? [])]);
    return seqs.some((seq) => seq > (this.ownIn.get(typeId) ?? 0));
  }

  /** Before a change. One by another act on a target of the save ends the save. */
  noteForUndo({ change, save }: ConsentEvent): void {
    if (change.op !== 'STATUS' && change.op !== 'OPT_OUT_OF_ALL' && change.op !== 'SNOOZE') return;
    const target = targetOf(change);
    if (save === undefined) {
      if (!change.isRestored && this.#save?.before.has(target)) this.#save = undefined;
      return;
    }
    if (this.#save?.number !== save) this.#save = { number: save, before: new Map() };
    if (this.#save.before.has(target)) return;
    const typeId = change.typeId ?? -1;
    this.#save.before.set(target, {
      set: this.setOf(target),
      isSubscribed: this.subscribed.has(typeId),
      out: new Map(this.everOut.get(target)),
      own: this.ownIn.get(typeId) ?? 0,
    });
  }

  /** @returns whether the last save had changed the target, and nothing else has since */
  restore({ change }: ConsentEvent): boolean {
    const target = targetOf(change);
    const was = this.#save?.before.get(target);
    if (!was) return false;
    this.#save?.before.delete(target);
    this.put(target, was.set);
    this.everOut.set(target, was.out);
    if (change.typeId === null) return true;
    this.ownIn.set(change.typeId, was.own);
    if (was.isSubscribed) this.subscribed.add(change.typeId);
    else this.subscribed.delete(change.typeId);
    return true;
  }

  endUndo(): void {
    this.#save = undefined;
  }
}

/**
 * An oracle for histories: reads events in order and reports each that the specification does not allow. It does not use `rules.ts` or `apply.ts`,
 * and keeps its own sets of opt-outs by party. It is long because its rules share these sets.
 */
import type { Actor, Circumstances, ConsentEvent, SubscriptionStatus } from '../../src/vocabulary/terms.js';
import { isCovered, OracleRecord, targetOf, unitOf, wideOver, type Parties } from './oracle-record.js';
import { types, units } from './people.js';

/** What an actor attempted. Its events carry `ref` as their actor's. */
export interface Attempt {
  actor: Actor;
  why: Circumstances;
  /** True when the act only corrected an automated opt-out, or undid a save. */
  isUndo?: boolean;
  isErasure?: boolean;
  /** Types that the act wished to opt in to. */
  optsIn: number[];
}

export interface Oracle {
  /** What the events should not have done, in one sentence each. */
  faults: string[];
  statusOf: (typeId: number) => SubscriptionStatus;
  /** The time of each party's opt-out, by target: `portal`, `unit:0`, `type:3`. */
  sets: Record<string, Record<string, Date>>;
}

type Event<Op extends string> = ConsentEvent & { change: Extract<ConsentEvent['change'], { op: Op }> };

/** A contact's repetition within this time is not recorded. */
const repeatMs = 5 * 60_000;
const isDouble = (unitId: number) => units.find(({ id }) => id === unitId)?.hasDoubleOptIn === true;
interface ActUnderWay {
  ref: string;
  /** Types that the act confirmed, and those that it opted in to. */
  confirmed: Set<number>;
  optedIn: Set<number>;
  /** Opt-outs of all that the act lifted, and their entries that were not kept, as target and party. */
  lifted: [string, Parties][];
  lost: [string, string][];
}

const newAct = (ref: string): ActUnderWay => ({
  ...{ ref, confirmed: new Set(), optedIn: new Set(), lifted: [], lost: [] },
});

/** Reads a history from its first event. */
export function judgeHistory(
  events: ConsentEvent[],
  attempts: ReadonlyMap<string, Attempt>,
  isPrivacyMode: boolean,
): Oracle {
  const faults: string[] = [];
  const record = new OracleRecord();
  const { sets, subscribed, everOut, ownIn } = record;
  /** Times of opt-outs by a link that staff copied. */
  const byCopy = new WeakSet<Date>();
  const waiting = new Map<string, { unitId: number; typeIds: Set<number> }>();
  let act = newAct('');
  const isContacts = (set: Parties) => set.has('CONTACT') || set.has('AUTOMATED');

  function partyOf({ actor, isMachine }: ConsentEvent, { actor: by, isErasure }: Attempt): string {
    if (isErasure) return 'CONTACT';
    if (actor.kind === 'CONTACT' || actor.kind === 'ONE_CLICK') return isMachine ? 'AUTOMATED' : 'CONTACT';
    return by.kind === 'IMPORT' ? `IMPORT:${by.source ?? by.ref}` : actor.kind;
  }

  /** A later opt-out ends a pending wish. @returns whether there was one */
  function endWaiting({ unitId, typeId }: ConsentEvent['change']): boolean {
    let hasEnded = false;
    for (const wish of waiting.values())
      for (const id of wish.typeIds)
        if (typeId === null ? unitId === null || unitId === wish.unitId : typeId === id) {
          wish.typeIds.delete(id);
          hasEnded = true;
        }
    return hasEnded;
  }

  function optOut(event: ConsentEvent, attempt: Attempt): void {
    const set = record.setOf(targetOf(event.change));
    const party = partyOf(event, attempt);
    const own = set.get(party);
    const hasEnded = endWaiting(event.change);
    const isByCopy = event.actor.kind === 'CONTACT' && event.actor.by !== undefined;
    const isRepeated = party === 'CONTACT' && own && event.at.getTime() - own.getTime() < repeatMs;
    const isBeside = party !== 'CONTACT' && (own !== undefined || set.has('CONTACT'));
    const endsUndo =
      !isByCopy && isContacts(new Map([[party, event.at]])) && [...set.values()].some((at) => byCopy.has(at));
    if ((isRepeated || isBeside) && !hasEnded && !endsUndo)
      faults.push(`event ${event.seq} recorded what changes nothing`);
    if (event.actor.kind === 'SYSTEM') faults.push(`event ${event.seq} opted out by the system`);
    if (isBeside) return;
    record.noteOut(targetOf(event.change), party, event.seq);
    const at = new Date(event.at);
    if (isByCopy) byCopy.add(at);
    sets.set(targetOf(event.change), new Map([...set, [party, at]]));
  }

  /** Every entry in effect over the target moves down to it. Of two that count as the contact's, the later is kept. */
  function moveDown({ change, seq }: ConsentEvent): void {
    const target = targetOf(change);
    const over = [
      record.setOf('portal'),
      ...(change.typeId === null ? [] : [record.setOf(`unit:${change.unitId}`)]),
    ];
    if (over.every(({ size }) => size === 0)) faults.push(`event ${seq} moved nothing down`);
    if (change.typeId !== null && !isCovered(change.typeId))
      faults.push(`event ${seq} opted out of a transactional type`);
    const set = new Map(record.setOf(target));
    for (const [party, at] of over.flatMap((wide) => [...wide])) {
      const own = set.get(party);
      if (!own || ((party === 'CONTACT' || party === 'AUTOMATED') && at > own)) {
        set.set(party, at);
        record.noteOut(target, party, seq);
      }
    }
    sets.set(target, set);
  }

  function remove({ change, seq }: ConsentEvent, party: string, attempt: Attempt, isOut: boolean): void {
    const target = targetOf(change);
    const set = new Map(record.setOf(target));
    const reason = mayRemove(change, set, party, attempt);
    if (reason) faults.push(`event ${seq} removed an opt-out, though ${reason}`);
    set.delete(party);
    if (party === 'AUTOMATED') everOut.get(target)?.delete(party);
    if (set.size > 0 !== isOut) faults.push(`event ${seq} does not say what remains`);
    record.put(target, set);
  }

  function mayRemove(
    { typeId }: ConsentEvent['change'],
    set: Parties,
    party: string,
    attempt: Attempt,
  ): string | null {
    const { actor, why, isUndo } = attempt;
    if (!set.has(party)) return 'there was none';
    if (actor.kind === 'IMPORT')
      return party === `IMPORT:${actor.source ?? actor.ref}` ? null : 'another import had made it';
    if (actor.kind !== 'STAFF') return `${actor.kind} never does`;
    if (isTooNew(set, actor)) return 'it came after it was decided on';
    if (party === 'STAFF') return typeId === null ? null : 'single types are overridden';
    if (party !== 'AUTOMATED' || !isUndo) return 'it was not to be corrected';
    if (set.has('CONTACT')) return 'the contact had opted out itself';
    if (!why.explanation?.trim()) return 'staff gave no explanation';
    const isBack = typeId !== null && set.size === 1 && subscribed.has(typeId);
    return isBack && isPrivacyMode && !why.legalBasis ? 'staff gave no basis in privacy mode' : null;
  }

  function isTooNew(set: Parties, actor: Actor): boolean {
    const decidedAt = actor.kind === 'STAFF' && actor.isBulk ? actor.decidedAt : undefined;
    return decidedAt !== undefined && [...set.values()].some((at) => at > decidedAt);
  }

  function mayOptIn(event: ConsentEvent, typeId: number, { actor, why }: Attempt): string | null {
    const type = types.find(({ id }) => id === typeId);
    if (!type?.isActive) return 'the type was archived';
    if (type.isInternal && actor.kind === 'CONTACT') return 'contacts never see the type';
    if (wideOver(typeId).some((target) => record.setOf(target).size > 0))
      return 'an opt-out of all was in effect';
    const set = record.setOf(`type:${typeId}`);
    const hasBoth = why.legalBasis !== undefined && Boolean(why.explanation?.trim());
    switch (actor.kind) {
      case 'CONTACT':
        if (!actor.isLinkFresh) return 'the link was old';
        if (actor.by && isContactsOver(typeId) && !act.confirmed.has(typeId))
          return 'a copied link undid the contact’s own opt-out without a confirmation';
        return isDouble(unitOf(typeId)) && !act.confirmed.has(typeId) ? 'it was not confirmed' : null;
      case 'STAFF':
        if (!why.explanation?.trim()) return 'staff gave no explanation';
        if (isPrivacyMode && !hasBoth) return 'staff gave no basis in privacy mode';
        if (isTooNew(set, actor)) return 'bulk staff overrode what came after it was decided on';
        return actor.isBulk && isContacts(set) ? 'bulk staff overrode the contact' : null;
      case 'WORKFLOW':
        if (set.size > 0 || record.wasOptedOut(typeId)) return 'a workflow overrode an opt-out';
        return isPrivacyMode && !hasBoth ? 'a workflow gave no basis in privacy mode' : null;
      case 'IMPORT':
        if (!actor.mayOptIn) return 'an opt-out list never opts in';
        if (set.size > 0) return 'an import overrode an opt-out';
        return hasBoth ? null : 'an import gave no basis or explanation';
      case 'API': {
        if (set.size === 0) return isPrivacyMode && !hasBoth ? 'the API gave no basis in privacy mode' : null;
        if (actor.version !== 4 || !hasBoth) return 'the API overrode an opt-out without the right to';
        const { laterConsentAt } = actor;
        const latest = Math.max(...['CONTACT', 'AUTOMATED'].map((party) => set.get(party)?.getTime() ?? 0));
        if (latest === 0) return null;
        return laterConsentAt && laterConsentAt.getTime() > latest + repeatMs && laterConsentAt <= event.at
          ? null
          : 'the API overrode the contact without evidence';
      }
      default:
        return `${actor.kind} never opts in`;
    }
  }

  function mayNotSetBack(typeId: number, { actor, why }: Attempt): string | null {
    const own = record.setOf(`type:${typeId}`);
    if (isTooNew(own, actor)) return 'it came after it was decided on';
    if (actor.kind !== 'STAFF') return null;
    const over = [...wideOver(typeId).map((target) => record.setOf(target)), own];
    if (actor.isBulk) return over.some(isContacts) ? 'the contact had opted out' : null;
    if (!isContacts(own)) return null;
    if (!why.explanation?.trim()) return 'staff gave no explanation';
    return isPrivacyMode && !why.legalBasis ? 'staff gave no basis in privacy mode' : null;
  }

  /** Whether the contact had opted out of a type, or of all, before this act lifted the opt-out. */
  function isContactsOver(typeId: number): boolean {
    const over = act.lifted.filter(([target]) => target === 'portal' || target === `unit:${unitOf(typeId)}`);
    return [record.setOf(`type:${typeId}`), ...over.map(([, set]) => set)].some(isContacts);
  }

  function status(event: Event<'STATUS'>, attempt: Attempt): void {
    const { change, seq } = event;
    if (change.isMovedDown) return moveDown(event);
    if (change.removes) return remove(event, change.removes, attempt, change.to === 'UNSUBSCRIBED');
    if (change.to === 'UNSUBSCRIBED') return optOut(event, attempt);
    if (change.to === 'SUBSCRIBED') {
      const reason = mayOptIn(event, change.typeId, attempt);
      if (reason) faults.push(`event ${seq} opted in, though ${reason}`);
      subscribed.add(change.typeId);
      if (attempt.actor.kind === 'CONTACT') ownIn.set(change.typeId, seq);
      act.optedIn.add(change.typeId);
      noteLost(unitOf(change.typeId));
    } else {
      if (attempt.actor.kind !== 'STAFF') faults.push(`event ${seq} was set back by ${attempt.actor.kind}`);
      const reason = mayNotSetBack(change.typeId, attempt);
      if (reason) faults.push(`event ${seq} was set back, though ${reason}`);
      subscribed.delete(change.typeId);
    }
    sets.delete(targetOf(change));
    endWaiting(change);
  }

  function restore(event: ConsentEvent, { actor, isUndo }: Attempt): void {
    if (actor.kind !== 'CONTACT' || !actor.isLinkFresh || !isUndo)
      faults.push(`event ${event.seq} undid a save of the contact`);
    if (!record.restore(event)) faults.push(`event ${event.seq} undid what had changed since, or no save`);
  }

  function optOutOfAll(event: Event<'OPT_OUT_OF_ALL'>, attempt: Attempt): void {
    const { change, seq } = event;
    if (change.isMovedDown) return moveDown(event);
    if (change.removes) return remove(event, change.removes, attempt, change.to);
    if (change.to) return optOut(event, attempt);
    const target = targetOf(change);
    const set = record.setOf(target);
    const { actor } = attempt;
    const isStaffs =
      actor.kind === 'STAFF' && !actor.isBulk && [...set.keys()].every((party) => party === 'STAFF');
    if (!isStaffs && !(actor.kind === 'CONTACT' && actor.isLinkFresh))
      faults.push(`event ${seq} lifted an opt-out of all that was not its to lift`);
    if (isTooNew(set, actor)) faults.push(`event ${seq} lifted what came after it was decided on`);
    act.lifted.push([target, set]);
    sets.delete(target);
  }

  /** For an act that lifted an opt-out of all and now opts in: what that opt-out covered must keep every party's opt-out. */
  function noteLost(unitId: number): void {
    for (const [target, set] of act.lifted) {
      const covered = [
        ...units.filter(({ id }) => target === 'portal' && id !== unitId).map(({ id }) => `unit:${id}`),
        ...types
          .filter((type) => type.channel === 'EMAIL' && type.unitId === unitId)
          .filter(({ id }) => isCovered(id))
          .map(({ id }) => `type:${id}`),
      ];
      for (const one of covered)
        for (const party of set.keys()) if (!record.setOf(one).has(party)) act.lost.push([one, party]);
    }
    act.lifted = [];
  }

  /** What the act itself opted in to need not keep one. */
  function endAct(next: string): void {
    if (act.ref === next) return;
    const { ref, lifted, lost, optedIn } = act;
    if (lifted.length > 0) faults.push(`act ${ref} lifted and opted in to nothing`);
    // A type that the act wished and that was already subscribed also counts as opted in.
    const wished = attempts.get(ref)?.optsIn.filter((id) => record.statusOf(id) === 'SUBSCRIBED') ?? [];
    for (const [target, party] of lost)
      if (![...optedIn, ...wished].some((id) => target === `type:${id}` || target === `unit:${unitOf(id)}`))
        faults.push(`act ${ref} left nothing of the opt-out by ${party} on ${target}`);
    act = newAct(next);
  }

  for (const event of events) {
    const { change, seq } = event;
    const ref = (event.actor.ref ?? '').replace(/^copied /, '');
    const attempt = attempts.get(ref);
    endAct(ref);
    if (!attempt) {
      faults.push(`event ${seq} is by nobody`);
      continue;
    }
    record.noteForUndo(event);
    if ('isRestored' in change && change.isRestored) {
      restore(event, attempt);
      continue;
    }
    const scope = 'scope' in attempt.actor ? (attempt.actor.scope ?? null) : null;
    if (scope && (change.op === 'STATUS' || change.op === 'OPT_OUT_OF_ALL'))
      if (change.unitId === null || !scope.includes(change.unitId))
        faults.push(`event ${seq} is outside the actor's business units`);
    if (change.op === 'STATUS') status({ ...event, change }, attempt);
    if (change.op === 'OPT_OUT_OF_ALL') optOutOfAll({ ...event, change }, attempt);
    if (change.op === 'PENDING')
      waiting.set(change.pendingId, { unitId: change.unitId, typeIds: new Set(change.typeIds) });
    if (change.op === 'CONFIRMED') {
      if (attempt.actor.kind === 'CONTACT' && attempt.actor.by)
        faults.push(`event ${seq} was confirmed through a copied link`);
      act.confirmed = new Set(waiting.get(change.pendingId)?.typeIds ?? []);
      waiting.delete(change.pendingId);
      if (act.confirmed.size === 0) faults.push(`event ${seq} confirmed what no longer waited`);
    }
    if (change.op !== 'ERASED') continue;
    if (!record.setOf('portal').has('CONTACT'))
      faults.push(`event ${seq} erased without keeping a suppression`);
    waiting.clear();
    record.endUndo();
  }
  endAct('the end');
  return {
    faults,
    sets: Object.fromEntries([...sets].map(([target, set]) => [target, Object.fromEntries(set)])),
    statusOf: (typeId) => record.statusOf(typeId),
  };
}

/**
 * An oracle for histories: reads events in order and says where one did what the specification's table does not allow. It knows neither
 * `rules.ts` nor `apply.ts`; it only remembers who said no to what, and that a contact's no stays the contact's until it is cleared.
 */
import type {
  Actor,
  Circumstances,
  ConsentEvent,
  SubscriptionStatus,
} from '../../src/domain/consent/terms.js';
import { types, units } from './people.js';

/** What somebody tried; its events carry `ref` as their actor's. */
export interface Attempt {
  actor: Actor;
  why: Circumstances;
  /** True where a machine-made opt-out was to be put right, and nothing else. */
  isUndo?: boolean;
}

interface No {
  at: Date;
  /** The act that said it. */
  ref: string;
  isContacts: boolean;
  /** True where it is the contact's by a machine alone: no person said it. */
  isMachines: boolean;
  /** True while staff, and staff alone, said it. */
  isOnlyStaffs: boolean;
  /** Another's no beside a machine's: it stays, whatever becomes of the machine's. */
  others: Pick<No, 'at' | 'ref' | 'isOnlyStaffs'> | null;
}

interface Waiting {
  unitId: number;
  typeIds: Set<number>;
}

export interface Oracle {
  /** What the events should not have done, one sentence each. */
  faults: string[];
  statusOf: (typeId: number) => SubscriptionStatus;
  /** What the contact itself said no to, and nothing has cleared since: types, units, and the account. */
  contactsNos: { typeIds: number[]; unitIds: number[]; isPortalWide: boolean };
}

const contactsOf = (nos: Map<number, No>) =>
  [...nos].flatMap(([id, no]) => (no.isContacts ? [id] : [])).sort((a, b) => a - b);
const unitOf = (typeId: number) => types.find(({ id }) => id === typeId)?.unitId ?? -1;
const isDouble = (unitId: number) => units.find(({ id }) => id === unitId)?.hasDoubleOptIn === true;

/** Walks a history, from its first event on. */
export function judgeHistory(
  events: ConsentEvent[],
  attempts: ReadonlyMap<string, Attempt>,
  isPrivacyMode: boolean,
): Oracle {
  const faults: string[] = [];
  const own = new Map<number, No>();
  const subscribed = new Set<number>();
  const brand = new Map<number, No>();
  let portal: No | undefined;
  const waiting = new Map<string, Waiting>();
  /** Types that the act under way has confirmed. */
  let confirmed: { ref: string; typeIds: Set<number> } = { ref: '', typeIds: new Set() };
  /** What the act under way lifted, so that only it leaves remainders, and leaves them as heavy. */
  const lifting: { now: { ref: string; wasContacts: boolean; hasPortal: boolean } | null } = { now: null };

  function noOf(event: ConsentEvent, before: No | undefined): No {
    const isContacts = event.actor.kind === 'CONTACT' || event.actor.kind === 'ONE_CLICK';
    const isOnlyStaffs = event.actor.kind === 'STAFF' && (before?.isOnlyStaffs ?? true);
    const isStillContacts = isContacts || before?.isContacts === true;
    const isMachinesNow = isContacts && event.isMachine === true;
    const hasPersonSaid = before?.isContacts === true && !before.isMachines;
    // The weightier of the two: a person's word, then a machine's in their name, then anybody else's.
    const isBefores = hasPersonSaid
      ? !isContacts || isMachinesNow
      : before?.isContacts === true && !isContacts;
    return {
      at: before && isBefores ? before.at : event.at,
      ref: before && isBefores ? before.ref : (event.actor.ref ?? ''),
      isContacts: isStillContacts,
      isMachines: before && isBefores ? before.isMachines : isMachinesNow,
      isOnlyStaffs,
      others: othersBeside(event, before),
    };
  }

  function othersBeside(event: ConsentEvent, before: No | undefined): No['others'] {
    const isContacts = event.actor.kind === 'CONTACT' || event.actor.kind === 'ONE_CLICK';
    if (isContacts && !event.isMachine) return null;
    if (!before?.isContacts) return isContacts ? (before ?? null) : null;
    if (!before.isMachines || isContacts) return before.others;
    if (before.others)
      // What staff may not remove is never lost in what they may.
      return before.others.isOnlyStaffs && event.actor.kind !== 'STAFF'
        ? { at: event.at, ref: event.actor.ref ?? '', isOnlyStaffs: false }
        : before.others;
    return { at: event.at, ref: event.actor.ref ?? '', isOnlyStaffs: event.actor.kind === 'STAFF' };
  }

  /** What stands once a machine's no is put right that another's lay beside. */
  function handedBack({ seq }: ConsentEvent, no: No | undefined, attempt: Attempt): No | undefined {
    const reason = attempt.isUndo ? mayUndo(no, attempt, false) : 'nothing was to be put right';
    if (reason ?? !no?.others)
      faults.push(`event ${seq} handed back, though ${reason ?? 'there was no other no'}`);
    return no?.others ? { ...no.others, isContacts: false, isMachines: false, others: null } : no;
  }

  function mayOptIn(event: ConsentEvent, typeId: number, attempt: Attempt): string | null {
    const { actor, why } = attempt;
    if (attempt.isUndo) return mayUndo(own.get(typeId), attempt, true) ?? mayClear(own.get(typeId), attempt);
    if (portal || brand.has(unitOf(typeId))) return 'an opt-out of all still stood';
    const no = own.get(typeId);
    const hasBoth = why.legalBasis !== undefined && Boolean(why.explanation?.trim());
    switch (actor.kind) {
      case 'CONTACT':
        if (!actor.isLinkFresh) return 'the link was old';
        if (isDouble(unitOf(typeId)) && !(confirmed.ref === event.actor.ref && confirmed.typeIds.has(typeId)))
          return 'it was not confirmed';
        return null;
      case 'STAFF':
        if (!why.explanation?.trim()) return 'staff gave no explanation';
        if (isPrivacyMode && !hasBoth) return 'staff gave no basis in privacy mode';
        if (isTooNew(no, actor)) return 'bulk staff overrode what came after it was decided on';
        return actor.isBulk && no?.isContacts ? 'bulk staff overrode the contact' : null;
      case 'WORKFLOW':
        if (no) return 'a workflow overrode an opt-out';
        return isPrivacyMode && !hasBoth ? 'a workflow gave no basis in privacy mode' : null;
      case 'API':
        if (!no) return isPrivacyMode && !hasBoth ? 'the API gave no basis in privacy mode' : null;
        if (actor.version !== 4 || !hasBoth) return 'the API overrode an opt-out without the right to';
        if (!no.isContacts) return null;
        return actor.laterConsentAt && actor.laterConsentAt > no.at && actor.laterConsentAt <= event.at
          ? null
          : 'the API overrode the contact without evidence';
      default:
        return `${actor.kind} never opts in`;
    }
  }

  function isTooNew(no: No | undefined, actor: Actor): boolean {
    const decidedAt = actor.kind === 'STAFF' && actor.isBulk ? actor.decidedAt : undefined;
    // What an act itself has left of an opt-out of all is no later decision of anybody's.
    return (
      decidedAt !== undefined &&
      [no, no?.others].some((one) => one && one.at > decidedAt && one.ref !== actor.ref)
    );
  }

  function mayUndo(no: No | undefined, { actor, why }: Attempt, isOptIn: boolean): string | null {
    if (actor.kind !== 'STAFF') return 'staff alone put a machine’s work right';
    if (!no?.isMachines) return 'no machine had said it';
    if (isTooNew(no, actor)) return 'it came after it was decided on';
    if (!why.explanation?.trim()) return 'staff gave no explanation';
    return isOptIn && isPrivacyMode && !why.legalBasis ? 'staff gave no basis in privacy mode' : null;
  }

  function mayClear(no: No | undefined, attempt: Attempt): string | null {
    return mayUndo(no, attempt, false) ?? (no?.others ? 'another had said no too' : null);
  }

  /** A later no ends what waited for a confirmation. */
  function endWaiting(isMeant: (unitId: number, typeId: number) => boolean): void {
    for (const { unitId, typeIds } of waiting.values())
      for (const typeId of typeIds) if (isMeant(unitId, typeId)) typeIds.delete(typeId);
  }

  /** Where an opt-in ends the lifting: every other unit has kept a no, no lighter than the one that was lifted. */
  function endLifting(ref: string, optedInTo: number): void {
    const lifted = lifting.now;
    lifting.now = null;
    if (lifted?.ref !== ref || !lifted.hasPortal) return;
    for (const { id } of units) {
      if (id === optedInTo) continue;
      if (!brand.has(id)) faults.push(`unit ${id} kept nothing of the portal-wide opt-out`);
      else if (lifted.wasContacts && !brand.get(id)?.isContacts)
        faults.push(`unit ${id} kept less than the contact's no`);
    }
  }

  for (const event of events) {
    const { change, actor, seq } = event;
    const ref = actor.ref ?? '';
    const attempt = attempts.get(ref);
    if (lifting.now && lifting.now.ref !== ref) {
      if (lifting.now.hasPortal) faults.push(`event ${seq - 1} lifted and opted in to nothing`);
      lifting.now = null;
    }
    if (!attempt) {
      faults.push(`event ${seq} is by nobody`);
      continue;
    }
    if (change.op === 'STATUS') {
      if (change.to === 'SUBSCRIBED') {
        const reason = mayOptIn(event, change.typeId, attempt);
        if (reason) faults.push(`event ${seq} opted in, though ${reason}`);
        own.delete(change.typeId);
        subscribed.add(change.typeId);
        endLifting(ref, unitOf(change.typeId));
      } else if (change.isHandedBack) {
        const no = handedBack(event, own.get(change.typeId), attempt);
        if (no) own.set(change.typeId, no);
      } else if (change.to === 'UNSUBSCRIBED') {
        if (actor.kind === 'SYSTEM') faults.push(`event ${seq} opted out by the system`);
        own.set(change.typeId, noOf(event, own.get(change.typeId)));
        subscribed.delete(change.typeId);
      } else {
        const no = own.get(change.typeId);
        if (actor.kind !== 'STAFF') faults.push(`event ${seq} was set back by ${actor.kind}`);
        const reason = attempt.isUndo ? mayClear(no, attempt) : null;
        if (reason) faults.push(`event ${seq} was set back, though ${reason}`);
        if (isTooNew(no, attempt.actor))
          faults.push(`event ${seq} set back what came after it was decided on`);
        own.delete(change.typeId);
        subscribed.delete(change.typeId);
      }
      if (change.isRemainder && lifting.now?.ref !== ref)
        faults.push(`event ${seq} is what is left of nothing`);
      if (!change.isRemainder && !change.isHandedBack) endWaiting((_, typeId) => typeId === change.typeId);
    }
    if (change.op === 'OPT_OUT_OF_ALL' && change.isHandedBack) {
      const no = handedBack(event, change.unitId === null ? portal : brand.get(change.unitId), attempt);
      if (change.unitId === null) portal = no;
      else if (no) brand.set(change.unitId, no);
    } else if (change.op === 'OPT_OUT_OF_ALL' && change.to) {
      if (actor.kind === 'SYSTEM') faults.push(`event ${seq} opted out of all by the system`);
      if (change.unitId === null) portal = noOf(event, portal);
      else brand.set(change.unitId, noOf(event, brand.get(change.unitId)));
      if (!change.isRemainder) endWaiting((unitId) => change.unitId === null || unitId === change.unitId);
    }
    if (change.op === 'OPT_OUT_OF_ALL' && !change.to) {
      const no = change.unitId === null ? portal : brand.get(change.unitId);
      const isContact = attempt.actor.kind === 'CONTACT' && attempt.actor.isLinkFresh;
      const isStaffs = actor.kind === 'STAFF' && no?.isOnlyStaffs === true && !no.isContacts;
      if (isTooNew(no, attempt.actor)) faults.push(`event ${seq} lifted what came after it was decided on`);
      const isUndone = attempt.isUndo === true && mayClear(no, attempt) === null;
      if (!isContact && !isStaffs && !isUndone)
        faults.push(`event ${seq} lifted an opt-out of all that was not its to lift`);
      const isPortalWide = change.unitId === null;
      lifting.now = {
        ref,
        hasPortal: lifting.now?.hasPortal === true || (isContact && isPortalWide),
        wasContacts: lifting.now?.wasContacts === true || (isPortalWide && no?.isContacts === true),
      };
      if (change.unitId === null) portal = undefined;
      else brand.delete(change.unitId);
    }
    if (change.op === 'PENDING')
      waiting.set(change.pendingId, { unitId: change.unitId, typeIds: new Set(change.typeIds) });
    if (change.op === 'CONFIRMED') {
      confirmed = { ref, typeIds: new Set(waiting.get(change.pendingId)?.typeIds ?? []) };
      if (confirmed.typeIds.size === 0) faults.push(`event ${seq} confirmed what no longer waited`);
    }
    if (change.op !== 'ERASED') continue;
    if (!portal) faults.push(`event ${seq} erased without keeping a suppression`);
    // Whoever asked to be forgotten said no to everything, whoever noted it.
    for (const no of [portal, ...brand.values()].flatMap((one) => [one, one?.others]))
      if (no) no.isOnlyStaffs = false;
  }
  return {
    faults,
    contactsNos: {
      typeIds: contactsOf(own),
      unitIds: contactsOf(brand),
      isPortalWide: portal?.isContacts === true,
    },
    statusOf: (typeId) =>
      portal || brand.has(unitOf(typeId)) || own.has(typeId)
        ? 'UNSUBSCRIBED'
        : subscribed.has(typeId)
          ? 'SUBSCRIBED'
          : 'NOT_SPECIFIED',
  };
}

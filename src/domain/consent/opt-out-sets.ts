/** A target's opt-outs: a small set with at most one entry per party (specification "Opt-outs by party", decision 0500). */
import { precedenceOf } from './actors.js';
import type { OptOut, OptOutSet, Party, Standing } from '../../vocabulary/terms.js';

/** A contact's repeated opt-out is recorded once in this time, in milliseconds. Evidence of consent must be later than the opt-out by more than that. */
export const repeatMs = 5 * 60_000;

/** Entries of single imports that one target keeps; older ones become one `IMPORT:*` entry, which no undo removes. */
export const mostImports = 50;
export const olderImports = 'IMPORT:*';

/** True for an entry that counts as the contact's: its own, and an automated one until staff correct it. */
export function isContacts({ party }: Pick<OptOut, 'party'>): boolean {
  return party === 'CONTACT' || party === 'AUTOMATED';
}

export function hasParty(set: readonly OptOut[] | null | undefined, party: Party): boolean {
  return set?.some((one) => one.party === party) ?? false;
}

/** True if an opt-out by this party would add an entry, or move the time of the contact's own. */
export function isNews(set: OptOutSet | null | undefined, party: Party, now: Date): boolean {
  const own = set?.find((one) => one.party === 'CONTACT');
  if (own) return party === 'CONTACT' && now.getTime() - own.at.getTime() >= repeatMs;
  return !hasParty(set, party);
}

/** The set after an opt-out. The contact's own entry moves its time; any other party's is unchanged. No entry is added beside the contact's own. */
export function withOptOut(set: OptOutSet | null, optOut: OptOut): OptOutSet {
  if (!set) return [optOut];
  if (optOut.party === 'CONTACT') return [...set.filter(({ party }) => party !== 'CONTACT'), optOut];
  return hasParty(set, 'CONTACT') || hasParty(set, optOut.party) ? set : bounded([...set, optOut]);
}

/** The set without one party's entry; null if it becomes empty. */
export function withoutParty(set: OptOutSet | null, party: Party): OptOutSet | null {
  if (!set || !hasParty(set, party)) return set;
  const rest = set.filter((one) => one.party !== party);
  return rest.length > 0 ? rest : null;
}

/**
 * A set with the entries of another that it lacks: for opt-outs of all that move down to a type or a unit, and for two
 * subscribers that are merged. If both have an entry that counts as the contact's, the later one stays, so that older
 * evidence of consent does not count.
 */
export function mergedSets(
  into: OptOutSet | null | undefined,
  from: OptOutSet | null | undefined,
): OptOutSet | null {
  let merged = into ?? null;
  for (const optOut of from ?? []) {
    const own = merged?.find(({ party }) => party === optOut.party);
    if (own && !(isContacts(own) && optOut.at > own.at)) continue;
    merged = bounded([...(merged ?? []).filter((one) => one !== own), optOut]);
  }
  return merged;
}

/**
 * The entries in order of precedence: the contact's, an automated one, another party's, and last staff's, which staff
 * may remove.
 */
export function inPrecedence(set: OptOutSet): OptOut[] {
  return [...set].sort(
    (a, b) => precedenceOf(a.party) - precedenceOf(b.party) || a.at.getTime() - b.at.getTime(),
  );
}

/** The entry that a page names first; null for no opt-out. */
export function leadingOf(set: OptOutSet | null | undefined): OptOut | null {
  return (set && inPrecedence(set)[0]) ?? null;
}

/** True if an opt-out by staff would be recorded: neither staff nor the contact itself has opted out. */
export function mayStaffAdd(set: OptOutSet | null | undefined): boolean {
  return !hasParty(set, 'STAFF') && !hasParty(set, 'CONTACT');
}

/** The parties that also opted out, besides the entry that decides. */
export function othersOf(set: OptOutSet | null | undefined): Standing[] {
  return set ? inPrecedence(set).slice(1) : [];
}

/** Merges the oldest imports into one `IMPORT:*` entry if there are too many. */
function bounded(set: OptOutSet): OptOutSet {
  const imports = set.filter(({ party }) => party.startsWith('IMPORT:') && party !== olderImports);
  if (imports.length <= mostImports) return set;
  const older = imports.sort((a, b) => b.at.getTime() - a.at.getTime() || b.seq - a.seq).slice(mostImports);
  const all = [...older, ...set.filter(({ party }) => party === olderImports)];
  const newest = all.reduce((one, other) => (other.at > one.at ? other : one));
  return [...set.filter((one) => !all.includes(one)), { ...newest, party: olderImports }];
}

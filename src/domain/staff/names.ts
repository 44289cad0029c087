/** The person or key behind a reference of an event, a job or an audit entry (`user:<id>`, `key:<id>`), with the name of that time. */
import { trusted } from 'mongoose';
import { oneLine } from '../../clean-text.js';
import type { ApiKey } from '../../models/api-key.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';
import { actorName, actorWithin, personRef } from '../consent/actors.js';

export interface Doer {
  /** Name of the person at that time. Two users may have the same name; the address is unique. */
  name: string;
  email: string;
  /** Name of the API key that acted. The person is its creator. */
  key?: string;
}

/** @returns undefined if the reference names no existing account or key */
export type DoerOf = (ref: string | null | undefined, at: Date) => Doer | undefined;

/** Looks up all references with at most two queries. */
export async function findDoers(
  { models }: { models: Pick<Models, 'users' | 'apiKeys'> },
  refs: Iterable<string | null | undefined>,
): Promise<DoerOf> {
  const wanted = [...new Set(refs)];
  const keyIds = idsOf('key', wanted);
  const keys =
    keyIds.length === 0
      ? []
      : await models.apiKeys
          .find({ _id: trusted({ $in: keyIds }) }, { name: 1, createdBy: 1 })
          .lean<Pick<ApiKey, '_id' | 'name' | 'createdBy'>[]>();
  const userIds = idsOf('user', [...wanted, ...keys.map(({ createdBy }) => createdBy)]);
  const users =
    userIds.length === 0
      ? []
      : await models.users
          .find({ _id: trusted({ $in: userIds }) }, { name: 1, formerNames: 1, email: 1 })
          .lean<Pick<User, '_id' | 'name' | 'formerNames' | 'email'>[]>();
  const userBy = new Map(users.map((user) => [`user:${user._id}`, user]));
  const keyBy = new Map(keys.map((key) => [`key:${key._id}`, key]));
  return (ref, at) => {
    const key = keyBy.get(ref ?? '');
    const user = userBy.get(key?.createdBy ?? ref ?? '');
    if (!user) return undefined;
    return { name: nameAt(user, at), email: user.email, ...(key ? { key: key.name } : {}) };
  };
}

/** An act as far as it says by whom and when. */
export type Act = Pick<ConsentEvent, 'actor' | 'at'>;

/** Looks up the people behind acts. */
export function findActors(deps: Parameters<typeof findDoers>[0], acts: Iterable<Pick<Act, 'actor'>>) {
  return findDoers(
    deps,
    [...acts].map(({ actor }) => personRef(actor)),
  );
}

/** The person behind an act, if known. */
export function doerBehind({ actor, at }: Act, doerOf: DoerOf): Doer | undefined {
  return doerOf(personRef(actor), at);
}

/** Who acted, at the start of a line. @param inWords how a person is said */
export function whoActed(act: Act, doerOf: DoerOf, inWords = doerInWords): string {
  const doer = doerBehind(act, doerOf);
  return actorName(act.actor, doer && inWords(doer));
}

/** The same within a sentence: "staff, Ida Lund (ida@acme.example)". */
export function whoActedWithin(act: Act, doerOf: DoerOf): string {
  const doer = doerBehind(act, doerOf);
  return actorWithin(act.actor, doer && doerInWords(doer));
}

/** "Ida Lund (ida@acme.example)", "“Web shop”, made by Ida Lund (ida@acme.example)" */
export function doerInWords(doer: Doer): string {
  return `${doerByName(doer)} (${doer.email})`;
}

/** The same without the address, for pages that show it separately. */
export function doerByName({ name, key }: Omit<Doer, 'email'>): string {
  return key === undefined ? oneLine(name) : `“${key}”, made by ${oneLine(name)}`;
}

/** The name that the account had at a time. */
function nameAt({ name, formerNames = [] }: Pick<User, 'name' | 'formerNames'>, at: Date): string {
  return formerNames.find(({ until }) => until > at)?.name ?? name;
}

function idsOf(kind: 'user' | 'key', refs: readonly (string | null | undefined)[]): string[] {
  return refs.flatMap((ref) => (ref?.startsWith(`${kind}:`) ? [ref.slice(kind.length + 1)] : []));
}

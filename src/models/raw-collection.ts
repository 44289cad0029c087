/** The driver's collection of subscribers, for the few commands on the path of every contact's request. Mongoose would cast and copy correct data. */
import type { Collection, Db } from 'mongodb';
import { DomainError } from '../errors.js';
import type { Subscriber, SubscriberModel } from './subscriber.js';

interface Raw {
  collection: Collection<Subscriber>;
  mayGoTogether: Promise<boolean>;
}

const raws = new WeakMap<Db, Raw>();

/** @throws DomainError `DATABASE_AWAY` if the connection is closed */
export function rawCollectionOf(model: SubscriberModel): Collection<Subscriber> {
  return rawOf(model).collection;
}

/**
 * Whether one command may contain several subscribers. Behind the router of a sharded cluster it may not: one silent shard would delay the contacts
 * of all others.
 */
export async function mayGoTogether(model: SubscriberModel): Promise<boolean> {
  return rawOf(model).mayGoTogether;
}

function rawOf(model: SubscriberModel): Raw {
  const { db } = model.db;
  if (!db) throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.');
  const known = raws.get(db);
  if (known) return known;
  const raw: Raw = {
    collection: db.collection<Subscriber>(model.collection.name),
    mayGoTogether: isOneServer(db).catch(() => {
      raws.delete(db);
      return false;
    }),
  };
  raws.set(db, raw);
  return raw;
}

/** A router identifies itself in its greeting (`hello`, which is in the Stable API). If no answer comes now, it is asked again. */
async function isOneServer(db: Db): Promise<boolean> {
  const greeting = await db.command({ hello: 1 });
  return greeting['msg'] !== 'isdbgrid';
}

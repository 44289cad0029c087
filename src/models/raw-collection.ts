/** The driver's collections, for the few commands on the path of every contact's request. Mongoose would cast and copy correct data. */
import type { Collection, Db, Document } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { DomainError } from '../errors.js';

const oneServer = new WeakMap<Db, Promise<boolean>>();

/** @throws DomainError `DATABASE_AWAY` if the connection is closed */
export function rawCollectionOf<T extends Document>(model: Model<T>): Collection<T> {
  return openDb(model).collection<T>(model.collection.name);
}

/**
 * Whether one command may contain several documents. Behind the router of a sharded cluster it may not: one silent shard would delay the contacts
 * of all others.
 */
export async function mayGoTogether(model: { db: Connection }): Promise<boolean> {
  const db = openDb(model);
  const known = oneServer.get(db);
  if (known) return known;
  const asked = isOneServer(db).catch(() => {
    oneServer.delete(db);
    return false;
  });
  oneServer.set(db, asked);
  return asked;
}

function openDb({ db: { db } }: { db: Connection }): Db {
  if (!db) throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.');
  return db;
}

/** A router identifies itself in its greeting (`hello`, which is in the Stable API). If no answer comes now, it is asked again. */
async function isOneServer(db: Db): Promise<boolean> {
  const greeting = await db.command({ hello: 1 });
  return greeting['msg'] !== 'isdbgrid';
}

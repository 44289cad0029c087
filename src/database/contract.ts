/** Types of the portal's database, and of every way to get one. */
import type { Connection } from 'mongoose';

/** `configured` is the operator's database; the others are child processes of the portal. */
export type DatabaseKind = 'configured' | 'mongod' | 'downloaded-mongod' | 'secantusdb';

export interface Database {
  /** Connection string, with a database name if the portal chose it. */
  readonly uri: string;
  readonly kind: DatabaseKind;
  /** Current process id of the child; changes with each restart, undefined while there is none. */
  readonly pid: number | undefined;
  /** Adds the indexes that this kind of server needs besides those of the models. Safe to repeat. */
  prepare(connection: Connection): Promise<void>;
  /** Stops the child cleanly and releases its folder. Safe to repeat. */
  stop(): Promise<void>;
}

/** A program that supports the MongoDB protocol, found on this machine. */
export interface Server {
  readonly kind: Exclude<DatabaseKind, 'configured'>;
  /** Path of the program. */
  readonly command: string;
}

/** Why one way of getting a server failed, as a clause: "no mongod is on PATH". */
export interface Missing {
  readonly missing: string;
}

/** Receives sentences for the person at the terminal. */
export type Log = (sentence: string) => void;

export interface StartDatabaseInput {
  /** MONGODB_URI; if given, no database is started. */
  uri?: string | undefined;
  /** Keeps the files of the embedded database through restarts and crashes; one portal at a time. */
  folder: string;
  log?: Log;
  env?: NodeJS.ProcessEnv;
  /** Uses the database of the running portal that holds the folder, as a command beside it must. */
  mayJoin?: boolean;
  /** Default true. False is faster, and loses the last acknowledged writes in a crash: for tests that do not kill. */
  isSyncOnCommit?: boolean;
}

/** What the portal gets when it asks for a database, and what every way of having one must say about itself. */
import type { Connection } from 'mongoose';

/** `configured` is the operator's own; the others are child processes of the portal. */
export type DatabaseKind = 'configured' | 'mongod' | 'downloaded-mongod' | 'secantusdb';

export interface Database {
  /** Connection string, with a database name where the portal chose it. */
  readonly uri: string;
  readonly kind: DatabaseKind;
  /** Process id of the child at this moment; changes when it is started again, undefined while there is none. */
  readonly pid: number | undefined;
  /** Adds what this kind of server needs besides the indexes of the models; doing it twice is fine. */
  prepare(connection: Connection): Promise<void>;
  /** Ends the child in good order and frees its folder; doing it twice is fine. */
  stop(): Promise<void>;
}

/** A program that speaks the protocol of MongoDB, found on this machine. */
export interface Server {
  readonly kind: Exclude<DatabaseKind, 'configured'>;
  /** Path of the program. */
  readonly command: string;
}

/** Why one way of getting a server led nowhere, as a clause: "no mongod is on PATH". */
export interface Missing {
  readonly missing: string;
}

/** Takes sentences for the person who waits at the terminal. */
export type Log = (sentence: string) => void;

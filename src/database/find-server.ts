/** Finds a server for this machine: an installed mongod, a downloaded one, or SecantusDB, in this order. */
import { DomainError } from '../errors.js';
import type { Log, Missing, Server } from './contract.js';
import { findDownloadedMongod } from './download.js';
import { findInstalledMongod } from './mongod.js';
import { findSecantusdb } from './secantusdb.js';

/** The folder's name says which server wrote its files: neither can read those of the other. */
export type Format = 'mongod' | 'secantusdb';

export function formatOf(server: Server): Format {
  return server.kind === 'secantusdb' ? 'secantusdb' : 'mongod';
}

/**
 * Finds a server, and downloads it if necessary and possible.
 * @param input `written` is the format of existing files; a server that can read them comes first
 * @throws DomainError `NO_DATABASE`: one sentence with what was tried and what to install or set
 */
export async function findServer(
  deps: { log: Log; env: NodeJS.ProcessEnv },
  input: { written?: Format | undefined } = {},
): Promise<Server> {
  const ways: (() => Promise<Server | Missing>)[] = [
    () => findInstalledMongod(deps.env),
    () => findDownloadedMongod(deps),
    () => findSecantusdb(deps),
  ];
  if (input.written === 'secantusdb') ways.unshift(() => findSecantusdb(deps));
  const reasons = new Set<string>();
  for (const way of ways) {
    const found = await way();
    if (!('missing' in found)) return found;
    reasons.add(found.missing);
  }
  throw new DomainError(
    'NO_DATABASE',
    `No database is available: ${[...reasons].join('; ')}. Install MongoDB 7 or later (mongod on PATH), or ` +
      'Python 3.10 or later with pip, or set MONGODB_URI.',
  );
}

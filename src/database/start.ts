/** Starts the portal's database: connects to the operator's, or runs a child process with its own folder. */
import type { Database, StartDatabaseInput } from './contract.js';

/**
 * Returns once a database is ready.
 * @throws DomainError `NO_DATABASE`: one sentence with the fault and the remedy, if no database is available, the folder is locked or not writable,
 *   the disk is full, or the database exits at its start
 */
export async function startDatabase(input: StartDatabaseInput): Promise<Database> {
  if (input.uri) return configured(input.uri);
  // A portal with a database of its own starts without this code.
  const { startOrJoin } = await import('./embedded.js');
  return startOrJoin(input, configured);
}

function configured(uri: string): Database {
  return {
    uri,
    kind: 'configured',
    pid: undefined,
    prepare: async () => undefined,
    stop: async () => undefined,
  };
}

/** The context of a command: the configuration from the environment and `.env`, and the parts of the portal. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, type Config } from '../config.js';
import type { Database } from '../database/contract.js';
import { startDatabase } from '../database/start.js';
import { createDeps, type Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import { createLog } from '../log.js';
import { migrateAt, requireSchema } from '../migrations.js';

export interface Context {
  config: Config;
  deps: Deps;
  close: () => Promise<void>;
}

/** Reads `.env` of the working folder, if it exists; the environment overrides it. */
export function readEnvironment(): Config {
  const hasFile = existsSync('.env');
  if (hasFile) process.loadEnvFile('.env');
  try {
    return readConfig(process.env);
  } catch (error) {
    if (hasFile || !(error instanceof DomainError) || process.env['NODE_ENV'] === 'production') throw error;
    throw new DomainError(
      error.code,
      `${error.message}\nThere is no .env here: \`sayso init\` writes one for development.`,
      { cause: error },
    );
  }
}

/** The configured database, or the embedded one: that of a running portal, or else started for this command. */
export async function openDatabase(): Promise<Database> {
  const config = readEnvironment();
  return startDatabase({ uri: config.mongodbUri, folder: join(config.varDir, 'database'), mayJoin: true });
}

/**
 * Opens the portal's parts for one command. It logs only warnings and errors, since the command prints its own output.
 * @throws DomainError with one sentence for the person who typed the command
 */
export async function openContext(): Promise<Context> {
  const config = readEnvironment();
  const log = createLog({ ...config, logLevel: 'warn' });
  const database = await openDatabase();
  try {
    const deps = await createDeps(config, { databaseUri: database.uri, log });
    await database.prepare(deps.connection);
    if (database.kind === 'configured') await requireSchema(deps.models);
    else await migrateAt(database.uri, config);
    return {
      config,
      deps,
      close: async () => {
        await deps.close();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** Runs one command within a context, and closes it whatever happens. */
export async function withContext<T>(act: (context: Context) => Promise<T>): Promise<T> {
  const context = await openContext();
  try {
    return await act(context);
  } finally {
    await context.close();
  }
}

/** Prints one line of a command's output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `sayso migrate`: updates the database to this release's schema. Repeating it changes nothing. */
import type { Command } from 'commander';
import type { Database } from '../database/contract.js';
import { connect } from '../models/connect.js';
import { createModels } from '../models/index.js';
import { migrate } from '../migrations.js';
import { openDatabase, readEnvironment } from './context.js';

export interface MigrateContext {
  /** The configured database, or the embedded one, started. */
  openDatabase: () => Promise<Database>;
  /** `SUBSCRIBER_ID_KEY`. */
  subscriberIdKey: () => string;
  print: (line: string) => void;
}

const fromEnvironment: MigrateContext = {
  openDatabase,
  subscriberIdKey: () => readEnvironment().subscriberIdKey,
  print: (line) => void process.stdout.write(`${line}\n`),
};

/** @param context one other than the environment's, for tests */
export function addMigrateCommand(program: Command, context: MigrateContext = fromEnvironment): void {
  program
    .command('migrate')
    .description(
      'Update the database to the schema of this release; safe to repeat, and to run twice at once',
    )
    .action(() => runMigrate(context));
}

/** @throws DomainError `WRONG_SCHEMA`, `DATABASE_BUSY`, `NO_DATABASE` */
export async function runMigrate(context: MigrateContext): Promise<void> {
  const database = await context.openDatabase();
  try {
    const connection = await connect(database.uri, { isUnhurried: true });
    try {
      const { from, to } = await migrate({
        connection,
        models: createModels(connection),
        subscriberIdKey: context.subscriberIdKey(),
        say: context.print,
      });
      await database.prepare(connection);
      context.print(
        from === to
          ? `The schema is version ${to}, as it was.`
          : `The schema went from version ${from} to ${to}.`,
      );
    } finally {
      await connection.close();
    }
  } finally {
    await database.stop();
  }
}

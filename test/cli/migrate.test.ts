/** `sayso migrate` at the terminal. */
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addMigrateCommand } from '../../src/cli/migrate.js';
import { schemaVersion } from '../../src/migrations.js';
import { openTestDatabase } from '../support/connection.js';
import { keyOfTheTests } from '../support/kept-log.js';

const database = await openTestDatabase();

it('migrate says what it did, and the second time that there was nothing to do', async () => {
  const run = async (): Promise<string[]> => {
    const printed: string[] = [];
    const program = new Command();
    addMigrateCommand(program, {
      openDatabase: () =>
        Promise.resolve({
          uri: database.uri,
          kind: 'configured',
          pid: undefined,
          prepare: () => Promise.resolve(),
          stop: () => Promise.resolve(),
        }),
      subscriberIdKey: () => keyOfTheTests,
      print: (line) => printed.push(line),
    });
    await program.parseAsync(['migrate'], { from: 'user' });
    return printed;
  };
  expect((await run()).at(-1)).toBe(`The schema went from version 0 to ${schemaVersion}.`);
  expect(await run()).toEqual([`The schema is version ${schemaVersion}, as it was.`]);
});

/** `sayso doctor`: checks everything that an installation needs, one line each, and exits 1 after any fault. */
import { Resolver } from 'node:dns/promises';
import type { Command } from 'commander';
import { secretsOf, type Config } from '../config.js';
import type { Database } from '../database/contract.js';
import { connect } from '../models/connect.js';
import { withoutSecrets } from '../scrub.js';
import { askBaseUrl } from './base-url.js';
import { openDatabase, readEnvironment } from './context.js';
import { examine } from './doctor/examine.js';
import { printFindings } from './doctor/finding.js';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check database, indexes, keys, mail server, DNS and clock, and say what to do')
    .action(async () => {
      process.exitCode = await runDoctor(readEnvironment());
    });
}

/** @returns the exit code: 1 after any fault */
async function runDoctor(config: Config): Promise<0 | 1> {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  let database: Database | undefined;
  const findings = examine({
    config,
    open: async () => {
      database = await openDatabase();
      return connect(database.uri);
    },
    resolveTxt: (name) => resolver.resolveTxt(name),
    resolveMx: (name) => resolver.resolveMx(name),
    askBaseUrl,
    clock: () => new Date(),
  });
  // A mail server may repeat its input in a refusal.
  const clean = withoutSecrets(secretsOf(config));
  try {
    return await printFindings(findings, {
      write: (text) => void process.stdout.write(clean(text)),
      isColoured: process.stdout.isTTY && !process.env['NO_COLOR'],
    });
  } finally {
    await database?.stop();
  }
}

#!/usr/bin/env node
/** The `sayso` command: loads only the requested command, and reports every error as one sentence. */
import { Command } from 'commander';
import { readSecrets } from '../environment.js';
import { scrubOf } from '../scrub.js';
import { toldFault } from './fault.js';

type AddCommand = (program: Command) => void;

/** Every command with its module; `serve` starts without loading the others. */
const commands: Record<string, () => Promise<AddCommand>> = {
  serve: async () => (await import('./serve.js')).addServeCommand,
  worker: async () => (await import('./worker.js')).addWorkerCommand,
  demo: async () => (await import('./demo.js')).addDemoCommand,
  init: async () => (await import('./init.js')).addInitCommand,
  migrate: async () => (await import('./migrate.js')).addMigrateCommand,
  catalogue: async () => (await import('./catalogue.js')).addCatalogueCommand,
  seed: async () => (await import('./seed.js')).addSeedCommand,
  doctor: async () => (await import('./doctor.js')).addDoctorCommand,
  user: async () => (await import('./user.js')).addUserCommand,
  key: async () => (await import('./key.js')).addKeyCommand,
  keys: async () => (await import('./keys.js')).addKeysCommand,
  link: async () => (await import('./link.js')).addLinkCommand,
  links: async () => (await import('./links.js')).addLinksCommand,
  send: async () => (await import('./send.js')).addSendCommand,
  history: async () => (await import('./history.js')).addHistoryCommand,
  import: async () => (await import('./import.js')).addImportCommand,
  export: async () => (await import('./export.js')).addExportCommand,
  erase: async () => (await import('./erase.js')).addEraseCommand,
  'my-data': async () => (await import('./erase.js')).addMyDataCommand,
  'may-send': async () => (await import('./eligibility.js')).addEligibilityCommand,
};

async function main(argv: string[]): Promise<void> {
  const program = new Command('sayso')
    .description('A self-hosted portal for subscription preferences.')
    .enablePositionalOptions();
  const asked = commands[argv[2] ?? ''];
  for (const load of asked ? [asked] : Object.values(commands)) (await load())(program);
  pointToHelp(program, 'sayso');
  await program.parseAsync(argv);
}

/** A wrong call gets its fault and where to read more, not the whole help. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`See ${path} --help.`);
  for (const part of command.commands) pointToHelp(part, `${path} ${part.name()}`);
}

// The reader has closed the pipe, as `head` does; or the output cannot be stored, so the command has failed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `Standard output cannot be written${error.code === 'ENOSPC' ? ': the disk is full' : ` (${error.code})`}.\n`,
  );
  process.exit(1);
});

// Node prints warnings unchanged, and a library may quote the URL of a server in one.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  process.stderr.write(`${name}: ${scrubOf(readSecrets(process.env))(message)}\n`);
});

// A command's uncaught error is reported like its other errors. `serve` and `worker` have their own listener.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  process.stderr.write(`${toldFault(error, process.env)}\n`);
  process.exit(1);
});

main(process.argv).catch((error: unknown) => {
  process.stderr.write(`${toldFault(error, process.env)}\n`);
  // A command may have its own exit code for "could not tell".
  process.exitCode ??= 1;
});

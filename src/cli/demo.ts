/** `sayso demo`: a separate portal with the demonstration world, and every link ready to click or paste. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readConfig, type Config } from '../config.js';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import { makeDemoStaff, type DemoSignIn } from '../seed/demo-staff.js';
import { seed } from '../seed/seed.js';
import { startPortal, type Portal } from '../server.js';
import { rotateKeys } from '../tokens/keys.js';
import { printLinks } from './demo-links.js';
import { runUntilStopped } from './until-stopped.js';
import { print } from './context.js';

interface Demo {
  folder: string;
  /** Whether the world may have been used before. The first seed decides, which creates what is missing. */
  isOld?: boolean;
  /** Created again at each start. */
  staff?: DemoSignIn[];
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Start a demonstration with a database of its own')
    .option('--tour', 'run the main task, show each step, and exit')
    .action(async (options: { tour?: boolean }) => {
      const demo: Demo = { folder: '' };
      await runUntilStopped(
        // The tour puts the clock forward, so it has a world of its own.
        () => (options.tour ? startDemo(demo, 'tour') : startDemo(demo, 'demo', addHistory)),
        async (portal) => {
          if (options.tour) {
            const { takeTour } = await import('./demo-tour.js');
            await takeTour(portal, print);
            return 'END';
          }
          await printLinks(portal.deps, {
            folder: demo.folder,
            isOld: demo.isOld ?? false,
            staff: demo.staff ?? [],
            say: print,
          });
          return 'STAY';
        },
      );
      print('Stopped.');
    });
}

/** Half a year of history. The tour needs none of it. */
async function addHistory(deps: Deps): Promise<void> {
  print('Making half a year of history.');
  const [{ makeDemoWorld }, { serveList }] = await Promise.all([
    import('../seed/demo-world.js'),
    import('../seed/demo-source.js'),
  ]);
  await makeDemoWorld(deps, (await serveList()).url);
}

/**
 * Starts in the first free folder, at the first free port. Two demonstrations that start at the same moment do not disturb each other.
 * @param demo filled with what it found
 * @param name of the folder
 * @param furnish adds to the small world of `sayso seed`
 */
async function startDemo(demo: Demo, name: string, furnish?: (deps: Deps) => Promise<void>): Promise<Portal> {
  print('Preparing the database.');
  let number = 1;
  for (let tries = 1; ; tries++) {
    demo.folder = join('var', number === 1 ? name : `${name}-${number}`);
    const config = await demoConfig(resolve(demo.folder));
    try {
      return await startPortal(config, {
        hasServer: true,
        hasWorker: true,
        mayMigrate: true,
        say: print,
        prepare: async (deps) => {
          const { people } = await seed(deps);
          demo.isOld ??= people.some(({ isNew }) => !isNew);
          demo.staff = await makeDemoStaff(deps);
          await furnish?.(deps);
        },
      });
    } catch (error) {
      const code = error instanceof DomainError ? error.code : undefined;
      if (tries === 20 || (code !== 'FOLDER_IN_USE' && code !== 'PORT_TAKEN')) throw error;
      // A port that was free a moment ago may be taken now, so it is chosen again.
      if (code === 'PORT_TAKEN') continue;
      print(`Another demonstration uses ${demo.folder}; taking the next.`);
      number += 1;
    }
  }
}

/** Secrets are created once and stored with the demonstration's data. The machine's own configuration is not used. */
async function demoConfig(folder: string): Promise<Config> {
  await mkdir(folder, { recursive: true });
  const keyFile = join(folder, 'subscriber-id-key');
  if (!existsSync(keyFile)) await writeOnce(keyFile, randomBytes(32).toString('base64url'));
  const tokenKeys = join(folder, 'token-keys.json');
  if (!existsSync(tokenKeys)) await rotateKeys(tokenKeys, 'Ed25519', new Date());
  const port = await freePort(Number(process.env['PORT']) || 8080);
  return readConfig({
    NODE_ENV: 'development',
    BASE_URL: `http://localhost:${port}`,
    PORT: String(port),
    HOST: '127.0.0.1',
    VAR_DIR: folder,
    SUBSCRIBER_ID_KEY: await readFile(keyFile, 'utf8'),
    TOKEN_KEYS_FILE: tokenKeys,
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    LOG_LEVEL: 'warn',
    // The list of the demonstration's source is served by the demonstration.
    PRIVATE_SOURCES: '127.0.0.1',
    ...(process.env['MONGODB_URI'] ? { MONGODB_URI: process.env['MONGODB_URI'] } : {}),
  });
}

/** Written completely and only once: if two processes write at the same moment, the second reads the file of the first. */
async function writeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The wanted port, or the next free one. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 50; port++) {
    const isFree = await new Promise<boolean>((answer) => {
      const probe = createServer();
      probe.once('error', () => answer(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
    });
    if (isFree) return port;
  }
  throw new DomainError(
    'PORT_TAKEN',
    `Ports ${wanted} to ${wanted + 49} are all taken: set PORT to a free one.`,
  );
}

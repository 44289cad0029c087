/** `sayso demo`: a portal of its own with the demonstration world, and every link ready to click or paste. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readConfig } from '../config.js';
import type { Config } from '../config.js';
import { DomainError } from '../errors.js';
import { seed } from '../seed/seed.js';
import { startPortal } from '../server.js';
import type { Portal } from '../server.js';
import { rotateKeys } from '../tokens/keys.js';
import { printLinks } from './demo-links.js';
import { runUntilStopped } from './until-stopped.js';

const say = (sentence: string) => void process.stdout.write(`${sentence}\n`);

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Start a demonstration with a database of its own')
    .option('--tour', 'do the main job by itself, show it, and end')
    .action(async (options: { tour?: boolean }) => {
      await runUntilStopped(startDemo, async (portal) => {
        if (options.tour) {
          const { takeTour } = await import('./demo-tour.js');
          await takeTour(portal, say);
          process.kill(process.pid, 'SIGTERM');
          return;
        }
        await printLinks(portal.deps, say);
      });
    });
}

/** The first folder that no other demonstration is using: two of them do not get in each other's way. */
async function startDemo(): Promise<Portal> {
  for (let number = 1; ; number++) {
    const folder = resolve('var', number === 1 ? 'demo' : `demo-${number}`);
    const config = await demoConfig(folder);
    try {
      const portal = await startPortal(config, { hasServer: true, hasWorker: true, mayMigrate: true, say });
      await seed(portal.deps);
      return portal;
    } catch (error) {
      const isInUse = error instanceof DomainError && error.code === 'FOLDER_IN_USE';
      if (!isInUse || number === 9) throw error;
      say(`Another demonstration uses ${folder}; taking the next.`);
    }
  }
}

/** Secrets are made once and kept with the demonstration's data; nothing of the machine's own configuration is used. */
async function demoConfig(folder: string): Promise<Config> {
  await mkdir(folder, { recursive: true });
  const keyFile = join(folder, 'subscriber-id-key');
  if (!existsSync(keyFile))
    await writeFile(keyFile, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
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
    ...(process.env['MONGODB_URI'] ? { MONGODB_URI: process.env['MONGODB_URI'] } : {}),
  });
}

/** The wanted port, or the next one that is free. */
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

/** Closes what the setup of a test has opened, so that no test has to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, TestRunner } from 'vitest';

/**
 * Closes something after the running test, or after the file when no test runs. What was opened last is closed first. It must not be called in
 * `beforeAll`: Vitest forgets what a hook registers for the end of the file.
 */
export function closeAfterwards(close: () => unknown): void {
  const atEnd = async (): Promise<void> => void (await close());
  if (TestRunner.getCurrentTest()) onTestFinished(atEnd);
  else afterAll(atEnd);
}

/** Starts a server on a free port of loopback, and closes it afterwards with the connections that it still has. @returns the port */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAfterwards(() => {
    server.close();
    if (server instanceof HttpServer) server.closeAllConnections();
  });
  return portOf(server);
}

/** A port of loopback that no server listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

/** A new folder, which is removed with everything in it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sayso-'));
  closeAfterwards(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

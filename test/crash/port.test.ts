/** A port used by another program: one sentence, exit code 1, and no process left. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { preparePortal } from './portal-process.js';

it('serve on a used port names it and the setting, exits, and stops its database', async () => {
  const other = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const portal = await preparePortal({ port });
  const sentence = `Port ${port} is taken by another program: set PORT or METRICS_PORT to another.\n`;
  await expect(portal.start()).rejects.toThrow(sentence);
  expect(await portal.stop()).toEqual({ code: 1, said: sentence });
  expect(existsSync(join(portal.varDir, 'database/portal.lock'))).toBe(false);
}, 60_000);

/**
 * A separate portal process with an uncaught fault: `faulty-process.ts <THROW
 * REJECT>`. The environment configures it. The fault occurs while a request is in progress; the answer to that request follows half a second later.
 */
import { createServer } from 'node:http';
import { readEnvironment } from '../../src/cli/context.js';
import { runUntilStopped } from '../../src/cli/until-stopped.js';
import { startPortal } from '../../src/server.js';

const [kind] = process.argv.slice(2);
const fail = () => {
  const fault = new Error('a fault about alice@example.com');
  if (kind === 'REJECT') void Promise.reject(fault);
  else throw fault;
};

await runUntilStopped(
  () => startPortal(readEnvironment(), { hasServer: true, hasWorker: true, mayMigrate: true }),
  async ({ url }) => {
    const trigger = createServer((_request, response) => {
      response.end('soon');
      setTimeout(fail, 100);
    });
    trigger.listen(0, '127.0.0.1', () => {
      const address = trigger.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      process.stdout.write(`${JSON.stringify({ url, trigger: `http://127.0.0.1:${port}` })}\n`);
    });
    return 'STAY';
  },
);

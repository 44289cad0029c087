/** The start of the portal compared with that of bare node. */
import { startServer } from './child.js';
import { median } from './median.js';
import type { Figures } from './report.js';

/** Bare node, for its start only. */
const bareServer = `require('node:http').createServer((q, s) => s.end()).listen(+process.env.PORT, '127.0.0.1')`;

/** The portal and bare node start in turns, with the database already running. */
export async function measureStarts(
  args: string[],
  env: Record<string, string>,
  starts: number,
): Promise<Figures['start']> {
  console.log('Starting and stopping.');
  const seen = { portal: [] as number[], bare: [] as number[], ratio: [] as number[] };
  for (let turn = 0; turn < starts; turn += 1) {
    const portal = await startServer(args, env);
    await portal.stop();
    const bare = await startServer(['--eval', bareServer], {});
    await bare.stop();
    seen.portal.push(portal.startMs);
    seen.bare.push(bare.startMs);
    seen.ratio.push(portal.startMs / bare.startMs);
  }
  return { portalMs: median(seen.portal), bareMs: median(seen.bare), ratio: median(seen.ratio) };
}

/** How long a request waits for the event loop of a portal with a hundred brands and logos, while it does its background work. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Database } from '../src/database/contract.js';
import { connect } from '../src/models/connect.js';
import { createModels } from '../src/models/index.js';
import { migrate } from '../src/migrations.js';
import { pause, startServer } from './child.js';
import { types, units } from './world.js';

const dist = join(import.meta.dirname, '../dist/cli/main.js');
const unitCount = 100;
const typesOfEach = 3;
/** The largest allowed logo. */
const logoBytes = 65_536;

/**
 * Runs before a program, in its process, and records how long each turn of the event loop takes, from SIGUSR2 until the end. A request at a random
 * moment waits for the rest of the turn. The 99th percentile is over time, not over turns, since one long turn delays every request that arrives in
 * it. The longest turn is in CPU time, which other programs on the machine do not lengthen.
 */
const watcher = `
import { writeFileSync } from 'node:fs';
const gaps = [];
let last, lastCpu, longestCpu = 0;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const turn = () => {
  const now = performance.now();
  const nowCpu = cpu();
  gaps.push(now - last);
  longestCpu = Math.max(longestCpu, nowCpu - lastCpu);
  last = now;
  lastCpu = nowCpu;
  setTimeout(turn, 1).unref();
};
process.on('SIGUSR2', () => { last = performance.now(); lastCpu = cpu(); turn(); });
const waits = (ms) => gaps.reduce((sum, gap) => sum + Math.max(0, gap - ms), 0);
process.on('exit', () => {
  const allowed = gaps.reduce((sum, gap) => sum + gap, 0) / 100;
  let p99 = 0;
  while (waits(p99) > allowed) p99 += 0.1;
  writeFileSync(process.env.EVENT_LOOP_FILE, JSON.stringify({ p99, longestCpu }));
});`;

/** Bare node, idle. */
const idle = `require('node:http').createServer().listen(+process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit())`;

/** Milliseconds. */
export interface EventLoopFigures {
  p99: number;
  /** The same for bare node at the same time: the delay caused by the machine itself. */
  bareP99: number;
  longestCpu: number;
}

const watched = z.object({ p99: z.number(), longestCpu: z.number() });

/** @param input `env` is that of a portal in production, without its database; `seconds` is how long it is measured */
export async function measureEventLoop(
  database: Database,
  input: { env: Record<string, string>; folder: string; seconds: number },
): Promise<EventLoopFigures> {
  const uri = database.uri.replace('/sayso?', '/event-loop?');
  const connection = await connect(uri, { isUnhurried: true });
  await database.prepare(connection);
  const models = createModels(connection);
  await migrate({ connection, models });
  const [unit] = units;
  const [type] = types;
  if (!unit || !type) throw new Error('The world is empty.');
  const { id: _unitId, ...brand } = unit;
  const { id: _typeId, ...letter } = type;
  for (let id = 0; id < unitCount; id += 1) {
    const base64 = randomBytes(logoBytes).toString('base64');
    await models.units.collection.insertOne({
      ...{ ...brand, name: `Brand ${id}`, logo: { contentType: 'image/png', base64 } },
      _id: id as never,
    });
    for (let order = 1; order <= typesOfEach; order += 1)
      await models.types.create({ ...letter, _id: id * typesOfEach + order, unitId: id, order });
  }
  await connection.close();

  const fileOf = (name: string) => join(input.folder, `event-loop-${name}.json`);
  const start = (name: string, program: string[]) =>
    startServer(['--import', `data:text/javascript,${encodeURIComponent(watcher)}`, ...program], {
      ...input.env,
      MONGODB_URI: uri,
      EVENT_LOOP_FILE: fileOf(name),
    });
  const servers = [await start('portal', [dist, 'serve']), await start('bare', ['--eval', idle])];
  // By then the one-time work of a start is done.
  await pause(5000);
  for (const { pid } of servers) process.kill(pid, 'SIGUSR2');
  await pause(input.seconds * 1000);
  for (const server of servers) await server.stop();
  const read = (name: string) => watched.parse(JSON.parse(readFileSync(fileOf(name), 'utf8')));
  return { ...read('portal'), bareP99: read('bare').p99 };
}

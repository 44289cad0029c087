/** The scheduled source of the demonstration: the list of another system, which a small server of the demonstration plays. */
import { createServer } from 'node:http';
import type { SourceDeps } from '../domain/sources/contract.js';
import { createSource, queueRun } from '../domain/sources/sources.js';
import { recordAudit } from '../domain/staff/audit.js';
import type { Source } from '../models/source.js';
import { fjell } from './world.js';

const name = 'Booking system: no newsletters';

/** As a booking system writes it; one address is not one. */
const list = `guest_email,since
mona.lunde@example.com,2025-11-02
nils.aker@example.org,2025-12-19
olga.berg@example.com,2026-01-07
petter(at)example.com,2026-01-30
ronja.dal@example.org,2026-02-11
`;

export interface DemoListServer {
  url: string;
  close: () => void;
}

/** Serves a list on loopback, at a free port. It does not keep the process alive. */
export async function serveList(text: string = list): Promise<DemoListServer> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/csv' }).end(text),
  ).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/opt-outs.csv`, close: () => void server.close() };
}

/**
 * Adds the source and runs it once. At later starts, only its URL changes, since the server has another port.
 * @param by the user who set it up, as `user:<id>`
 * @param work runs the jobs that are due
 */
export async function addDemoSource(
  deps: SourceDeps,
  { by, url, work }: { by: string; url: string; work: () => Promise<void> },
): Promise<void> {
  const known = await deps.models.sources.findOne({ name }).lean<Source>();
  if (known) {
    // A URL that somebody entered stays.
    if (known.url.startsWith('http://127.0.0.1:'))
      await deps.models.sources.updateOne({ _id: known._id }, { $set: { url } });
    return;
  }
  const id = await createSource(deps, {
    ...{ name, url, format: 'CSV', path: '', field: 'guest_email', mode: 'MIRROR' },
    ...{ schedule: { every: 'DAILY', at: '02:30' }, unitId: fjell.id, channel: 'EMAIL' },
    ...{ credential: { kind: 'NONE', header: '', secret: null }, createdBy: by },
  });
  const detail = `Scheduled source “${name}” created`;
  await recordAudit(deps, {
    ...{ kind: 'SETTINGS_CHANGED', by, about: `source:${id}`, unitId: fjell.id, detail },
  });
  await queueRun(deps, { _id: id, unitId: fjell.id }, deps.clock());
  await work();
}

/** The opt-out list of the demonstration: imported by its worker, with rejected rows, a duplicate, and an address that was opted out before. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportDeps } from '../domain/imports/contract.js';
import { requireImport } from '../domain/imports/find.js';
import { checkImport, confirmImport, startImport } from '../domain/imports/start.js';
import { recordAudit } from '../domain/staff/audit.js';
import type { Import } from '../models/import.js';
import { northwind } from './world.js';

const fileName = 'unsubscribed-in-the-old-system.csv';

/** As an older system wrote it. Ivar is a contact whom `demo-reports.ts` opted out before. */
const list = `E-mail;Name;Unsubscribed on
astrid.solberg@example.com;Astrid Solberg;2023-04-02
bjorn.haugen@example.com;Bjørn Haugen;2023-05-19
cecilie.strand@example.org;Cecilie Strand;2023-09-30
david.myhre@example.org;David Myhre;2024-01-11
Astrid.Solberg@example.com;Astrid Solberg;2024-02-07
eva.lien@@example.com;Eva Lien;2024-02-20
frode.eide@example.com;Frode Eide;2024-06-03
+47 900 00 099;Gunn Moen;2024-08-15
henrik.bakken@example;Henrik Bakken;2024-11-26
ivar@example.com;Ivar Bakke;2025-01-08
;Ingrid Dale;2025-03-14
jon.hagen@example.com;Jon Hagen;2025-05-22
kari.vold@example.org;Kari Vold;2025-07-01
Total: 13;;
`;

/** Milliseconds to wait for the worker, and between two looks. */
const patience = { mostMs: 20_000, everyMs: 100 };
/** The list is deleted after a week, so an older import cannot be continued. */
const continuedForMs = 6 * 86_400_000;

/**
 * Imports the list, if it was not imported before. A worker must be running. An interrupted import is continued.
 * @param by the user who imports it, as `user:<id>`
 */
export async function importDemoList(deps: ImportDeps, by: string): Promise<void> {
  const known = await deps.models.imports
    .findOne({ 'file.name': fileName, kind: 'OPT_OUTS' })
    .sort({ at: 1 })
    .lean<Import>();
  const isOver = known?.state === 'DONE' || known?.state === 'REFUSED';
  if (known && (isOver || deps.clock().getTime() - known.at.getTime() > continuedForMs)) return;
  const audit = ({ _id }: Import, detail: string) =>
    recordAudit(deps, { kind: 'IMPORT_CHANGED', by, about: `import:${_id}`, unitId: northwind.id, detail });
  const one = known ?? (await start(deps, by));
  if (!known) await audit(one, 'file uploaded');
  if (one.state === 'CHOOSING' || one.state === 'CHECKING') await checkImport(deps, whichOf(one));
  const { counts, revision, state } = await whenNot(deps, one, 'CHECKING');
  if (state !== 'CHECKED' || !counts) return;
  await confirmImport(deps, whichOf(one), { number: counts.distinct, revision });
  await audit(one, 'confirmed');
  await whenNot(deps, one, 'RUNNING');
}

const whichOf = ({ _id }: Import) => ({ id: _id, scope: null });

function start(deps: ImportDeps, by: string): Promise<Import> {
  const to = { unitId: northwind.id, channel: 'EMAIL', name: fileName, by, scope: null } as const;
  return startImport(deps, to, bytesOf(list));
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The import as it is once the worker has left this state, or after a while. */
async function whenNot(deps: ImportDeps, one: Import, state: Import['state']): Promise<Import> {
  for (let waited = 0; ; waited += patience.everyMs) {
    const now = await requireImport(deps, whichOf(one));
    if (now.state !== state || waited >= patience.mostMs) return now;
    // It does not keep the process alive: a user may stop it in the meantime.
    await sleep(patience.everyMs, undefined, { ref: false });
  }
}

/** An import of contacts that breaks off after any write and is repeated counts each row once; and its number of round trips. */
import { expect, it } from 'vitest';
import {
  noContactCounts,
  withResults,
  type ContactRowResult,
} from '../../../src/domain/imports/contact-results.js';
import { runContacts, type RunContactsDeps } from '../../../src/domain/imports/run-contacts.js';
import type { ContactCounts } from '../../../src/models/contact-import.js';
import { findImport, type Import } from '../../../src/models/import.js';
import { watchedBy } from '../../support/connection.js';
import { openContactImportRoom, withBasis } from '../../support/contact-import-room.js';
import { crashing } from '../../support/crashing.js';
import { actors } from '../../support/judge.js';
import { offers, trailNotes } from '../../support/people.js';
import { optOut } from '../../support/wishes.js';

const room = await openContactImportRoom();

const header = `E-mail,Phone,First name,city,${trailNotes.name},${offers.name},Marketing contact`;

/** Runs an import from its beginning, as the first step of a worker does. @returns null if the process crashed */
async function run(deps: RunContactsDeps, one: Import): Promise<ContactRowResult[] | null> {
  const results: ContactRowResult[] = [];
  try {
    for await (const part of runContacts(deps, one, { after: null, guard: () => undefined }))
      results.push(...part.results);
    return results;
  } catch {
    return null;
  }
}

const sumOf = (results: readonly ContactRowResult[]): ContactCounts => withResults(noContactCounts, results);

it('has exact totals wherever it breaks off, and writes nothing twice', async () => {
  let crashes = 0;
  for (let writes = 0; ; writes++) {
    const at = (name: string) => `${name}-${writes}@example.com`;
    const old = await room.contact({ email: at('old'), firstName: 'Old' });
    await room.contact({ email: at('same'), firstName: 'Same', properties: { city: 'Oslo' } });
    await room.act(room.idOf(at('out')), actors.staff, optOut(trailNotes));
    const lines = [
      ...[header, `${at('new')},+4791${String(writes).padStart(6, '0')},New,Rome,yes,no`],
      ...[`${at('old')},,Olga,Oslo,yes,,no`, `${at('same')},,Same,Oslo,,no`, `${at('out')},,Otto,,yes,no`],
      ...[`${at('new')},,Newer,,no,no`, `nobody,,X,,yes,`],
    ];
    const { _id } = await room.prepared(lines, withBasis);
    const one = await findImport(room.models, _id, null);
    if (!one) throw new Error('There is no import.');
    const deps: RunContactsDeps = { ...room.imports, ...room.jobs };
    const broken = await run({ ...deps, models: crashing(room.models, writes) }, one);
    if (!broken) crashes += 1;
    const results = broken ?? (await run(deps, one));
    expect(sumOf(results ?? []), `after ${writes} writes`).toEqual({
      ...{ rows: 6, created: 2, changed: 2, unchanged: 1, rejected: 1, repeated: 0 },
      ...{ optIns: 2, optOuts: 4, refusedOptIns: 1 },
    });
    const found = await room.models.contacts.find({ email: at('new') }).lean();
    expect(found).toMatchObject([{ firstName: 'Newer', version: 2 }]);
    expect(await room.stored(old._id)).toMatchObject({ firstName: 'Olga', isMarketing: true, version: 3 });
    const { events, subscriber } = await room.history(room.idOf(at('new')));
    expect(events.map(({ actor }) => actor.ref)).toEqual([
      `import:${_id}:2`,
      `import:${_id}:2`,
      `import:${_id}:6`,
    ]);
    expect(await room.faults(subscriber._id)).toEqual([]);
    expect(
      (await room.history(room.idOf(at('out')))).events.filter(
        ({ actor }) => actor.ref === `import:${_id}:5`,
      ),
    ).toHaveLength(1);
    if (broken) break;
  }
  expect(crashes).toBeGreaterThan(6);
}, 120_000);

it('takes as many round trips for 500 rows as for 50', async () => {
  let trips = 0;
  const counted = [
    'find',
    'getMore',
    'aggregate',
    'insert',
    'update',
    'delete',
    'findAndModify',
    'bulkWrite',
  ];
  const { models } = await watchedBy(room.database, (_command, name) => {
    if (counted.includes(name)) trips += 1;
  });
  const deps = { ...room.imports, ...room.jobs, models };
  const tripsOf = async (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => {
      const phone = `+47${count === 50 ? 93 : 92}${String(index).padStart(6, '0')}`;
      return `p${index}-of-${count}@example.com,${phone},P,City ${index % 5} of ${count},yes,no`;
    });
    const { _id } = await room.prepared([header, ...lines], withBasis);
    const one = await findImport(room.models, _id, null);
    if (!one) throw new Error('There is no import.');
    trips = 0;
    const first = sumOf((await run(deps, one)) ?? []);
    const news = trips;
    expect(first).toMatchObject({ created: count, optIns: count, optOuts: count });
    const changed = await room.prepared(
      [header, ...lines.map((line) => line.replace(',P,', ',Q,'))],
      withBasis,
    );
    trips = 0;
    expect(sumOf((await run(deps, changed)) ?? [])).toMatchObject({ changed: count });
    return { created: news, changed: trips };
  };
  const few = await tripsOf(50);
  const many = await tripsOf(500);
  expect(many).toEqual(few);
  expect(many.created).toBeLessThan(35);
  expect(many.changed).toBeLessThan(35);
}, 60_000);

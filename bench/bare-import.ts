/**
 * The script that an import is compared with: csv-parse, and the driver's bulkWrite of the documents that the portal wrote, 500 a message.
 * `bare-import.ts <uri> <file> NEW|KNOWN <template>`, where the template is the portal's document of one address, as extended JSON. It prints the
 * milliseconds from its first row to its last write, and those of its CPU time.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parse } from 'csv-parse';
import { BSON, type AnyBulkWriteOperation, type Document } from 'mongodb';
import { connect } from '../src/models/connect.js';

const [uri = '', file = '', what = '', template = ''] = process.argv.slice(2);
const of: Document = BSON.EJSON.parse(readFileSync(template, 'utf8'));
const connection = await connect(uri, { isUnhurried: true });
const collection = connection.collection('subscribers');
const hash = () => randomBytes(32).toString('base64url');
const idOf = (address: string) => createHash('md5').update(address).digest('base64url');

function operationOf(address: string): AnyBulkWriteOperation {
  const _id = idOf(address) as never;
  const chainHead = hash();
  const event = { ...of['events'].at(-1), hash: chainHead, detailHash: hash() };
  if (what === 'NEW') return { insertOne: { document: { ...of, _id, address, chainHead, events: [event] } } };
  const { optOuts, seq, eventCount, updatedAt, unpublished, version } = of;
  return {
    updateOne: {
      filter: { _id, version: version - 1 },
      update: {
        $set: { optOuts, seq, eventCount, updatedAt, unpublished, version, chainHead },
        $push: { events: { $each: [event] } } as never,
      },
    },
  };
}

let operations: AnyBulkWriteOperation[] = [];
let written = 0;
async function flush(): Promise<void> {
  const { insertedCount, matchedCount } = await collection.bulkWrite(operations, { ordered: false });
  written += insertedCount + matchedCount;
  operations = [];
}

const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
let rows = 0;
for await (const { email } of createReadStream(file).pipe(parse({ columns: true }))) {
  operations.push(operationOf(email));
  rows += 1;
  if (operations.length === 500) await flush();
}
if (operations.length > 0) await flush();
const { user, system } = process.cpuUsage(cpuBefore);
console.log(performance.now() - began, (user + system) / 1000);
await connection.close();
if (written !== rows) throw new Error(`${written} of ${rows} documents were written.`);

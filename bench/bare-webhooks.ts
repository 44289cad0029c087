/**
 * The ceiling of webhooks, as a process of its own: `tsx bare-webhooks.ts <uri> <url> <count> <characters>`. It sends as many signed calls of that size, ten
 * at once, and writes the result of each with the bare driver.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { MongoClient } from 'mongodb';

const [uri = '', url = '', count = '0', characters = '0'] = process.argv.slice(2);
const key = randomBytes(32);
const agent = new Agent({ keepAlive: true });
const client = await new MongoClient(uri).connect();
const results = client.db().collection<{ _id: number; state: string }>('bare_webhooks');
const ids = Array.from({ length: Number(count) }, (_, id) => id);
await results.deleteMany({});
await results.insertMany(ids.map((_id) => ({ _id, state: 'QUEUED' })));
const body = JSON.stringify({ type: 'x', data: 'x'.repeat(Number(characters)) }).slice(0, -2);

async function lane(): Promise<void> {
  for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
    const stamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', key).update(`msg_${id}.${stamp}.${body}`).digest('base64');
    const status = await post({
      ...{ 'content-type': 'application/json', 'webhook-id': `msg_${id}` },
      ...{ 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` },
    });
    const state = status === 204 ? 'DELIVERED' : 'FAILED';
    await results.updateOne({ _id: id }, { $set: { state, tries: [{ at: new Date(), status }] } });
  }
}

function post(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, method: 'POST', headers })
      .on('error', reject)
      .on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      })
      .end(body);
  });
}

await Promise.all(Array.from({ length: 10 }, lane));
agent.destroy();
await client.close();

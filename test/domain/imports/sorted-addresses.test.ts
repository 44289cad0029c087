/** The sorter of an import's addresses, for lists that are longer than what it holds in memory. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openSorter } from '../../../src/domain/imports/sorted-addresses.js';

const listedOf = (index: number) => ({
  subscriberId: createHash('md5').update(String(index)).digest('base64url'),
  address: `${'å'.repeat(index % 200)}${index}@example.com`,
});
const listed = Array.from({ length: 30_000 }, (_, index) => listedOf(index));
const sorted = [...listed].sort((a, b) => (a.subscriberId < b.subscriberId ? -1 : 1));

it.each([1, 100 * 1024 * 1024])(
  'returns each address once, in the order of the ids, for a list of %i bytes',
  async (bytes) => {
    const sorter = await openSorter(bytes);
    for (const one of [...listed, ...listed.slice(0, 500)]) await sorter.add(one);
    const read: typeof listed = [];
    for await (const bin of sorter.read()) read.push(...bin);
    expect(read).toEqual(sorted);
    await sorter.close();
  },
);

/** Ids that people pass to the command line. */
import { expect, it } from 'vitest';
import { newId } from '../src/new-id.js';

it('no id looks like an option of the command line', () => {
  const ids = Array.from({ length: 2000 }, newId);
  expect(ids.filter((id) => !/^[A-Za-z0-9_][A-Za-z0-9_-]{11}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

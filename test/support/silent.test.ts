/** The rule against noise, on itself. */
import { expect, it } from 'vitest';
import { expectPrinting } from './silent.js';

it('a test that says so before may print, and can read what was printed', () => {
  const printed = expectPrinting();
  console.warn('four', 2);
  expect(printed).toEqual(['four 2']);
});

it.fails('a test that prints without saying so fails', () => {
  console.warn('noise');
});

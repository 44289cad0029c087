/** The rule against printing, tested on itself. */
import { expect, it } from 'vitest';
import { expectPrinting } from './silent.js';

it('a test that announces printing may print, and can read what was printed', () => {
  const printed = expectPrinting();
  console.warn('four', 2);
  expect(printed).toEqual(['four 2']);
});

it.fails('a test that prints without announcing it fails', () => {
  console.warn('noise');
});

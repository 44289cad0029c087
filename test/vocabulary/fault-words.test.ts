/** Faults that a schema has no words for are plain words. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { faultList, faultSentence } from '../../src/vocabulary/fault-words.js';

const kinds = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('A') }),
  z.object({ kind: z.literal('B') }),
]);

describe('the words of a fault', () => {
  it.each([
    [z.string(), undefined, 'is missing'],
    [z.enum(['A', 'B']), undefined, 'is missing'],
    [z.string(), 1, 'is not text'],
    [z.int(), 1.5, 'is not a whole number'],
    [z.number(), '1', 'is not a number'],
    [z.boolean(), 'true', 'is neither true nor false'],
    [z.array(z.string()), 'a', 'is not a list'],
    [z.strictObject({}), [], 'is not an object'],
    [z.strictObject({}), { a: 1, b: 2 }, 'has unknown fields: a, b'],
    [z.enum(['A', 'B']), 'C', 'is none of A, B'],
    [z.literal('A'), 'C', 'is not A'],
    [kinds, { kind: 'C' }, 'is none of A, B'],
    [kinds, {}, 'is missing'],
    [z.union([z.string(), z.number()]), true, 'has none of the allowed forms'],
    [z.string().min(1), '', 'is empty'],
    [z.string().min(2), 'a', 'has fewer than 2 characters'],
    [z.string().max(1), 'aa', 'has more than 1 character'],
    [z.array(z.string()).max(2), ['a', 'b', 'c'], 'has more than 2 entries'],
    [z.number().min(1), 0, 'is below 1'],
    [z.number().max(5), 6, 'is above 5'],
    [z.url(), 'x', 'is not a URL'],
    [z.iso.datetime(), 'x', 'is not a time such as 2026-01-31T09:30:00Z'],
    [z.string().regex(/^a$/), 'b', 'does not have the right form'],
    [z.string().refine(() => false), 'b', 'is not allowed'],
    [z.string('is odd'), 1, 'is odd'],
  ])('case %#', (schema, value, words) => {
    expect(schema.safeParse(value).error?.issues.map(({ message }) => message)).toEqual([words]);
  });
});

it('a sentence stays as it is, and other words follow the name of the field', () => {
  expect(faultSentence('Name', 'is empty')).toBe('Name is empty.');
  expect(faultSentence('Name', 'Choose a name.')).toBe('Choose a name.');
  expect(faultList([{ path: ['body', 'names', 0], message: 'is empty', code: 'too_small' }])).toEqual([
    { message: 'body.names.0 is empty.', code: 'too_small', in: 'body.names.0' },
  ]);
});

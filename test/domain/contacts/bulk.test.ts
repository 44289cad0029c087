/** Bulk forms are parsed strictly, and every fault has its field and its sentence. */
import { describe, expect, it } from 'vitest';
import { readBulkEdit, wishesOf } from '../../../src/domain/contacts/bulk/bulk-edit.js';
import { readSendLinks } from '../../../src/jobs/kinds/send-links.js';
import { given, worldWith } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';

const catalogue = worldWith({ isPrivacyMode: true });
const everybody = { kind: 'FILTER', filter: { any: [] }, search: '' };
const asked = {
  selection: everybody,
  channel: 'EMAIL',
  typeIds: [trailNotes.id],
  status: 'OPT_IN',
  hasOptOutOfAllRemoved: false,
  ...given,
  processingBasis: null,
};
const fieldsOf = (read: object) =>
  'faults' in read && Array.isArray(read.faults) ? read.faults.map(({ field }) => field) : [];
const readEdit = (more: object, scope: number[] | null = null) =>
  readBulkEdit({ ...asked, ...more }, { catalogue, scope });

describe('the form of a bulk edit', () => {
  it('is accepted as requested, with each type once', () => {
    expect(
      readEdit({ typeIds: [trailNotes.id, offers.id, trailNotes.id], explanation: ' Said yes. ' }),
    ).toEqual({
      edit: { ...asked, typeIds: [trailNotes.id, offers.id], explanation: 'Said yes.' },
    });
  });

  it.each([
    ['nothing to change', { status: null }, ['status']],
    ['no type', { typeIds: [] }, ['typeIds']],
    ['a type of another channel', { channel: 'SMS' }, ['typeIds']],
    ['an unknown type', { typeIds: [999] }, ['typeIds']],
    ['an opt-in without words', { explanation: '  ' }, ['explanation']],
    ['an opt-in without basis, in privacy mode', { legalBasis: null }, ['legalBasis']],
    ['too many words', { explanation: 'x'.repeat(1001) }, ['explanation']],
    ['a status of its own', { status: 'MAYBE' }, ['status']],
    ['an object where a number belongs', { typeIds: [{ $gt: 0 }] }, ['typeIds']],
    ['something more', { isSilent: true }, ['selection']],
    ['a selection of another kind', { selection: { kind: 'ALL' } }, ['selection']],
  ])('is refused: %s', (_what, more, fields) => {
    expect(fieldsOf(readEdit(more))).toEqual(fields);
  });

  it('may opt out, and remove opt-outs of all, without an explanation', () => {
    expect(fieldsOf(readEdit({ status: 'OPT_OUT', legalBasis: null, explanation: '' }))).toEqual([]);
    expect(fieldsOf(readEdit({ status: null, typeIds: [], hasOptOutOfAllRemoved: true }))).toEqual([]);
  });

  it('takes only types of the scope in its form, and lifts only the opt-outs of its units', () => {
    expect(fieldsOf(readEdit({ typeIds: [weekendLetters.id] }, [northwind.id]))).toEqual(['typeIds']);
    const edit = {
      typeIds: [trailNotes.id, weekendLetters.id],
      status: 'OPT_OUT' as const,
      hasOptOutOfAllRemoved: true,
    };
    expect(wishesOf(edit, { catalogue, scope: [fjell.id] })).toEqual({
      lifts: [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId: fjell.id }],
      // The rules refuse types that lie outside the scope of the actor.
      types: [trailNotes, weekendLetters].map(({ id }) => ({ kind: 'OPT_OUT', typeId: id })),
    });
    expect(wishesOf(edit, { catalogue, scope: null }).lifts).toEqual(
      [null, northwind.id, fjell.id].map((unitId) => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId })),
    );
  });
});

it('a bulk form for links accepts only a unit that the user reaches', () => {
  const read = (unitId: unknown, scope: number[] | null = null) =>
    readSendLinks({ selection: everybody, unitId }, { catalogue, scope });
  expect(read(northwind.id)).toEqual({ links: { selection: everybody, unitId: northwind.id } });
  for (const unitId of [77, '0', null]) expect(fieldsOf(read(unitId))).toEqual(['unitId']);
  expect(fieldsOf(read(northwind.id, [fjell.id]))).toEqual(['unitId']);
});

/** Where the columns of a contact import go: the guess from their names in eight languages, and what a choice may not be. */
import { describe, expect, it } from 'vitest';
import {
  guessContactColumns,
  offeredTargets,
  targetOf,
} from '../../../src/domain/imports/contact-columns.js';
import { faultsOfContactChoice } from '../../../src/domain/imports/contact-choice.js';
import type { ContactChoice } from '../../../src/models/contact-import.js';
import { worldWith } from '../../support/judge.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';

const catalogue = worldWith({});
const known = { catalogue, scope: null, properties: ['city', 'Customer number'] };

function guessed(...names: string[]) {
  const columns = names.map((name, index) => ({ index, name, addressShare: 0, phoneShare: 0 }));
  const found = guessContactColumns({ columns, emailColumn: null, phoneColumn: null }, known);
  return names.map((_, index) => found.find((one) => one.index === index)?.to ?? null);
}

const fields = ['firstName', 'lastName', 'email', 'phone', 'locale', 'units'];

describe('the guess', () => {
  it.each([
    ['English', 'First name', 'Last Name', 'E-mail address', 'Mobile phone', 'Language', 'Business units'],
    ['Norwegian', 'Fornavn', 'Etternavn', 'E-postadresse', 'Mobilnummer', 'Språk', 'Forretningsenheter'],
    ['Polish', 'Imię', 'Nazwisko', 'Adres e-mail', 'Numer telefonu', 'Język', 'Marka'],
    ['Dutch', 'Voornaam', 'Achternaam', 'E-mailadres', 'Telefoonnummer', 'Taal', 'Merk'],
    ['Swedish', 'Förnamn', 'Efternamn', 'E-post', 'Mobil', 'Språk', 'Varumärke'],
    ['German', 'Vorname', 'Nachname', 'E-Mail', 'Telefonnummer', 'Sprache', 'Marke'],
    ['French', 'Prénom', 'Nom de famille', 'Courriel', 'Téléphone', 'Langue', 'Marques'],
    ['Spanish', 'Nombre', 'Apellidos', 'Correo electrónico', 'Teléfono', 'Idioma', 'Marca'],
  ])('knows names of columns in %s', (_, ...names) => {
    expect(guessed(...names)).toEqual(fields);
  });

  it('finds properties and subscription types by their names, and leaves other columns alone', () => {
    const names = ['email', 'CITY', 'customer_number', trailNotes.name, 'Shoe size', 'Created by e-mail'];
    expect(guessed(...names)).toEqual([
      ...['email', 'property:city', 'property:Customer number', `subscription:${trailNotes.id}`, null, null],
    ]);
    expect(guessed(`Subscription to ${trailNotes.name} (${northwind.name})`)).toEqual([
      `subscription:${trailNotes.id}`,
    ]);
  });

  it('gives each place to one column, and the columns with addresses come first', () => {
    expect(guessed('E-mail', 'Email address')).toEqual(['email', null]);
    const columns = ['E-mail', 'Home'].map((name, index) => ({
      index,
      name,
      addressShare: index,
      phoneShare: 0,
    }));
    const found = guessContactColumns({ columns, emailColumn: 1, phoneColumn: null }, known);
    expect(found).toEqual([{ index: 1, to: 'email' }]);
  });

  it('neither offers nor finds types of units outside the scope', () => {
    const limited = { ...known, scope: [fjell.id] };
    const offered = offeredTargets(limited).map(({ to }) => to);
    expect(offered).not.toContain(`subscription:${trailNotes.id}`);
    const all = offeredTargets(known).map(({ to }) => to);
    expect(all.map(targetOf)).toEqual(all);
    for (const text of ['', 'name', 'subscription:x', 'subscription:']) expect(targetOf(text)).toBeNull();
    expect(all).toContain(`subscription:${trailNotes.id}`);
    const columns = [{ index: 0, name: trailNotes.name, addressShare: 0, phoneShare: 0 }];
    expect(guessContactColumns({ columns, emailColumn: null, phoneColumn: null }, limited)).toEqual([]);
  });
});

describe('a choice', () => {
  const columns = [0, 1, 2].map((index) => ({ index, name: `c${index}`, addressShare: 1, phoneShare: 0 }));
  const sound: ContactChoice = {
    ...{ columns: [{ index: 0, to: 'email' }], unitIds: [northwind.id], processingBasis: null },
    ...{ emptyClears: false, dateOrder: 'DMY', legalBasis: null, explanation: '' },
  };
  columns.push({ index: 3, name: 'Opted out of email: Trail notes', addressShare: 0, phoneShare: 0 });
  const faultsOf = (change: Partial<ContactChoice>, scope: readonly number[] | null = null) =>
    faultsOfContactChoice({ ...sound, ...change }, { columns }, { catalogue, scope }).map(
      ({ field }) => field,
    );

  it.each<[string, Partial<ContactChoice>, string[]]>([
    ['a column of addresses is enough', {}, []],
    ['phone numbers are enough', { columns: [{ index: 1, to: 'phone' }] }, []],
    ['without addresses', { columns: [{ index: 1, to: 'firstName' }] }, ['columns']],
    ['a column that the file does not have', { columns: [{ index: 9, to: 'email' }] }, ['columns']],
    ['one place twice', { columns: [0, 1].map((index) => ({ index, to: 'email' })) }, ['columns']],
    [
      'one property twice in other letters',
      { columns: [...sound.columns, { index: 1, to: 'property:City' }, { index: 2, to: 'property:city' }] },
      ['columns'],
    ],
    [
      'a type that does not exist',
      { columns: [...sound.columns, { index: 1, to: 'subscription:999' }] },
      ['columns'],
    ],
    [
      'a column that says who opted out, as a subscription',
      { columns: [...sound.columns, { index: 3, to: `subscription:${trailNotes.id}` }] },
      ['columns'],
    ],
    [
      'a column that says who opted out, as a property',
      { columns: [...sound.columns, { index: 3, to: 'property:Old' }] },
      [],
    ],
    [
      'a property without a name',
      { columns: [...sound.columns, { index: 1, to: 'property:1' }] },
      ['columns'],
    ],
    ['no unit', { unitIds: [] }, ['unitIds']],
    ['units by row', { unitIds: [], columns: [...sound.columns, { index: 1, to: 'units' }] }, []],
    ['a unit that does not exist', { unitIds: [999] }, ['unitIds']],
  ])('%s', (_, change, expected) => {
    expect(faultsOf(change)).toEqual(expected);
  });

  it('of a user of some units may have no others', () => {
    expect(faultsOf({}, [fjell.id])).toEqual(['unitIds']);
    const type = { index: 1, to: `subscription:${trailNotes.id}` as const };
    expect(faultsOf({ unitIds: [fjell.id], columns: [...sound.columns, type] }, [fjell.id])).toEqual([
      'columns',
    ]);
  });
});

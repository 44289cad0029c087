/** `sayso history`, `may-send`, `my-data` and `erase`: their output, the faults they name, and their exit codes. */
import { describe, expect, it } from 'vitest';
import { maySend } from '../../src/domain/marketing/may-send.js';
import { sentenceOf } from '../../src/cli/eligibility.js';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { createCatalogueSource } from '../../src/domain/consent/catalogue.js';
import type { Purpose } from '../../src/domain/consent/eligibility.js';
import { migrate } from '../../src/migrations.js';
import { seed } from '../../src/seed/seed.js';
import { largestId } from '../../src/tokens/claims.js';
import { openTestDatabase } from '../support/connection.js';
import { keyOfTheTests } from '../support/kept-log.js';
import { alice, bob, charlie, dana, erin, trailNotes, weekendLetters } from '../support/people.js';
import { completeEnv, runSayso } from '../support/program.js';

const subscriberIds = subscriberIdsOf(keyOfTheTests);

const database = await openTestDatabase();
const { models } = database;
const clock = () => new Date();
await migrate(database);
await seed({ models, clock, subscriberIds, queueConfirmation: async () => undefined });

const sayso = async (...args: string[]) =>
  runSayso(args, { env: await completeEnv({ MONGODB_URI: database.uri }) });

describe('sayso history', () => {
  it('shows each event of an address in words', async () => {
    const { code, out } = await sayso('history', 'show', charlie.address.toUpperCase());
    expect(code).toBe(0);
    expect(out).toContain(subscriberIds('EMAIL', charlie.address));
    expect(out).toMatch(
      /1 {2}2024-11-05T09:30:00.000Z {2}API \(seed-shop\) {2}Trail notes: NOT_SPECIFIED to SUBSCRIBED/,
    );
    expect(out).toContain('CONTACT (seed)  opted out of all of Northwind Outdoors');
  });

  it('verifies one address', async () => {
    expect(await sayso('history', 'verify', alice.address)).toMatchObject({
      code: 0,
      out: '1 history checked, 0 with faults.\n',
    });
  });

  it('names a fault by the subscriber id, never by the address, and exits 1', async () => {
    const id = subscriberIds('EMAIL', dana.address);
    const stop = await models.subscribers.findById(id).lean();
    await models.subscribers.updateOne({ _id: id }, { $set: { 'optOuts.units': {} } });
    const { code, out } = await sayso('history', 'verify', '--all');
    await models.subscribers.updateOne({ _id: id }, { $set: { optOuts: stop?.optOuts } });
    expect(code).toBe(1);
    expect(out).toBe(
      `${id}: replaying the history does not give the stored state\n7 histories checked, 1 with faults.\n`,
    );
  });

  it.each([
    [['show', 'stranger@example.com'], 'Nothing is recorded of stranger@example.com.\n'],
    [['show', 'no address'], 'This is not an e-mail address. (no address)\n'],
  ])('with %j says what is wrong', async (args, err) => {
    expect(await sayso('history', ...args)).toEqual({ code: 1, out: '', err });
  });
});

describe('sayso may-send', () => {
  const ask = (address: string, typeId: number, purpose: Purpose = 'MARKETING') =>
    maySend(
      { models, subscriberIds, catalogue: createCatalogueSource(models).read, clock: () => new Date() },
      { address, typeId, purpose },
    );

  it('says no with the deciding rule, also in words, and exits 1', async () => {
    expect(await sayso('may-send', charlie.address, '--type', '3')).toEqual({
      code: 1,
      out: 'no: BRAND_WIDE_STATUS, by CONTACT, since 2025-09-01T09:30:00.000Z\nOpted out of everything of this brand.\n',
      err: '',
    });
  });

  it.each([
    [
      'yes: SUBSCRIPTION_STATUS, by CONTACT, CONSENT_WITH_NOTICE, since 2025-03-14T09:30:00.000Z',
      alice,
      trailNotes,
    ],
    ['no: NOT_SUBSCRIBED_IN_PRIVACY_MODE', bob, weekendLetters],
    ['no: HARD_BOUNCE, by SYSTEM, since 2025-10-03T09:30:00.000Z', erin, trailNotes],
  ])('says %s', async (answer, person, type) => {
    expect(sentenceOf(await ask(person.address, type.id))).toBe(answer);
  });

  it('answers for one-to-one mail, and for unknown addresses', async () => {
    expect(sentenceOf(await ask(dana.address, 1, 'ONE_TO_ONE'))).toMatch(
      /^no: LEGAL_BASIS_REQUIRED, by STAFF/,
    );
    expect(sentenceOf(await ask('stranger@example.com', 1, 'CALL'))).toBe('yes: NOT_SPECIFIED');
  });

  it.each([
    ['alice@example.com', 999, 'There is no subscription type 999.'],
    ['no address', 1, 'This is not an e-mail address. (no address; this type is sent by EMAIL)'],
    ['alice@example.com', 6, '(alice@example.com; this type is sent by SMS)'],
  ])('with %s and type %i says what is wrong', async (address, typeId, sentence) => {
    await expect(ask(address, typeId)).rejects.toThrow(sentence);
  });

  it('accepts the largest id that a type may have', async () => {
    const { code, err } = await sayso('may-send', alice.address, '--type', String(largestId));
    expect([code, err]).toEqual([2, expect.stringContaining(`There is no subscription type ${largestId}.`)]);
  });

  it('asks for a whole number when the type is not one', async () => {
    const { code, err } = await sayso('may-send', alice.address, '--type', 'news');
    expect(code).toBe(2);
    expect(err).toMatch(/It is a whole number, such as 1\.\n\s*See sayso may-send --help\.\n$/);
  });
});

describe('sayso erase', () => {
  it('erases only if it may not ask and was told so, after all data was written as JSON', async () => {
    const { address } = dana;
    const id = subscriberIds('EMAIL', address);
    const written = await sayso('my-data', address);
    expect(written.code).toBe(0);
    expect(JSON.parse(written.out)).toMatchObject({ addresses: [{ address }] });
    const asked = await sayso('erase', address);
    expect([asked.code, asked.err]).toEqual([1, expect.stringContaining('--yes')]);
    expect(await models.subscribers.findById(id).lean()).toMatchObject({ address });
    const { code, out } = await sayso('erase', address, '--yes');
    expect(code).toBe(0);
    expect(out).toContain(id);
    expect(out).not.toMatch(/@/);
    const erased = await models.subscribers.findById(id).lean();
    expect(erased).toMatchObject({ address: null, optOuts: { portal: [{ party: 'CONTACT' }] } });
    expect(await models.contacts.exists({ email: address })).toBeNull();
    const kinds = (await models.auditEntries.find({ by: 'cli' }).lean()).map(({ kind }) => kind);
    expect(kinds).toEqual(['EXPORTED', 'PERSON_ERASED']);
  });
});

/** Minting: one address or a stream, in order, with a refused row for each fault. */
import { writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { mintLink, mintLinks } from '../../../src/domain/links/mint-links.js';
import type { RefusedRecipient } from '../../../src/domain/links/mint-links.js';
import type { LinkSet } from '../../../src/domain/links/link-set.js';
import type { Recipient } from '../../../src/domain/links/recipient.js';
import { shortToken } from '../../../src/tokens/short-token.js';
import { openTestDatabase } from '../../support/connection.js';
import { emptyKeyFile, noon, tokensOf } from '../../support/key-file.js';
import { linkDepsOver } from '../../support/link-deps.js';
import {
  alice,
  bob,
  charlie,
  fjell,
  guestSurvey,
  northwind,
  orderNotices,
  trailNotes,
  weekendLetters,
  winterCatalogue,
} from '../../support/people.js';

const database = await openTestDatabase();
const deps = await linkDepsOver(database.connection);
beforeEach(() => deps.models.subscribers.deleteMany({}));

const toNorthwind = (address: string): Recipient => ({ address, unitId: northwind.id });

async function all(rows: AsyncIterable<LinkSet | RefusedRecipient>): Promise<(LinkSet | RefusedRecipient)[]> {
  const list = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** The token in a URL or in the first part of the header. */
const tokenIn = (url: string) => /\/[pou]\/([\w.-]+)/.exec(url)?.[1] ?? '';

describe('the links of one address', () => {
  it('are on the configured host, each with a token of its own kind', async () => {
    const set = await mintLink(deps, {
      ...toNorthwind(alice.address),
      typeId: trailNotes.id,
      campaign: 'spring',
    });
    const { subscriberId } = set;
    const ofType = { subscriberId, unitId: 0, epoch: 0, typeId: trailNotes.id, campaign: 'spring' };
    const ofUnit = { subscriberId, unitId: 0, epoch: 0, campaign: 'spring' };
    const claimsOf = async (kind: 'preferences' | 'unsubscribe', url: string) =>
      (await deps.tokens.verify(kind, tokenIn(url), noon)).claims;
    expect(set.managePreferencesUrl).toMatch(/^https:\/\/mail\.example\.com\/p\//);
    expect(await claimsOf('preferences', set.managePreferencesUrl)).toEqual(ofType);
    expect(set.unsubscribeAllUrl).toMatch(/^https:\/\/mail\.example\.com\/u\//);
    expect(await claimsOf('unsubscribe', set.unsubscribeAllUrl)).toEqual(ofUnit);
    expect(await claimsOf('unsubscribe', set.unsubscribeSingleUrl ?? '')).toEqual(ofType);
    expect(await claimsOf('unsubscribe', set.headers['List-Unsubscribe'])).toEqual(ofType);
  });

  it('stop all of the unit when no type is named', async () => {
    const set = await mintLink(deps, toNorthwind(alice.address));
    const { claims } = await deps.tokens.verify(
      'unsubscribe',
      tokenIn(set.headers['List-Unsubscribe']),
      noon,
    );
    expect(claims).toEqual({ subscriberId: set.subscriberId, unitId: 0, epoch: 0 });
    expect(set).not.toHaveProperty('unsubscribeSingleUrl');
  });

  it('have both one-click headers, and the mail address in them carries the token in its subject', async () => {
    const { headers } = await mintLink(deps, toNorthwind(alice.address));
    const token = tokenIn(headers['List-Unsubscribe']);
    expect(headers).toEqual({
      'List-Unsubscribe': `<https://mail.example.com/o/${token}>, <mailto:unsubscribe@example.com?subject=opt-out%20${shortToken(token)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it('do not reveal the address', async () => {
    const set = await mintLink(deps, toNorthwind(alice.address), { hasFooter: true });
    const { address, ...shown } = set;
    expect(address).toBe(alice.address);
    const payloads = JSON.stringify(shown).replaceAll(/[\w-]{20,}/g, (part) =>
      Buffer.from(part, 'base64url').toString(),
    );
    expect(payloads).not.toMatch(/alice/i);
  });

  it('create an unknown subscriber once', async () => {
    const first = await mintLink(deps, toNorthwind(' Alice@EXAMPLE.com '));
    const second = await mintLink(deps, toNorthwind(alice.address));
    expect(second.subscriberId).toBe(first.subscriberId);
    expect(await deps.models.subscribers.find({}).lean()).toMatchObject([
      {
        _id: first.subscriberId,
        address: alice.address,
        channel: 'EMAIL',
        version: 0,
        subscriptions: {},
        events: [],
      },
    ]);
  });

  it('carry the subscriber’s link epoch', async () => {
    const { subscriberId } = await mintLink(deps, toNorthwind(alice.address));
    await deps.models.subscribers.updateOne({ _id: subscriberId }, { epoch: 4 });
    const { unsubscribeAllUrl } = await mintLink(deps, toNorthwind(alice.address));
    expect((await deps.tokens.verify('unsubscribe', tokenIn(unsubscribeAllUrl), noon)).claims.epoch).toBe(4);
  });

  it('return the address to an erased subscriber and keep what was decided', async () => {
    const { subscriberId } = await mintLink(deps, toNorthwind(charlie.address));
    const optOuts = { portal: { at: noon, by: 'CONTACT', seq: 1 }, units: {} };
    await deps.models.subscribers.updateOne(
      { _id: subscriberId },
      { address: null, erasedAt: noon, epoch: 1, optOuts },
    );
    await mintLink(deps, toNorthwind(charlie.address));
    expect(await deps.models.subscribers.findById(subscriberId).lean()).toMatchObject({
      address: charlie.address,
      epoch: 1,
      optOuts,
    });
  });

  it('also work for a phone where the type is sent by text message', async () => {
    const set = await mintLink(deps, { address: '+47 900 00 000', unitId: fjell.id, typeId: guestSurvey.id });
    expect(set.address).toBe('+4790000000');
    expect(await deps.models.subscribers.findById(set.subscriberId).lean()).toMatchObject({ channel: 'SMS' });
  });
});

describe('the footer', () => {
  it('is in the requested language, with the names and the postal address in that language', async () => {
    const recipient = { address: alice.address, unitId: fjell.id, typeId: weekendLetters.id, locale: 'sv' };
    const { footer, ...set } = await mintLink(deps, recipient, { hasFooter: true });
    for (const part of [footer?.html, footer?.text]) {
      expect(part).toContain('Fjell Hotell, Bryggen 7, 5003 Bergen, Norge');
      expect(part).toContain('Helgbrev');
      for (const url of [set.managePreferencesUrl, set.unsubscribeAllUrl, set.unsubscribeSingleUrl ?? '-']) {
        expect(part).toContain(url);
      }
    }
  });

  it('is in the contact’s language, or else the unit’s, when none is requested', async () => {
    const recipient = { address: alice.address, unitId: fjell.id };
    const { subscriberId, footer } = await mintLink(deps, recipient, { hasFooter: true });
    expect(footer?.text).toContain('Fjell Hoteller');
    await deps.models.subscribers.updateOne({ _id: subscriberId }, { locale: 'sv' });
    expect((await mintLink(deps, recipient, { hasFooter: true })).footer?.text).toContain('Fjell Hotell,');
  });
});

describe('links for a stream of recipients', () => {
  it('are returned in order, row by row, for any batch size', async () => {
    const addresses = Array.from({ length: 23 }, (_, i) =>
      i % 5 === 3 ? `no address ${i}` : `person-${i}@example.com`,
    );
    for (const batchSize of [1, 4, 23, 500]) {
      const rows = await all(mintLinks(deps, addresses.map(toNorthwind), { batchSize }));
      expect(rows.map((row) => row.address)).toEqual(addresses);
      expect(rows.filter((row) => 'refusal' in row)).toHaveLength(4);
    }
    expect(await deps.models.subscribers.countDocuments({})).toBe(19);
  });

  it.each<[string, Partial<Recipient>, string, string]>([
    ['no address', { address: 'alice' }, 'INVALID_ADDRESS', 'This is not an e-mail address.'],
    [
      'two addresses',
      { address: 'alice@example.com, bob@example.com' },
      'INVALID_ADDRESS',
      'This is not an e-mail address.',
    ],
    [
      'an unknown unit',
      { unitId: 9 },
      'UNKNOWN_UNIT',
      'There is no business unit 9; there are 0 Northwind Outdoors, 1 Fjell Hotels.',
    ],
    ['an unknown type', { typeId: 99 }, 'UNKNOWN_TYPE', 'There is no subscription type 99.'],
    [
      'a type of another unit',
      { typeId: weekendLetters.id },
      'UNKNOWN_TYPE',
      'Type 5 is of business unit 1, not of 0.',
    ],
    ['an archived type', { typeId: winterCatalogue.id }, 'TYPE_ARCHIVED', 'Type 8 is archived.'],
    [
      'an internal type',
      { typeId: orderNotices.id },
      'UNKNOWN_TYPE',
      'Type 7 is internal, so no link can name it; leave the type out.',
    ],
    [
      'another channel than its type',
      { typeId: trailNotes.id, channel: 'SMS' },
      'UNKNOWN_TYPE',
      'Type 1 is sent by EMAIL, not by SMS.',
    ],
    [
      'an unknown language',
      { locale: 'xx' },
      'INVALID_FORM',
      'There is no language xx; there are en, nb, pl, nl, sv, de, fr, es.',
    ],
    [
      'a label with a space',
      { campaign: 'a b' },
      'INVALID_FORM',
      'A campaign label is 1 to 40 letters, digits, dots, dashes or underscores.',
    ],
  ])('refuse the row with %s, say why, and continue', async (_, wrong, code, message) => {
    const rows = await all(
      mintLinks(deps, [
        toNorthwind(alice.address),
        { ...toNorthwind(bob.address), ...wrong },
        toNorthwind(charlie.address),
      ]),
    );
    expect(rows[1]).toEqual({ address: wrong.address ?? bob.address, refusal: { code, message } });
    expect(rows.filter((row) => 'subscriberId' in row).map((row) => row.address)).toEqual([
      alice.address,
      charlie.address,
    ]);
    expect(await deps.models.subscribers.countDocuments({})).toBe(2);
  });

  it('create one subscriber for a repeated address, also from several streams at once', async () => {
    const stream = () =>
      all(
        mintLinks(
          deps,
          Array.from({ length: 40 }, (_, i) => toNorthwind(`p${i % 10}@example.com`)),
          { batchSize: 7 },
        ),
      );
    const streams = await Promise.all([stream(), stream(), stream(), stream()]);
    expect(streams.flat().filter((row) => 'refusal' in row)).toEqual([]);
    expect(await deps.models.subscribers.countDocuments({})).toBe(10);
  });

  it('read at most one batch ahead', async () => {
    let read = 0;
    function* endless(): Generator<Recipient> {
      for (;;) yield toNorthwind(`p${(read += 1)}@example.com`);
    }
    let taken = 0;
    for await (const row of mintLinks(deps, endless(), { batchSize: 10 })) {
      expect(row).toHaveProperty('subscriberId');
      if ((taken += 1) === 15) break;
    }
    expect(read).toBeLessThanOrEqual(30);
  });

  it('fail in a process without a private key', async () => {
    const file = await emptyKeyFile();
    await writeFile(file, JSON.stringify(deps.tokens.jwks()));
    const { tokens } = await tokensOf(file);
    const stream = mintLinks({ ...deps, tokens }, [toNorthwind(alice.address)]);
    await expect(all(stream)).rejects.toMatchObject({ code: 'INVALID_KEYS' });
  });
});

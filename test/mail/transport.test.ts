/** Mails as transmitted: headers, DKIM over both unsubscribe headers, and the meaning of every kind of refusal. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageWriter } from '../../src/mail/message.js';
import type { ComposedMail } from '../../src/mail/message.js';
import { openSmtp } from '../../src/mail/transport.js';
import type { MailTransport } from '../../src/mail/transport.js';
import { makeDkimKey, verifyDkim } from '../support/dkim.js';
import { openMailbox, rawHeader } from '../support/mailbox.js';
import type { Mailbox } from '../support/mailbox.js';

const token = `${'e'.repeat(60)}.${'c'.repeat(220)}.${'s'.repeat(86)}`;
const listUnsubscribe = `<https://preferences.example.com/o/${token}>, <mailto:leave@example.com?subject=${token}>`;
const mail: ComposedMail = {
  id: 'PREFERENCES_LINK:1',
  from: { name: 'Åse at "Acme", news', address: 'news@acme.example' },
  to: 'alice@example.com',
  subject: 'Dine e-postvalg hos Acme – på norsk, og en ganske lang emnelinje som må brettes',
  html: `<p>Hei på deg</p>\n<a href="https://preferences.example.com/p/${token}">Åpne</a>`,
  text: `Hei på deg\n\nÅpne:\nhttps://preferences.example.com/p/${token}\n\n.\n-- \nAcme`,
  headers: { 'List-Unsubscribe': listUnsubscribe, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  at: new Date('2025-03-14T10:00:00Z'),
};
const key = makeDkimKey();
const baseUrl = 'https://preferences.example.com';
const write = messageWriter({ baseUrl, dkimKeys: [] });
const writeSigned = messageWriter({
  baseUrl,
  dkimKeys: [{ domain: 'acme.example', selector: 's1', privateKey: key.privateKey }],
});

let box: Mailbox;
let transport: MailTransport;
beforeEach(async () => {
  box = await openMailbox();
  transport = openSmtp(box.url);
});
afterEach(async () => {
  transport.stop();
  await box.stop();
});

async function caughtAfter(composed: ComposedMail, writer = writeSigned) {
  expect(await transport.deliver(await writer(composed))).toEqual({ outcome: 'ACCEPTED' });
  const last = box.caught.at(-1);
  if (!last) throw new Error('Nothing was caught.');
  return last;
}

describe('a transmitted mail', () => {
  it('goes to one recipient, from the unit, and reads as it was written', async () => {
    const caught = await caughtAfter(mail);
    expect(caught.to).toEqual(['alice@example.com']);
    expect(caught.from).toBe('news@acme.example');
    expect(caught.parsed.from).toEqual({ name: 'Åse at "Acme", news', address: 'news@acme.example' });
    expect(caught.parsed.to?.map((one) => one.address)).toEqual(['alice@example.com']);
    expect(caught.parsed.subject).toBe(mail.subject);
    expect(caught.parsed.text?.trim()).toBe(mail.text);
    expect(caught.parsed.html?.trim()).toBe(mail.html);
  });

  it('carries both unsubscribe headers in the form that receivers read', async () => {
    const { raw, parsed } = await caughtAfter(mail);
    expect(rawHeader(raw, 'List-Unsubscribe-Post')).toEqual([
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ]);
    const [line, ...more] = rawHeader(raw, 'List-Unsubscribe');
    expect(more).toEqual([]);
    expect(line?.split('\r\n')[0]).toBe(`List-Unsubscribe: <https://preferences.example.com/o/${token}>,`);
    expect(line?.replaceAll('\r\n', '')).toBe(`List-Unsubscribe: ${listUnsubscribe}`);
    expect(parsed.headers.find((one) => one.key === 'list-unsubscribe')?.value).toBe(listUnsubscribe);
    expect(rawHeader(raw, 'Auto-Submitted')).toEqual(['Auto-Submitted: auto-generated']);
  });

  it('has no line longer than 998 characters, and none in the body longer than 76', async () => {
    const lines = (await caughtAfter(mail)).raw.toString('latin1').split('\r\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
    const body = lines.slice(lines.indexOf(''));
    expect(Math.max(...body.map((line) => line.length))).toBeLessThanOrEqual(76);
  });

  it('keeps its Message-ID when it is written again, and shares it with no other', async () => {
    const [first, again] = [await write(mail), await write({ ...mail, at: new Date() })];
    const other = await write({ ...mail, id: 'PREFERENCES_LINK:2' });
    expect(first.messageId).toMatch(/^<[\w-]{22}@preferences\.example\.com>$/);
    expect(again.messageId).toBe(first.messageId);
    expect(other.messageId).not.toBe(first.messageId);
    expect(rawHeader(first.raw, 'Message-ID')).toEqual([`Message-ID: ${first.messageId}`]);
  });
});

describe('a DKIM signature', () => {
  it('covers both unsubscribe headers and verifies for the received mail', async () => {
    const { raw } = await caughtAfter(mail);
    const verdict = verifyDkim(raw, key.publicKey);
    expect(verdict).toMatchObject({
      isBodyIntact: true,
      isSignatureValid: true,
      domain: 'acme.example',
      selector: 's1',
    });
    expect(verdict.signed).toEqual(
      expect.arrayContaining(['from', 'to', 'subject', 'date', 'list-unsubscribe', 'list-unsubscribe-post']),
    );
  });

  it.each([
    ['List-Unsubscribe', '/o/e', '/o/f'],
    ['List-Unsubscribe-Post', '=One-Click', '=Two-Click'],
    ['Auto-Submitted', 'auto-generated', 'no'],
    ['Subject', 'Subject: ', 'Subject: x'],
  ])('fails when %s was altered on the way', async (_name, from, to) => {
    const text = (await caughtAfter(mail)).raw.toString('latin1');
    expect(text).toContain(from);
    const altered = verifyDkim(Buffer.from(text.replace(from, to), 'latin1'), key.publicKey);
    expect(altered.isSignatureValid).toBe(false);
  });

  it('fails when a header was removed, when the body was altered, and under another key', async () => {
    const text = (await caughtAfter(mail)).raw.toString('latin1');
    const without = text.replace('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n', '');
    expect(without).not.toBe(text);
    expect(verifyDkim(Buffer.from(without, 'latin1'), key.publicKey).isSignatureValid).toBe(false);
    const longer = Buffer.from(`${text}more\r\n`, 'latin1');
    expect(verifyDkim(longer, key.publicKey).isBodyIntact).toBe(false);
    expect(verifyDkim(Buffer.from(text, 'latin1'), makeDkimKey().publicKey).isSignatureValid).toBe(false);
  });

  describe('with several brands', () => {
    const second = makeDkimKey();
    const writeForTwo = messageWriter({
      baseUrl,
      dkimKeys: [
        { domain: 'acme.example', selector: 's1', privateKey: key.privateKey },
        { domain: 'xn--bcher-kva.example', selector: 's2', privateKey: second.privateKey },
      ],
    });
    const rawFrom = async (address: string) =>
      (await writeForTwo({ ...mail, from: { name: 'A brand', address } })).raw;

    it('uses the key of the sender’s domain, or of the nearest parent domain', async () => {
      const own = { isSignatureValid: true, isBodyIntact: true };
      const raw = await rawFrom('news@acme.example');
      expect(verifyDkim(raw, key.publicKey)).toMatchObject({
        ...own,
        domain: 'acme.example',
        selector: 's1',
      });
      expect(verifyDkim(await rawFrom('news@mail.ACME.example'), key.publicKey)).toMatchObject(own);
      const other = verifyDkim(await rawFrom('post@bücher.example'), second.publicKey);
      expect(other).toMatchObject({ ...own, domain: 'xn--bcher-kva.example', selector: 's2' });
      expect(other.signed).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']));
    });

    it.each(['news@other.example', 'news@notacme.example', 'news@acme.example.org'])(
      'is missing on a mail of %s, whose domain has no key',
      async (address) => {
        expect(rawHeader(await rawFrom(address), 'DKIM-Signature')).toEqual([]);
      },
    );
  });
});

describe('header injection', () => {
  it.each([
    'alice@example.com, bob@example.com',
    'alice@example.com;bob@example.com',
    'alice@example.com\r\nBcc: bob@example.com',
    'Alice <alice@example.com>',
    '<alice@example.com>',
    '"alice@x,bob"@example.com',
    'alice@example.com bob@example.com',
    'alice@example.com\u0000',
    'alice',
    '',
  ])('is refused in a recipient: %j', async (to) => {
    await expect(write({ ...mail, to })).rejects.toMatchObject({ code: 'INVALID_ADDRESS' });
    await expect(write({ ...mail, from: { name: 'Acme', address: to } })).rejects.toMatchObject({
      code: 'INVALID_ADDRESS',
    });
  });

  it.each(['Hello\r\nBcc: bob@example.com', 'Hello\nX: y', 'Hello\rX: y', 'Hello\u2028X', 'a\u0000b'])(
    'is refused in a subject, a name or a header: %j',
    async (text) => {
      const fault = { code: 'INVALID_FORM' };
      await expect(write({ ...mail, subject: text })).rejects.toMatchObject(fault);
      await expect(write({ ...mail, from: { ...mail.from, name: text } })).rejects.toMatchObject(fault);
      const headers = { ...mail.headers, 'List-Unsubscribe': `<https://a.example/${text}>` };
      await expect(write({ ...mail, headers })).rejects.toMatchObject(fault);
    },
  );
});

describe('the result of sending a mail', () => {
  const deliver = async () => transport.deliver(await write(mail));

  it('without a listening server is "certainly not sent"', async () => {
    await box.stop();
    expect(await deliver()).toMatchObject({ outcome: 'REFUSED', isPermanent: false });
  });

  it.each(['hang-up-at-greeting', 'hang-up-at-rcpt'] as const)(
    'after %s is "certainly not sent"',
    async (is) => {
      box.mood = { is };
      expect(await deliver()).toMatchObject({ outcome: 'REFUSED', isPermanent: false });
      expect(box.caught).toEqual([]);
    },
  );

  it('after a connection lost behind the message is "unknown", and the pool does not retry', async () => {
    box.mood = { is: 'hang-up-after-data' };
    expect(await deliver()).toMatchObject({ outcome: 'UNKNOWN' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(box.caught).toHaveLength(1);
  });

  it('after a connection lost during a second message is also "unknown", and the mail is sent once', async () => {
    await deliver();
    box.mood = { is: 'hang-up-after-data' };
    expect(await deliver()).toMatchObject({ outcome: 'UNKNOWN' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(box.caught).toHaveLength(2);
  });

  it('from a server that takes the message and never answers is "unknown"', async () => {
    transport.stop();
    transport = openSmtp(box.url, { dialogueMs: 300 });
    box.mood = { is: 'silent' };
    expect(await deliver()).toMatchObject({ outcome: 'UNKNOWN' });
  });

  it.each([
    ['RCPT', 550, '5.1.1 no such user', { isPermanent: true, isUnknownMailbox: true }],
    ['RCPT', 550, '5.7.1 not welcome', { isPermanent: true, isUnknownMailbox: false }],
    ['RCPT', 451, '4.2.1 busy', { isPermanent: false, isUnknownMailbox: false }],
    ['MAIL', 550, '5.7.1 who are you', { isPermanent: false, isUnknownMailbox: false }],
    ['DATA', 554, '5.6.0 not this', { isPermanent: true, isUnknownMailbox: false }],
    ['DATA', 451, '4.3.0 later', { isPermanent: false, isUnknownMailbox: false }],
  ] as const)('is decided when %s was answered by %i %s', async (stage, code, text, expected) => {
    box.mood = { is: 'refusing', stage, code, text: `${text} <alice@example.com>` };
    const delivery = await deliver();
    expect(delivery).toMatchObject({ outcome: 'REFUSED', ...expected });
    expect(JSON.stringify(delivery)).toContain(String(code));
    expect(JSON.stringify(delivery)).not.toContain('alice');
  });
});

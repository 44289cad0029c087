/** The outbox on disk: whole mails only, and no access outside its folder. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { beforeEach, describe, expect, it } from 'vitest';
import { messageWriter } from '../../src/mail/message.js';
import { listOutbox, readOutboxMail, writeToOutbox } from '../../src/mail/outbox.js';
import { openMailTransport, outboxFolderOf } from '../../src/mail/transport.js';
import { temporaryFolder } from '../support/close-afterwards.js';

const write = messageWriter({ baseUrl: 'https://preferences.example.com', dkimKeys: [] });
const written = (id: string, at = new Date('2025-03-14T10:00:00Z')) =>
  write({
    id,
    from: { name: 'Acme', address: 'news@acme.example' },
    to: 'alice@example.com',
    subject: `Blåbær ${id}`,
    html: '<p>Hei</p>',
    text: 'Hei',
    headers: {
      'List-Unsubscribe': '<https://a.example/o/x>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    at,
  });

let varDir: string;
let folder: string;
beforeEach(async () => {
  varDir = await temporaryFolder();
  folder = outboxFolderOf({ varDir });
});

describe('the outbox', () => {
  it('takes mails when no SMTP server is configured, and lists them newest first', async () => {
    const transport = openMailTransport({ smtpUrl: undefined, varDir });
    expect(await listOutbox(folder)).toEqual([]);
    await transport.deliver(await written('one', new Date('2025-03-14T10:00:00Z')));
    await transport.deliver(await written('two', new Date('2025-03-14T11:00:00Z')));
    const mails = await listOutbox(folder);
    expect(mails.map(({ subject }) => subject)).toEqual(['Blåbær two', 'Blåbær one']);
    const [newest] = mails;
    expect(await readOutboxMail(folder, newest?.id ?? '')).toEqual(newest);
    expect(newest).toMatchObject({
      to: 'alice@example.com',
      from: 'news@acme.example',
      html: '<p>Hei</p>',
      text: 'Hei',
    });
    const parsed = await PostalMime.parse(await readFile(join(folder, `${newest?.id}.eml`)));
    expect(parsed.subject).toBe('Blåbær two');
  });

  it('keeps the same mail once, and leaves no partial file', async () => {
    await writeToOutbox(folder, await written('one'));
    await writeToOutbox(folder, await written('one'));
    expect((await readdir(folder)).map((name) => name.replace(/^.*\./, ''))).toEqual(['eml', 'json']);
  });

  it('keeps the last 500', async () => {
    for (let i = 0; i < 510; i++) {
      await writeToOutbox(folder, await written(`mail ${i}`, new Date(1_741_946_400_000 + i * 1000)));
    }
    const mails = await listOutbox(folder);
    expect(mails).toHaveLength(500);
    expect(mails.at(-1)?.subject).toBe('Blåbær mail 10');
    expect(await readdir(folder)).toHaveLength(1000);
  });

  it.each([
    '../secret',
    '..%2fsecret',
    'secret',
    '',
    '20250314100000000-../../../etc/passwd',
    `${'1'.repeat(17)}-a/b`,
  ])('reads nothing for %j, which is not an id', async (id) => {
    await writeFile(join(varDir, 'secret.json'), '{}');
    expect(await readOutboxMail(folder, id)).toBeNull();
  });

  it('reports when it cannot be written to, and the mail is retried', async () => {
    await writeFile(folder, 'a file where the folder should be');
    const transport = openMailTransport({ smtpUrl: undefined, varDir });
    const delivery = await transport.deliver(await written('one'));
    expect(delivery).toMatchObject({
      outcome: 'REFUSED',
      isPermanent: false,
      reason: 'not written to the outbox: EEXIST',
    });
  });
});

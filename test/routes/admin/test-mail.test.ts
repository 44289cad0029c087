/** "Send a test": one mail over the configured server, its answer in a sentence, and a limit. */
import { beforeEach, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { openMailbox } from '../../support/mailbox.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const mailbox = await openMailbox({
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  onAuth: (_auth, _session, done) => done(null, { user: 'sayso' }),
});
const portal = await openTestPortal({
  env: { SMTP_URL: mailbox.url.replace('smtp://', 'smtp://sayso:geheim-4711@') },
});
beforeEach(() => {
  mailbox.mood = { is: 'willing' };
  mailbox.caught.length = 0;
});

it('the mail test page shows the configuration without a password', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await admin.open(adminPaths.mail());
  expect(page.text).toContain('127.0.0.1, port');
  expect(page.text).toContain('With a name and a password');
  expect(page.html).not.toContain('geheim-4711');
});

it.each([
  [{ is: 'refusing', stage: 'RCPT', code: 550, text: '5.1.1 no such mailbox' }, 'refused it permanently'],
  [{ is: 'refusing', stage: 'DATA', code: 451, text: '4.3.0 later' }, 'could not be sent'],
  [{ is: 'hang-up-after-data' }, 'may or may not arrive'],
] as const)(
  'the mail test reports in a sentence a server that is %o, and keeps what was typed',
  async (mood, said) => {
    const admin = await signedIn(portal, 'admin');
    mailbox.mood = mood;
    const answer = await admin.press(await admin.open(adminPaths.mail()), /Send a test/, {
      to: 'ida@x.example',
    });
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(said)]);
    expect(answer.html).toContain('value="ida@x.example"');
  },
);

it('the mail test sends one mail from the chosen unit, and reports that the server accepted it', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await admin.open(adminPaths.mail());
  const answer = await admin.press(page, /Send a test/, { unit: String(fjell.id), to: 'ida@x.example' });
  expect([answer.status, answer.text]).toEqual([
    200,
    expect.stringContaining('The mail server accepted the test.'),
  ]);
  const [caught, ...others] = mailbox.caught;
  expect(others).toEqual([]);
  expect(caught).toMatchObject({ from: fjell.senderAddress, to: ['ida@x.example'] });
  expect(caught?.parsed.headers.map(({ key }) => key)).not.toContain('list-unsubscribe');
  const entry = await portal.deps.models.auditEntries.findOne({ detail: 'accepted' }).lean();
  expect(entry).toMatchObject({ kind: 'TEST_MAIL_SENT', unitId: fjell.id });
  expect(JSON.stringify(entry)).not.toContain('x.example');
});

it('the mail test goes to one address, and an admin of one unit sends only as that unit', async () => {
  const admin = await signedIn(portal, 'admin', [fjell.id]);
  const page = await admin.open(adminPaths.mail());
  expect(page.html).not.toContain(northwind.senderAddress);
  const refused = await admin.press(page, /Send a test/, { to: 'ida@x.example, bob@x.example' });
  expect([refused.status, refused.text]).toEqual([
    422,
    expect.stringContaining('To is not an e-mail address.'),
  ]);
  const other = await admin.press(page, /Send a test/, { unit: String(northwind.id), to: 'ida@x.example' });
  expect(other.status).toBe(404);
  expect(mailbox.caught).toEqual([]);
});

it('the mail test is limited to six in ten minutes for each user', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await admin.open(adminPaths.mail());
  const statuses: number[] = [];
  for (let time = 0; time < 8; time++)
    statuses.push((await admin.press(page, /Send a test/, { to: 'ida@x.example' })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
  expect(mailbox.caught).toHaveLength(6);
  const refused = await admin.press(page, /Send a test/, { to: 'ida@x.example' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
});

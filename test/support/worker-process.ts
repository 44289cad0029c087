/** A mail worker as a separate process, so that a test can kill it: `worker-process.ts <database uri> <smtp url>`. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendDueMails } from '../../src/jobs/send-mails.js';
import { openSmtp } from '../../src/mail/transport.js';
import { createTokens } from '../../src/tokens/create-tokens.js';
import { rotateKeys } from '../../src/tokens/keys.js';
import { connectTo } from './connection.js';
import { sendingWith } from './sending.js';

const [databaseUri = '', smtpUrl = ''] = process.argv.slice(2);
const { models } = await connectTo(databaseUri);
const about = { algorithm: 'Ed25519', issuer: 'sayso', linkLifetimeDays: 180 } as const;
const file = join(await mkdtemp(join(tmpdir(), 'sayso-')), 'keys.json');
await rotateKeys(file, 'Ed25519', new Date());
const tokens = await createTokens({ ...about, file, warn: () => undefined });
process.stdout.write('ready\n');
await sendDueMails(await sendingWith(models, { tokens, transport: openSmtp(smtpUrl) }));
process.exit();

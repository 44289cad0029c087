/** A mail worker as a separate process, so that a test can kill it: `worker-process.ts <database uri> <smtp url>`. */
import { sendDueMails } from '../../src/jobs/send-mails.js';
import { openSmtp } from '../../src/mail/transport.js';
import { connect } from '../../src/models/connect.js';
import { openSending } from './sending.js';

const [databaseUri = '', smtpUrl = ''] = process.argv.slice(2);
const connection = await connect(databaseUri);
const sending = await openSending(connection);
process.stdout.write('ready\n');
await sendDueMails({ ...sending, transport: openSmtp(smtpUrl) });
await sending.stop();
await connection.close();

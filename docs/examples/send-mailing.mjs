/**
 * Sends a mailing with nodemailer, to the addresses that may get it:
 * `SAYSO_URL=… SAYSO_KEY=… SMTP_URL=… node send-mailing.mjs UNIT TYPE ADDRESS…`. The key needs the scopes eligibility and links.
 */
import { createSayso } from '@sayso/client';
import { createTransport } from 'nodemailer';

const [unit, type, ...addresses] = process.argv.slice(2);
const [businessUnitId, typeId] = [Number(unit), Number(type)];
const sayso = createSayso({ baseUrl: process.env.SAYSO_URL, key: process.env.SAYSO_KEY });
const smtp = createTransport(process.env.SMTP_URL);

/** The answer, or the error of the API. */
function answerOf({ data, error }) {
  if (error) throw new Error(error.message);
  return data;
}

for (const address of addresses) {
  const may = answerOf(await sayso.POST('/api/v1/eligibility', { body: { address, typeId } }));
  if (!may.isEligible) {
    console.log(`not sent: ${may.rule}`);
    continue;
  }
  const links = answerOf(
    await sayso.POST('/api/v1/links', {
      params: { query: { footer: 'true' } },
      body: { address, businessUnitId, typeId },
    }),
  );
  await smtp.sendMail({
    from: 'Northwind Outdoors <letters@northwind.example>',
    to: address,
    subject: 'Trail notes of May',
    // As they are: mail programs show their own button to unsubscribe (RFC 8058).
    headers: Object.entries(links.headers).map(([key, value]) => ({ key, value: { prepared: true, value } })),
    html: `<p>The snow is gone above the lake.</p>${links.footer.html}`,
    text: `The snow is gone above the lake.\n\n${links.footer.text}`,
  });
  console.log('sent');
}
smtp.close();

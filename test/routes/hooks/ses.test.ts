/** Calls of Amazon SES through SNS, on a whole portal, with certificates of the test's own keys. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/errors.js';
import { openTestPortal } from '../../support/app.js';
import { certificateOf } from '../../support/certificate.js';
import { dumpOf } from '../../support/dump.js';
import { endpointOf, stateOf } from '../../support/hooks.js';
import { trailNotes } from '../../support/people.js';
import { unsubscribeHeaders } from '../../../src/domain/links/link-set.js';

const topic = 'arn:aws:sns:eu-west-1:123456789012:bounces';
const pem = 'SimpleNotificationService-0123456789abcdef0123456789abcdef.pem';
const certUrl = `https://sns.eu-west-1.amazonaws.com/${pem}`;
const subscribeUrl = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=t`;
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const year = 365 * 86_400_000;
const certificate = certificateOf(keys, {
  from: new Date(Date.now() - year),
  until: new Date(Date.now() + year),
});

let fetched: string[] = [];
let isAway = false;
const portal = await openTestPortal();
portal.deps.fetchText = (url) => {
  fetched.push(url);
  if (isAway) return Promise.reject(new DomainError('PROVIDER_AWAY', 'It could not be reached.'));
  return Promise.resolve(url.endsWith('.pem') ? certificate : '<ConfirmSubscriptionResponse/>');
};
const ses = await endpointOf(portal, 'ses', { topics: [topic] });
beforeEach(() => void (fetched = []));

let made = 0;
const newAddress = () => `ses-${(made += 1)}@example.com`;

const orders: Record<string, string[]> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    ...['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  ],
};

/** An envelope of SNS, signed over its canonical text. */
function envelope(message: object | string, changed: Record<string, unknown> = {}, version: 1 | 2 = 1) {
  const fields: Record<string, unknown> = {
    Type: 'Notification',
    MessageId: `message-${(made += 1)}`,
    TopicArn: topic,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: new Date().toISOString(),
    SignatureVersion: String(version),
    SigningCertURL: certUrl,
    ...changed,
  };
  const order = orders[String(fields['Type'])] ?? orders['SubscriptionConfirmation'] ?? [];
  const text = order
    .flatMap((name) => (typeof fields[name] === 'string' ? [`${name}\n${fields[name]}\n`] : []))
    .join('');
  const signature = createSign(version === 1 ? 'sha1' : 'sha256')
    .update(text)
    .sign(keys.privateKey, 'base64');
  return { ...fields, Signature: signature };
}
const send = (body: object) =>
  ses.call(JSON.stringify(body), {
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': 'Notification',
  });

const bounce = (addresses: string[], more: object = {}, recipient: object = {}) => ({
  notificationType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: addresses.map((emailAddress) => ({ emailAddress, ...recipient })),
    timestamp: new Date().toISOString(),
    feedbackId: `feedback-${(made += 1)}`,
    ...more,
  },
  mail: { destination: ['other@example.com', ...addresses] },
});

describe('an event in an envelope with a right signature', () => {
  it.each([1, 2] as const)('marks with signature version %i, and with a subject', async (version) => {
    const address = newAddress();
    const body = envelope(bounce([address]), { Subject: 'Amazon SES Email Event Notification' }, version);
    expect((await send(body)).status).toBe(200);
    expect((await stateOf(portal, address)).cannot).toBe('HARD_BOUNCE');
    expect((await stateOf(portal, 'other@example.com')).cannot).toBeNull();
  });

  it('marks every listed recipient, also one with a display name, and by the newer name of the field', async () => {
    const [one, other] = [newAddress(), newAddress()];
    const { notificationType: eventType, ...rest } = bounce([one, `"Other" <${other}>`]);
    await send(envelope({ eventType, ...rest }));
    expect((await stateOf(portal, one)).cannot).toBe('HARD_BOUNCE');
    expect((await stateOf(portal, other)).cannot).toBe('HARD_BOUNCE');
  });

  it.each([
    [{ bounceType: 'Transient', bounceSubType: 'MailboxFull' }, {}, null],
    [{ bounceType: 'Undetermined' }, {}, null],
    [{}, { status: '5.7.1', diagnosticCode: 'smtp; 550 5.7.1 blocked' }, null],
    [{ bounceSubType: 'OnAccountSuppressionList' }, {}, 'HARD_BOUNCE'],
    [{}, { status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 unknown' }, 'HARD_BOUNCE'],
  ])('%o %o is %s', async (more, recipient, cannot) => {
    const address = newAddress();
    await send(envelope(bounce([address], more, recipient)));
    expect((await stateOf(portal, address)).cannot).toBe(cannot);
  });

  it.each([
    [{}, 'COMPLAINT'],
    [{ complaintFeedbackType: 'abuse' }, 'COMPLAINT'],
    [{ complaintFeedbackType: 'not-spam' }, null],
    [{ complaintFeedbackType: 'auth-failure' }, null],
  ])('a complaint %o is %s', async (more, cannot) => {
    const address = newAddress();
    const complaint = {
      complainedRecipients: [{ emailAddress: address }],
      feedbackId: `feedback-${(made += 1)}`,
      timestamp: new Date().toISOString(),
      ...more,
    };
    await send(envelope({ notificationType: 'Complaint', complaint }));
    expect((await stateOf(portal, address)).cannot).toBe(cannot);
  });

  it('an unsubscribed recipient and a subscription event opt out, of the type that the mail’s header names', async () => {
    const [one, other, third] = [newAddress(), newAddress(), newAddress()];
    const { oneClick } = await portal.linksOf({ address: one });
    const header = unsubscribeHeaders(portal.deps.config, oneClick.slice(3))['List-Unsubscribe'];
    const mail = (destination: string[]) => ({
      destination,
      headers: [{ name: 'List-Unsubscribe', value: header }],
    });
    await send(envelope({ ...bounce([one], { bounceSubType: 'UnsubscribedRecipient' }), mail: mail([one]) }));
    const subscription = (unsubscribeAll: boolean) => ({
      timestamp: new Date().toISOString(),
      newTopicPreferences: { unsubscribeAll },
    });
    const event = { eventType: 'Subscription', mail: { destination: [other] } };
    await send(envelope({ ...event, subscription: subscription(true) }));
    await send(envelope({ ...event, subscription: subscription(false) }));
    await send(envelope({ ...event, mail: mail([third]), subscription: subscription(true) }));
    expect(await stateOf(portal, one)).toMatchObject({ outOfType: ['ONE_CLICK'], outOfUnit: [] });
    expect((await stateOf(portal, other)).outOfUnit).toHaveLength(1);
    expect(await stateOf(portal, third)).toMatchObject({ outOfType: ['ONE_CLICK'], outOfUnit: [] });
    expect(trailNotes.unitId).toBe(0);
  });

  it('a topic that was off before does not opt out, when the contact turns another one on', async () => {
    const [quiet, out] = [newAddress(), newAddress()];
    const topics = (news: string, offers: string) => ({
      unsubscribeAll: false,
      topicSubscriptionStatus: [
        { topicName: 'News', subscriptionStatus: news },
        { topicName: 'Offers', subscriptionStatus: offers },
      ],
    });
    const changed = (address: string, before: object, after: object) => ({
      eventType: 'Subscription',
      mail: { destination: [address] },
      subscription: {
        timestamp: new Date().toISOString(),
        ...{ oldTopicPreferences: before, newTopicPreferences: after },
      },
    });
    await send(envelope(changed(quiet, topics('OptOut', 'OptOut'), topics('OptIn', 'OptOut'))));
    await send(envelope(changed(out, topics('OptIn', 'OptOut'), topics('OptOut', 'OptOut'))));
    expect((await stateOf(portal, quiet)).outOfUnit).toEqual([]);
    expect((await stateOf(portal, out)).outOfUnit).toHaveLength(1);
  });

  it('the same event again changes nothing, even in another envelope', async () => {
    const event = bounce([newAddress()]);
    const first = envelope(event);
    await send(first);
    const before = await dumpOf(portal.database.connection);
    await send(first);
    await send(envelope(event));
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('the simulator and texts that are not events change no subscriber', async () => {
    await send(envelope(bounce(['bounce@simulator.amazonses.com'])));
    expect((await send(envelope('Successfully validated SNS topic for Amazon SES.'))).status).toBe(200);
    expect((await stateOf(portal, 'bounce@simulator.amazonses.com')).cannot).toBeNull();
  });
});

describe('a forged message', () => {
  const forgeries: [string, () => object][] = [
    ['with another message', () => ({ ...envelope(bounce([newAddress()])), Message: '{}' })],
    [
      'with the last line break of the signed text left out',
      () => {
        const message = envelope(bounce([newAddress()]));
        const text = (orders['Notification'] ?? [])
          .flatMap((name) => {
            const value: unknown = Object(message)[name];
            return typeof value === 'string' ? [`${name}\n${value}`] : [];
          })
          .join('\n');
        return { ...message, Signature: createSign('sha1').update(text).sign(keys.privateKey, 'base64') };
      },
    ],
    ['of another topic', () => envelope(bounce([newAddress()]), { TopicArn: `${topic}-of-a-stranger` })],
    [
      'with a certificate of another host',
      () => envelope({}, { SigningCertURL: `https://evil.example/${pem}` }),
    ],
    [
      'with a certificate of another region',
      () => envelope({}, { SigningCertURL: `https://sns.us-east-1.amazonaws.com/${pem}` }),
    ],
    [
      'with a certificate at another path',
      () => envelope({}, { SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem' }),
    ],
    ['of an unknown signature version', () => ({ ...envelope({}), SignatureVersion: '3' })],
    [
      'with the name of a prototype as its version',
      () => ({ ...envelope({}), SignatureVersion: 'toString' }),
    ],
    ['with the name of a prototype as its type', () => ({ ...envelope({}), Type: 'constructor' })],
    [
      'that confirms the subscription at another host',
      () =>
        envelope('x', {
          Type: 'SubscriptionConfirmation',
          Token: 't',
          SubscribeURL: 'https://evil.example/?Action=ConfirmSubscription&x',
        }),
    ],
    [
      'that confirms the subscription of another topic',
      () =>
        envelope('x', {
          Type: 'SubscriptionConfirmation',
          Token: 't',
          SubscribeURL: subscribeUrl,
          TopicArn: `${topic}-of-a-stranger`,
        }),
    ],
  ];
  it.each(forgeries)(
    '%s gets 401, nothing is written, and no confirmation is fetched',
    async (_what, forge) => {
      const body = forge();
      const before = await dumpOf(portal.database.connection);
      expect((await send(body)).status).toBe(401);
      expect(await dumpOf(portal.database.connection)).toEqual(before);
      expect(fetched.filter((url) => !url.endsWith('.pem'))).toEqual([]);
    },
  );
});

it('a confirmation is fetched after its check, and the end of a subscription is never followed', async () => {
  const fields = { Token: 't', SubscribeURL: subscribeUrl };
  expect((await send(envelope('x', { ...fields, Type: 'SubscriptionConfirmation' }))).status).toBe(200);
  expect(fetched).toEqual([certUrl, subscribeUrl]);
  fetched = [];
  expect((await send(envelope('x', { ...fields, Type: 'UnsubscribeConfirmation' }))).status).toBe(200);
  expect(fetched).toEqual([certUrl]);
  expect(portal.logged.join('')).toContain('the subscription of an SNS topic was ended');
});

it('raw delivery is refused with what to do, and the endpoint’s page shows it', async () => {
  const { status, text } = await send(bounce([newAddress()]));
  expect(status).toBe(400);
  expect(text).toContain('raw message delivery');
  const stored = await portal.deps.models.reportEndpoints.findById(ses.id).lean();
  expect(stored?.problem?.sentence).toContain('Turn it off');
});

it('while the certificate cannot be fetched, the call gets 503, which Amazon SNS repeats', async () => {
  const address = newAddress();
  const call = envelope(bounce([address]));
  isAway = true;
  expect((await send(call)).status).toBe(503);
  expect((await stateOf(portal, address)).cannot).toBeNull();
  const stored = await portal.deps.models.reportEndpoints.findById(ses.id).lean();
  expect(stored?.problem?.sentence).toContain('could not be reached');
  isAway = false;
  expect((await send(call)).status).toBe(200);
  expect((await stateOf(portal, address)).cannot).toBe('HARD_BOUNCE');
});

it('an expired certificate is refused', async () => {
  portal.advance(2 * year);
  expect((await send(envelope(bounce([newAddress()])))).status).toBe(401);
});

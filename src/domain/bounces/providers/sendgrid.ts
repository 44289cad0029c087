/** Twilio SendGrid: Event Webhook, signed with ECDSA over the timestamp and the raw body. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { DeliveryReport, ReportKind } from '../../../vocabulary/bounces.js';
import { forged, jsonOf, textAt, timeOf, typeIdOf, unreadable, type BounceProvider } from './contract.js';

/** Classifications of a bounce that say nothing about the address. Compared in lower case. */
const passing: ReadonlySet<string> = new Set([
  'technical',
  'technical failure',
  'content',
  'reputation',
  'frequency or volume too high',
  'mailbox unavailable',
]);

/** The recipient of the events that SendGrid's "Test Your Integration" sends. */
const testRecipient = 'example@test.com';

export const sendgrid: BounceProvider = {
  id: 'sendgrid',
  name: 'SendGrid',
  key: {
    label: 'Verification key',
    hint: 'SendGrid shows it once the Signed Event Webhook is on. It begins with MFkw.',
    isRight: (text) => publicKeyOf(text) !== null,
  },
  steps: [
    'In SendGrid, open Settings, Mail Settings, Event Webhooks, and create a webhook with the URL above.',
    'Choose Bounced, Dropped, Spam Reports, Unsubscribes and Group Unsubscribes. Deferred and other events change nothing.',
    'Turn on Signed Event Webhook, and copy the verification key into the field below.',
  ],
  read: ({ header, raw }, { key }, { now }) => {
    const signature = header('x-twilio-email-event-webhook-signature') ?? '';
    const timestamp = header('x-twilio-email-event-webhook-timestamp') ?? '';
    const publicKey = key === null ? null : publicKeyOf(key);
    if (!publicKey) throw forged('The endpoint has no verification key yet.');
    const signed = Buffer.concat([Buffer.from(timestamp), raw]);
    if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64')))
      throw forged('The signature is wrong.');
    const events = jsonOf(raw.toString('utf8'));
    if (!Array.isArray(events)) throw unreadable('The body is not a list of events.');
    return Promise.resolve({ reports: events.map((event: unknown) => reportOf(event, now)) });
  },
};

/** Base64 of the key in SPKI and DER, on the curve P-256. */
function publicKeyOf(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ec' ? key : null;
  } catch {
    return null;
  }
}

function reportOf(event: unknown, now: Date): DeliveryReport {
  const address = textAt(event, 'email');
  const diagnostic = textAt(event, 'reason') ?? textAt(event, 'response');
  const status = textAt(event, 'status');
  const isDropped = textAt(event, 'event') === 'dropped';
  return {
    id: textAt(event, 'sg_event_id') ?? JSON.stringify(event),
    kind: kindOf(event),
    at: timeOf(textAt(event, 'timestamp'), now),
    ...(address === undefined ? {} : { address }),
    ...(status === undefined ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...typeIdOf(textAt(event, 'sayso_type')),
    ...(isDropped ? { isEcho: true } : {}),
    ...(address === testRecipient ? { isTest: true } : {}),
  };
}

function kindOf(event: unknown): ReportKind {
  switch (textAt(event, 'event')) {
    case 'bounce': {
      const isBlocked = (textAt(event, 'type') ?? 'bounce') !== 'bounce';
      const classification = textAt(event, 'bounce_classification')?.trim().toLowerCase() ?? '';
      return isBlocked || passing.has(classification) ? 'SOFT' : 'HARD';
    }
    case 'dropped':
      return kindOfDropped(textAt(event, 'reason')?.toLowerCase() ?? '');
    case 'spamreport':
      return 'COMPLAINT';
    case 'unsubscribe':
    case 'group_unsubscribe':
      return 'OPT_OUT';
    default:
      return 'NOTHING';
  }
}

/** SendGrid did not send, since the address is on one of its lists. */
function kindOfDropped(reason: string): ReportKind {
  if (reason.startsWith('bounced address') || reason === 'invalid') return 'HARD';
  if (reason.startsWith('spam reporting address')) return 'COMPLAINT';
  return reason.startsWith('unsubscribed address') ? 'OPT_OUT' : 'NOTHING';
}

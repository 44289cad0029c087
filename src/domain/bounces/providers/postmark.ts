/** Postmark: webhooks for bounces, spam complaints and changes of subscription. It signs nothing, so the secret of the URL is the proof. */
import type { DeliveryReport, ReportKind } from '../../../vocabulary/bounces.js';
import { jsonOf, textAt, timeOf, typeIdOf, unreadable, valueAt, type BounceProvider } from './contract.js';

/** By `TypeCode`: "Bounce API: bounce types". */
const kindsByCode: Readonly<Record<string, ReportKind>> = {
  1: 'HARD',
  100000: 'HARD',
  2: 'SOFT',
  256: 'SOFT',
  512: 'SOFT',
  2048: 'SOFT',
  4096: 'SOFT',
  8192: 'SOFT',
  100006: 'SOFT',
  100007: 'SOFT',
  100008: 'SOFT',
  100009: 'SOFT',
  100010: 'SOFT',
  100001: 'COMPLAINT',
  16: 'OPT_OUT',
};

/** Message ids and recipients of the examples that Postmark's "Send test" sends, and that its documentation has. */
const testMessages: ReadonlySet<string> = new Set([
  '00000000-0000-0000-0000-000000000000',
  '883953f4-6105-42a2-a16a-77a8eac79483',
]);
const testRecipients: ReadonlySet<string> = new Set(['john@example.com', 'bounced-address@wildbit.com']);

export const postmark: BounceProvider = {
  id: 'postmark',
  name: 'Postmark',
  steps: [
    'In Postmark, open the message stream, Webhooks, and add a webhook with the URL above.',
    'Choose Bounce, Spam Complaint and Subscription Change. The content of the message is not needed.',
    'Do the same for each message stream that sends for this business unit.',
  ],
  read: ({ raw }, _endpoint, { now }) => {
    const event = jsonOf(raw.toString('utf8'));
    if (textAt(event, 'RecordType') === undefined) throw unreadable('The body has no RecordType.');
    return Promise.resolve({ reports: [reportOf(event, now)] });
  },
};

function reportOf(event: unknown, now: Date): DeliveryReport {
  const isChange = textAt(event, 'RecordType') === 'SubscriptionChange';
  const address = textAt(event, isChange ? 'Recipient' : 'Email');
  const when = textAt(event, isChange ? 'ChangedAt' : 'BouncedAt');
  const message = textAt(event, 'MessageID') ?? '';
  const diagnostic = textAt(event, 'Details') ?? textAt(event, 'Description');
  return {
    id: isChange
      ? ['change', message, address, when, String(valueAt(event, 'SuppressSending'))].join(' ')
      : // The same bounce may be reported once more as a complaint.
        `${textAt(event, 'RecordType') ?? ''} ${textAt(event, 'ID') ?? `${message} ${when ?? ''}`}`,
    kind: kindOf(event),
    at: timeOf(when, now),
    ...(address === undefined ? {} : { address }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...typeIdOf(textAt(event, 'Metadata', 'sayso_type')),
    ...(testMessages.has(message) && testRecipients.has(address ?? '') ? { isTest: true } : {}),
  };
}

function kindOf(event: unknown): ReportKind {
  switch (textAt(event, 'RecordType')) {
    case 'SpamComplaint':
      // A filter's guess is a bounce, not a person's complaint.
      return textAt(event, 'TypeCode') === '512' ? 'SOFT' : 'COMPLAINT';
    case 'Bounce': {
      const code = textAt(event, 'TypeCode') ?? '';
      return Object.hasOwn(kindsByCode, code) ? (kindsByCode[code] ?? 'NOTHING') : 'NOTHING';
    }
    case 'SubscriptionChange':
      return kindOfChange(event);
    default:
      return 'NOTHING';
  }
}

/** The end of a suppression opts no one in. One that is caused by a bounce or a complaint is reported by itself as well. */
function kindOfChange(event: unknown): ReportKind {
  if (valueAt(event, 'SuppressSending') !== true) return 'NOTHING';
  switch (textAt(event, 'SuppressionReason')) {
    case 'HardBounce':
      return 'HARD';
    case 'SpamComplaint':
      return 'COMPLAINT';
    case 'ManualSuppression':
      return textAt(event, 'Origin') === 'Recipient' ? 'OPT_OUT' : 'NOTHING';
    default:
      return 'NOTHING';
  }
}

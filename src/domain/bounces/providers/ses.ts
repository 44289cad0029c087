/** Amazon SES, whose events arrive through Amazon SNS: the envelope of SNS is signed, and the event is a text within it. */
import { verify, X509Certificate } from 'node:crypto';
import type { DeliveryReport, ReportKind } from '../../../vocabulary/bounces.js';
import { kindOfFeedback } from '../classify.js';
import {
  forged,
  jsonOf,
  textAt,
  timeOf,
  typeIdOf,
  unreadable,
  valueAt,
  type BounceProvider,
  type HookTools,
} from './contract.js';

/** The region of a topic decides from where its certificate and its confirmation may come. */
const topicShape = /^arn:aws(?:-[a-z-]+)?:sns:([a-z0-9-]{3,}):\d{12}:[\w-]{1,256}(?:\.fifo)?$/;

/** The fields that a signature covers, in its order: "Verifying the signatures of Amazon SNS messages". */
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    ...['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  ],
  UnsubscribeConfirmation: [
    ...['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  ],
};
const algorithms: Readonly<Record<string, string>> = { 1: 'sha1', 2: 'sha256' };

/** The mailbox simulator, with which senders test. */
const simulator = /@simulator\.amazonses\.com$/i;

export const ses: BounceProvider = {
  id: 'ses',
  name: 'Amazon SES',
  topics: {
    label: 'SNS topics',
    hint: 'ARNs of the topics, one per line, such as arn:aws:sns:eu-west-1:123456789012:bounces. Messages of other topics are refused.',
    isRight: (text) => topicShape.test(text),
  },
  steps: [
    'In Amazon SNS, create a standard topic. Enter its ARN in the field below, and save.',
    'Add a subscription to the topic: protocol HTTPS, with the URL above. Leave “Enable raw message delivery” off. Sayso confirms the subscription.',
    'In Amazon SES, let the identity or the configuration set publish bounces, complaints and subscriptions to the topic. Include the original headers, so that an unsubscribe finds its subscription type.',
  ],
  read: async ({ header, raw }, { topics }, tools) => {
    const message = jsonOf(raw.toString('utf8'));
    const isRaw =
      valueAt(message, 'notificationType') !== undefined || valueAt(message, 'eventType') !== undefined;
    if (isRaw || header('x-amz-sns-rawdelivery') === 'true')
      throw unreadable(
        'The message has no signature: raw message delivery is on. Turn it off for this subscription in Amazon SNS.',
      );
    await check(message, topics, tools);
    const type = textAt(message, 'Type');
    if (type === 'UnsubscribeConfirmation')
      return { reports: [], note: 'the subscription of an SNS topic was ended' };
    if (type === 'SubscriptionConfirmation') {
      await tools.fetchText(textAt(message, 'SubscribeURL') ?? '');
      return { reports: [], note: 'the subscription of an SNS topic was confirmed' };
    }
    return { reports: reportsOf(eventIn(textAt(message, 'Message') ?? ''), message, tools.now) };
  },
};

/** @throws DomainError `INVALID_AUTHENTICATION` unless the message comes from one of the topics */
async function check(
  message: unknown,
  topics: readonly string[],
  { now, fetchText }: HookTools,
): Promise<void> {
  const type = textAt(message, 'Type') ?? '';
  const fields = Object.hasOwn(signedFields, type) ? signedFields[type] : undefined;
  const topic = textAt(message, 'TopicArn') ?? '';
  const region = topicShape.exec(topic)?.[1];
  if (!fields || !region || !topics.includes(topic))
    throw forged('The message does not come from one of the topics of this endpoint.');
  const host = `https://sns\\.${region}\\.amazonaws\\.com(?:\\.cn)?/`;
  const certUrl = textAt(message, 'SigningCertURL') ?? '';
  const hasOwnUrls =
    new RegExp(`^${host}SimpleNotificationService-[0-9a-f]{32}\\.pem$`).test(certUrl) &&
    (type === 'Notification' ||
      new RegExp(`^${host}\\?Action=ConfirmSubscription&`).test(textAt(message, 'SubscribeURL') ?? ''));
  if (!hasOwnUrls)
    throw forged('A URL of the message does not lead to Amazon SNS in the region of the topic.');
  const version = textAt(message, 'SignatureVersion') ?? '';
  const algorithm = Object.hasOwn(algorithms, version) ? algorithms[version] : undefined;
  if (!algorithm) throw forged('The version of the signature is unknown.');
  const signed = fields.flatMap((name) => {
    const value = valueAt(message, name);
    return typeof value === 'string' ? [`${name}\n${value}\n`] : [];
  });
  const certificate = new X509Certificate(await fetchText(certUrl));
  const isValid = now >= new Date(certificate.validFrom) && now <= new Date(certificate.validTo);
  const signature = Buffer.from(textAt(message, 'Signature') ?? '', 'base64');
  if (!isValid || !verify(algorithm, Buffer.from(signed.join('')), certificate.publicKey, signature))
    throw forged('The signature is wrong.');
}

/** A topic also takes texts that are no events, such as the one that SES sends when it is connected. */
function eventIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reportsOf(event: unknown, envelope: unknown, now: Date): DeliveryReport[] {
  const type = textAt(event, 'notificationType') ?? textAt(event, 'eventType');
  const messageId = textAt(envelope, 'MessageId') ?? '';
  const mail = { ...typeIdOf(mailTag(event)), ...optional('listUnsubscribe', listUnsubscribeOf(event)) };
  switch (type) {
    case 'Bounce': {
      const bounce = valueAt(event, 'bounce');
      const kind = kindOfBounce(bounce);
      return listAt(bounce, 'bouncedRecipients').map((recipient) => ({
        ...commonOf(bounce, recipient, messageId, now),
        ...kind,
        ...mail,
        ...optional('status', textAt(recipient, 'status')),
        ...optional('diagnostic', textAt(recipient, 'diagnosticCode')),
      }));
    }
    case 'Complaint': {
      const complaint = valueAt(event, 'complaint');
      const isEcho = textAt(complaint, 'complaintSubType') === 'OnAccountSuppressionList';
      return listAt(complaint, 'complainedRecipients').map((recipient) => ({
        ...commonOf(complaint, recipient, messageId, now),
        kind: kindOfFeedback(textAt(complaint, 'complaintFeedbackType')),
        ...(isEcho ? { isEcho } : {}),
      }));
    }
    case 'Subscription':
      return subscriptionReports(event, messageId, mail, now);
    default:
      return [{ id: messageId, kind: 'NOTHING', at: now }];
  }
}

/** Of recipients, only the listed ones: the mail may have had others. */
function listAt(part: unknown, name: string): unknown[] {
  const listed = valueAt(part, name);
  return Array.isArray(listed) ? listed : [];
}

/** SNS keeps its message id when it delivers again; the feedback id is the same even in two topics. */
function commonOf(part: unknown, recipient: unknown, messageId: string, now: Date) {
  const address = textAt(recipient, 'emailAddress') ?? '';
  return {
    id: `${textAt(part, 'feedbackId') ?? messageId} ${address}`,
    at: timeOf(textAt(part, 'timestamp'), now),
    address,
    ...(simulator.test(address.replace(/>$/, '')) ? { isTest: true } : {}),
  };
}

function kindOfBounce(bounce: unknown): Pick<DeliveryReport, 'kind' | 'isEcho'> {
  const subType = textAt(bounce, 'bounceSubType');
  if (subType === 'UnsubscribedRecipient') return { kind: 'OPT_OUT', isEcho: true };
  if (textAt(bounce, 'bounceType') !== 'Permanent') return { kind: 'SOFT' };
  const isEcho = subType === 'Suppressed' || subType === 'OnAccountSuppressionList';
  return isEcho ? { kind: 'HARD', isEcho } : { kind: 'HARD' };
}

/** A contact changed its preferences at SES. Only what this change turned off counts, so that opting in to one topic never opts out. */
function subscriptionReports(
  event: unknown,
  messageId: string,
  mail: Pick<DeliveryReport, 'typeId' | 'listUnsubscribe'>,
  now: Date,
): DeliveryReport[] {
  const subscription = valueAt(event, 'subscription');
  const before = offAt(valueAt(subscription, 'oldTopicPreferences'));
  const turnedOff = [...offAt(valueAt(subscription, 'newTopicPreferences'))].filter(
    (one) => !before.has(one),
  );
  const kind: ReportKind = turnedOff.length > 0 ? 'OPT_OUT' : 'NOTHING';
  const at = timeOf(textAt(subscription, 'timestamp'), now);
  const destinations = listAt(valueAt(event, 'mail'), 'destination');
  // The event names no recipient, so only a mail to one person tells who it was.
  const [address] = destinations;
  if (destinations.length !== 1 || typeof address !== 'string')
    return [{ id: messageId, kind: 'NOTHING', at }];
  return [{ id: messageId, kind, at, address, ...mail }];
}

/** The topics that preferences turn off; the empty name is for all. */
function offAt(preferences: unknown): ReadonlySet<string> {
  const topics = listAt(preferences, 'topicSubscriptionStatus').filter(
    (topic) => textAt(topic, 'subscriptionStatus') === 'OptOut',
  );
  const all = valueAt(preferences, 'unsubscribeAll') === true ? [''] : [];
  return new Set([...all, ...topics.map((topic) => textAt(topic, 'topicName') ?? '?')]);
}

/** The mail's tag `sayso_type`, of which SES gives a list of values. */
function mailTag(event: unknown): string | undefined {
  const values = valueAt(event, 'mail', 'tags', 'sayso_type');
  return Array.isArray(values) && typeof values[0] === 'string' ? values[0] : undefined;
}

/** SES gives the headers of the mail where it is asked to. */
function listUnsubscribeOf(event: unknown): string | undefined {
  const headers = listAt(valueAt(event, 'mail'), 'headers');
  return textAt(
    headers.find((one) => textAt(one, 'name')?.toLowerCase() === 'list-unsubscribe'),
    'value',
  );
}

function optional<Name extends string>(name: Name, value: string | undefined) {
  return value === undefined ? {} : { [name]: value };
}

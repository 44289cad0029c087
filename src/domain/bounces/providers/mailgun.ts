/** Mailgun: webhooks as JSON, and older ones as forms. The signature covers a time and a token, but not the body. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DeliveryReport, ReportKind } from '../../../vocabulary/bounces.js';
import { forged, jsonOf, textAt, timeOf, typeIdOf, unreadable, type BounceProvider } from './contract.js';

/**
 * A call is repeated for eight hours, and an outage may last longer. A token counts once and is kept for longer than this, so a late call is safe.
 */
const acceptedMs = { past: 3 * 86_400_000, future: 15 * 60_000 };

/** Mail ids and recipient of the examples that "Test webhook" sends. */
const testMessage = /^<?20130503\d{6}\./;
const testRecipient = 'alice@example.com';

export const mailgun: BounceProvider = {
  id: 'mailgun',
  name: 'Mailgun',
  key: {
    label: 'HTTP webhook signing key',
    hint: 'Mailgun shows it under API Security.',
    isRight: (text) => /^[\x21-\x7e]{16,200}$/.test(text),
  },
  steps: [
    'In Mailgun, open API Security, and copy the HTTP webhook signing key into the field below.',
    'Open Sending, Webhooks, choose the domain, and add the URL above.',
    'Choose Permanent Failure, Temporary Failure, Spam Complaints and Unsubscribes.',
  ],
  read: async ({ header, raw }, { key }, { now }) => {
    const body = await bodyOf(header('content-type') ?? '', raw);
    const { timestamp, token, signature } = signatureOf(body);
    if (key === null) throw forged('The endpoint has no signing key yet.');
    const right = createHmac('sha256', key)
      .update(timestamp + token)
      .digest();
    const given = Buffer.from(signature, 'hex');
    if (given.length !== right.length || !timingSafeEqual(given, right))
      throw forged('The signature is wrong.');
    const ageMs = now.getTime() - Number(timestamp) * 1000;
    // Mailgun sends a call again after 401.
    if (!(ageMs < acceptedMs.past && ageMs > -acceptedMs.future)) throw forged('The call is too old.');
    const event = body['event-data'] ?? body;
    const report = reportOf(event, now);
    return { reports: [report], once: { token, body: JSON.stringify(sorted(event)) } };
  },
};

type Body = Readonly<Record<string, unknown>>;

/** JSON, a urlencoded form, or a multipart form: all are treated alike. @throws DomainError `INVALID_FORM` */
async function bodyOf(contentType: string, raw: Buffer): Promise<Body> {
  if (/^application\/json\b/i.test(contentType)) return recordOf(jsonOf(raw.toString('utf8')));
  let fields: [string, unknown][];
  if (/^multipart\/form-data\b/i.test(contentType)) {
    try {
      const form = await new Response(new Uint8Array(raw), {
        headers: { 'content-type': contentType },
      }).formData();
      fields = [...form].filter(([, value]) => typeof value === 'string');
    } catch {
      throw unreadable('The form could not be read.');
    }
  } else fields = [...new URLSearchParams(raw.toString('utf8'))];
  const nested = (name: string, value: unknown) =>
    name === 'event-data' || (name === 'signature' && String(value).startsWith('{'));
  return Object.fromEntries(
    fields.map(([name, value]) => [name, nested(name, value) ? jsonOf(String(value)) : value]),
  );
}

function recordOf(value: unknown): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable('The body is not an event.');
  return Object.fromEntries(Object.entries(value));
}

/** In a group of their own, or among the fields of the event. */
function signatureOf(body: Body) {
  const from = typeof body['signature'] === 'object' ? body['signature'] : body;
  return {
    timestamp: textAt(from, 'timestamp') ?? '',
    token: textAt(from, 'token') ?? '',
    signature: textAt(from, 'signature') ?? '',
  };
}

/** The same event gives the same text, however its fields are ordered, without the parts of the signature. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'signature' && name !== 'token')
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

function reportOf(event: unknown, now: Date): DeliveryReport {
  const address = textAt(event, 'recipient');
  const name = textAt(event, 'event') ?? '';
  const timestamp = textAt(event, 'timestamp');
  const mailId = textAt(event, 'message', 'headers', 'message-id') ?? textAt(event, 'Message-Id') ?? '';
  const diagnostic =
    textAt(event, 'delivery-status', 'description') ||
    textAt(event, 'delivery-status', 'message') ||
    textAt(event, 'error') ||
    textAt(event, 'description');
  const status = textAt(event, 'delivery-status', 'enhanced-code');
  const type = textAt(event, 'user-variables', 'sayso_type') ?? textAt(event, 'sayso_type');
  return {
    id: textAt(event, 'id') ?? [name, mailId, address, timestamp].join(' '),
    ...kindOf(event, name),
    at: timeOf(timestamp, now),
    ...(address === undefined ? {} : { address }),
    ...(status === undefined ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...typeIdOf(type),
    ...(testMessage.test(mailId) && address === testRecipient ? { isTest: true } : {}),
  };
}

/** Codes of Mailgun's own lists: it did not send. */
const echoes: Readonly<Record<string, ReportKind>> = { 605: 'HARD', 606: 'OPT_OUT', 607: 'COMPLAINT' };
const echoReasons: Readonly<Record<string, ReportKind>> = {
  'suppress-bounce': 'HARD',
  'suppress-unsubscribe': 'OPT_OUT',
  'suppress-complaint': 'COMPLAINT',
};

function kindOf(event: unknown, name: string): Pick<DeliveryReport, 'kind' | 'isEcho'> {
  if (name === 'complained') return { kind: 'COMPLAINT' };
  if (name === 'unsubscribed') return { kind: 'OPT_OUT' };
  if (name !== 'failed' && name !== 'bounced' && name !== 'dropped') return { kind: 'NOTHING' };
  const code = textAt(event, 'delivery-status', 'code') ?? textAt(event, 'code') ?? '';
  const reason = textAt(event, 'reason') ?? '';
  const echo = Object.hasOwn(echoReasons, reason)
    ? echoReasons[reason]
    : Object.hasOwn(echoes, code)
      ? echoes[code]
      : undefined;
  if (echo) return { kind: echo, isEcho: true };
  if (name === 'bounced') return { kind: 'HARD' };
  if (name === 'dropped') return { kind: reason === 'hardfail' ? 'HARD' : 'SOFT' };
  if (textAt(event, 'severity') !== 'permanent') return { kind: 'SOFT' };
  if (reason !== 'generic') return { kind: reason === 'old' ? 'SOFT' : 'HARD' };
  const status = textAt(event, 'delivery-status', 'enhanced-code') ?? '';
  return { kind: /^5\.1\.\d/.test(status) ? 'HARD' : 'SOFT' };
}

/** Reads a delivery report (RFC 3464, RFC 6533) or a feedback report (RFC 5965) as a mail server sent it. */
import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { mostMailBytes } from './inbound.js';

/** What a delivery report says of one recipient. */
export interface ReportedDelivery {
  /** In lower case: `failed`, `delayed`, `delivered`, `relayed`, `expanded`. */
  action: string;
  status?: string;
  diagnostic?: string;
}

export interface MailReport {
  /** Its own `Message-ID`; absent if it has none. */
  id?: string;
  at?: Date;
  /** Headers that name the address to which it was sent. */
  recipients: string;
  deliveries: ReportedDelivery[];
  /** `Feedback-Type`, of a feedback report. */
  feedback?: string;
  /** Headers of the mail that it returns. */
  returned: { messageId?: string; listUnsubscribe?: string };
}

/**
 * Reads a report; any content is accepted.
 * @param raw the message (RFC 5322), or its beginning
 * @returns a report without deliveries and feedback for any other mail; null for one that cannot be parsed
 */
export async function readMailReport(raw: Uint8Array): Promise<MailReport | null> {
  let mail: Email;
  try {
    mail = await PostalMime.parse(raw.subarray(0, mostMailBytes), { forceRfc822Attachments: true });
  } catch {
    return null;
  }
  const part = (shape: RegExp) => textOf(mail.attachments.find(({ mimeType }) => shape.test(mimeType)));
  const [, ...deliveries] = fieldGroups(part(/^message\/(global-)?delivery-status$/i));
  const [feedback] = fieldGroups(part(/^message\/feedback-report$/i));
  const [returned] = fieldGroups(
    part(/^(message\/(rfc822|global)|text\/rfc822-headers|message\/global-headers)$/i),
  );
  const at = mail.date ? new Date(mail.date) : undefined;
  return {
    ...(mail.messageId ? { id: mail.messageId } : {}),
    ...(at && !Number.isNaN(at.getTime()) ? { at } : {}),
    recipients: mail.headers
      .filter(({ key }) => recipientHeaders.has(key))
      .map(({ value }) => value)
      .join('\n'),
    deliveries: deliveries.map((fields) => ({
      action: (fields.get('action') ?? '').toLowerCase(),
      ...optional('status', fields.get('status')),
      ...optional('diagnostic', fields.get('diagnostic-code')),
    })),
    ...optional('feedback', feedback?.get('feedback-type')),
    returned: {
      ...optional('messageId', returned?.get('message-id')),
      ...optional('listUnsubscribe', returned?.get('list-unsubscribe')),
    },
  };
}

const recipientHeaders: ReadonlySet<string> = new Set(['to', 'delivered-to', 'x-original-to', 'envelope-to']);

function textOf(attachment: Attachment | undefined): string {
  if (!attachment) return '';
  const { content } = attachment;
  return typeof content === 'string' ? content : Buffer.from(new Uint8Array(content)).toString('utf8');
}

/**
 * Groups of fields, with lower-case names: the first group is about the message, each other one about a recipient (RFC 3464, section 2.1). Of a field
 * that occurs twice the first counts.
 */
function fieldGroups(text: string): ReadonlyMap<string, string>[] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+/, '')
    .split(/\n[ \t]*\n+/)
    .map((group) => {
      const fields = new Map<string, string>();
      for (const line of group.replace(/\n[ \t]+/g, ' ').split('\n')) {
        const [, name = '', value = ''] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
        if (name && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
      }
      return fields;
    })
    .filter((fields) => fields.size > 0);
}

function optional<Name extends string>(name: Name, value: string | undefined) {
  return value ? ({ [name]: value } as Record<Name, string>) : {};
}

/** What the entry points for a mail server share: reading the beginning of a mail, and taking a report. */
import type { Request } from 'express';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';

/** The beginning of a body. The rest of a large mail is read and discarded, so that its server gets the answer. */
export async function beginningOfMail(request: Request): Promise<Buffer> {
  const { mostMailBytes } = await import('../mail/inbound.js');
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      if (size < mostMailBytes) chunks.push(Buffer.from(chunk));
      size += chunk.length;
    }
  } catch (cause) {
    throw new DomainError('INVALID_FORM', 'The mail broke off.', { cause });
  }
  return Buffer.concat(chunks).subarray(0, mostMailBytes);
}

/** Whether the header of a mail looks like a report, or its recipient like the envelope sender of the portal's mails. */
export function looksLikeReport(raw: Buffer): boolean {
  const head = raw.subarray(0, 16_384).toString('latin1');
  const end = head.search(/\r?\n\r?\n/);
  const headers = (end < 0 ? head : head.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  return (
    /^content-type:\s*multipart\/report\b/im.test(headers) ||
    /^(to|delivered-to|x-original-to|envelope-to):.*\bb\+[0-9a-f]{60}@/im.test(headers)
  );
}

/** Records a report that a mail server passed on. Its code is loaded by the first one. */
export async function takeMailReport(deps: Deps, raw: Buffer): Promise<void> {
  const [{ readMailReport }, { recordMailReport }] = await Promise.all([
    import('../mail/read-report.js'),
    import('../domain/bounces/record-mail-report.js'),
  ]);
  const isOurs = await recordMailReport(deps, await readMailReport(raw), raw);
  if (!isOurs) deps.log.info('a report about another mail was counted');
}

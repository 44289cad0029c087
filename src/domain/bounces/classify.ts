/** What a status code and a kind of feedback mean (RFC 3463, RFC 5965). */
import type { DeliveryReport, ReportKind } from '../../vocabulary/bounces.js';

/** RFC 3463 and RFC 7505: the address does not exist, has moved, takes no mail, or its mailbox is disabled. */
const hardStatuses: ReadonlySet<string> = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);

/** Every other failure may pass: a full mailbox, a large mail, a policy. */
export function kindOfStatus(status: string | undefined): 'HARD' | 'SOFT' {
  return status !== undefined && hardStatuses.has(status) ? 'HARD' : 'SOFT';
}

/** Feedback that does not count as a complaint: "this is not spam" (RFC 6430), and reports about authentication. */
const noComplaints: ReadonlySet<string> = new Set(['not-spam', 'auth-failure', 'dmarc']);

/** @param feedback `Feedback-Type` of RFC 5965; absent where the provider does not say */
export function kindOfFeedback(feedback: string | null | undefined): ReportKind {
  return noComplaints.has(feedback?.trim().toLowerCase() ?? '') ? 'NOTHING' : 'COMPLAINT';
}

/** The most exact status code: of the field, or of the server's own words if the field is general (`5.0.0`). */
export function statusOf(field: string | undefined, diagnostic: string | undefined): string | undefined {
  const own = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(field ?? '')?.[0];
  if (own !== undefined && !/\.0\.0$/.test(own)) return own;
  // After a reply code or a number sign, so that an IP address in the text is not read as a code.
  const said =
    /(?:^|[\s#(:])[45]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})(?![.\d])|#([245]\.\d{1,3}\.\d{1,3})(?![.\d])/.exec(
      diagnostic ?? '',
    );
  return said?.[1] ?? said?.[2] ?? own;
}

/** Policy (RFC 3463, section 3.8): about the sender or the content, and never about the address. */
export function isPolicy(status: string | undefined): boolean {
  return /^[45]\.7\./.test(status ?? '');
}

/** The report with the most exact status. A refusal for policy is never hard, whatever the provider calls it. */
export function classified(report: DeliveryReport): DeliveryReport {
  const exact = statusOf(report.status, report.diagnostic);
  const said = statusOf(undefined, report.diagnostic);
  const status = isPolicy(said) ? said : exact;
  return {
    ...report,
    ...(status === undefined ? {} : { status }),
    kind: report.kind === 'HARD' && isPolicy(status) ? 'SOFT' : report.kind,
  };
}

/** Records a report that arrived by mail, if it is about a mail with a token of this portal. Anybody can mail a report, so no other one counts. */
import { createHash } from 'node:crypto';
import type { Config } from '../../config.js';
import type { DeliveryReport, ReportKind } from '../../vocabulary/bounces.js';
import type { Models } from '../../models/index.js';
import { reading } from '../consent/durability.js';
import { subscriberOfBounceAddress } from './bounce-address.js';
import { kindOfFeedback, kindOfStatus, statusOf } from './classify.js';
import { countReports } from './endpoints.js';
import { claimsOf, type LinkDeps } from './link-claims.js';
import { recordReports, type Receiver, type ReportingDeps } from './record-reports.js';

/** A report as `readMailReport` reads it. */
export interface ReadReport {
  id?: string;
  at?: Date;
  recipients: string;
  deliveries: readonly { action: string; status?: string; diagnostic?: string }[];
  feedback?: string;
  returned: { messageId?: string; listUnsubscribe?: string };
}

export type MailReportDeps = ReportingDeps &
  LinkDeps & { models: Pick<Models, 'mails'>; config: Pick<Config, 'subscriberIdKey'> };

/** Reports by mail have no unit: a mail server serves all of them. */
const receiver: Receiver = { id: 'mime', provider: 'mime', unitId: null, ref: 'mail' };

/** The order in which reports about several recipients count. */
const gravity: readonly ReportKind[] = ['NOTHING', 'SOFT', 'HARD'];

/**
 * Records it, durably. The same report again changes nothing.
 * @param raw the mail, whose hash is its id if it has none
 * @returns whether the report is about a mail with a token of this portal
 */
export async function recordMailReport(
  deps: MailReportDeps,
  report: ReadReport | null,
  raw: Uint8Array,
): Promise<boolean> {
  const now = deps.clock();
  const subscriberId = report && (await subscriberOf(deps, report));
  if (!report || subscriberId === null) {
    await countReports(deps, receiver, { NOT_OURS: 1 }, now);
    return false;
  }
  const id = report.id ?? createHash('sha256').update(raw).digest('base64url');
  const at = report.at && report.at < now ? report.at : now;
  await recordReports(deps, receiver, [{ ...whatItSays(report), id, at, subscriberId }]);
  return true;
}

async function subscriberOf(deps: MailReportDeps, report: ReadReport): Promise<string | null> {
  const { messageId, listUnsubscribe } = report.returned;
  const byAddress = subscriberOfBounceAddress(deps.config, report.recipients);
  if (byAddress !== null) return byAddress;
  const claims = listUnsubscribe === undefined ? null : await claimsOf(deps, listUnsubscribe);
  if (claims) return claims.subscriberId;
  if (messageId === undefined) return null;
  const mail = await reading(() => deps.models.mails.findOne({ messageId }, { subscriberId: 1 }).lean());
  return mail?.subscriberId ?? null;
}

function whatItSays({
  deliveries,
  feedback,
}: ReadReport): Pick<DeliveryReport, 'kind' | 'status' | 'diagnostic'> {
  if (feedback !== undefined) return { kind: kindOfFeedback(feedback) };
  // A token names one subscriber, so of several recipients the gravest failure counts.
  return deliveries
    .map(({ action, status, diagnostic }) => {
      const exact = statusOf(status, diagnostic);
      return {
        kind: action === 'failed' ? kindOfStatus(exact) : ('NOTHING' as const),
        ...(exact === undefined ? {} : { status: exact }),
        ...(diagnostic === undefined ? {} : { diagnostic }),
      };
    })
    .reduce<Pick<DeliveryReport, 'kind' | 'status' | 'diagnostic'>>(
      (worst, one) => (gravity.indexOf(one.kind) > gravity.indexOf(worst.kind) ? one : worst),
      { kind: 'NOTHING' },
    );
}

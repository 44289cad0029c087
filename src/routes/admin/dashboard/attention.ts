/** The open tasks of a user: each in one sentence, with a link. */
import mongoose from 'mongoose';
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { endpointsWithin } from '../../../domain/bounces/endpoints.js';
import { readFeedStatus } from '../../../feed/status.js';
import { readWarnings } from '../../../domain/counts/report.js';
import { shareOf, type MarketingState } from '../../../domain/marketing/usage.js';
import { needsAttention } from '../../../domain/sources/runs.js';
import { sourcesWithin } from '../../../domain/sources/sources.js';
import { findFailing } from '../../../domain/workflows/history.js';
import { mayRole } from '../../../vocabulary/access.js';
import { findJobs, type JobState } from '../../../models/job.js';
import type { Source } from '../../../models/source.js';
import type { MailState } from '../../../models/mail.js';
import type { DashboardPage } from '../../../views/admin-dashboard-page.js';
import type { Ask } from '../route.js';
import { addDays, dayIn } from '../../../vocabulary/time-zones.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { counted } from '../../../vocabulary/words.js';

type Attention = DashboardPage['attention'];

/** Above this number the count is "20+", and the query stops too. */
const most = 20;
const weekMs = 7 * 86_400_000;
const mostMinutesBehind = 10;

export interface JobTotals {
  RUNNING: number;
  QUEUED: number;
  WAITING: number;
  DEAD: number;
}

export async function countJobs(deps: Deps, { scope }: Ask): Promise<JobTotals> {
  const count = async (state: JobState) =>
    (await findJobs(deps.models, { scope, state, limit: most + 1 })).length;
  const [RUNNING, QUEUED, WAITING, DEAD] = await Promise.all(
    (['RUNNING', 'QUEUED', 'WAITING', 'DEAD'] as const).map(count),
  );
  return { RUNNING: RUNNING ?? 0, QUEUED: QUEUED ?? 0, WAITING: WAITING ?? 0, DEAD: DEAD ?? 0 };
}

/** "3", or "20+" */
export function upToMost(n: number): string {
  return n > most ? `${most}+` : String(n);
}

/** @param unitIds units of the page; null for all */
export async function attentionOf(
  deps: Deps,
  ask: Ask,
  about: { unitIds: readonly number[] | null; jobs: JobTotals; marketing: MarketingState | null },
): Promise<Attention> {
  const { jobs, marketing, unitIds } = about;
  const now = deps.clock();
  const today = dayIn(now, ask.zone);
  const { units } = await deps.catalogue();
  const mails = async (state: MailState) =>
    deps.models.mails
      .find(
        {
          state,
          dueAt: mongoose.trusted({ $gte: new Date(now.getTime() - weekMs) }),
          ...(unitIds ? { unitId: mongoose.trusted({ $in: [...unitIds] }) } : {}),
        },
        { _id: 1 },
      )
      .limit(most + 1)
      .lean();
  const [failed, unknown, sources, failing, endpoints, warnings] = await Promise.all([
    mails('FAILED'),
    mails('UNKNOWN'),
    sourcesWithin(deps, ask.scope),
    findFailing(deps, ask.scope),
    endpointsWithin(deps, ask.scope),
    readWarnings(deps.models, { from: addDays(today, -29), to: today, unitIds }),
  ]);
  const isShown = ({ unitId }: { unitId: number | null }) => unitId === null || isInScope(unitIds, unitId);
  const stuck = sources.filter((one) => needsAttention(one) && isShown(one));
  const refused = endpoints.filter(
    (one) => isShown(one) && one.problem && now.getTime() - one.problem.at.getTime() < weekMs,
  );
  const silent = [...units.values()].filter(
    ({ id, senderAddress }) => isInScope(unitIds, id) && !senderAddress,
  );
  const isUnlimited = ask.scope === null;
  const share = marketing?.last ? shareOf(marketing.last.marketing, marketing.settings.limit) : null;
  const mayChange = mayRole(ask.user.role, 'settings.change');
  const mayRead = mayRole(ask.user.role, 'settings.read');
  const behind = isUnlimited ? await minutesBehind(deps) : null;
  const all: (Attention[number] | false)[] = [
    isUnlimited &&
      units.size === 0 && {
        text: 'There is no business unit yet, so contacts cannot subscribe to anything.',
        ...(mayChange ? { href: adminPaths.newUnit(), link: 'Create the first one' } : {}),
        tone: 'warn',
      },
    jobs.DEAD > 0 && {
      strong: upTo(jobs.DEAD, 'job', 'jobs'),
      text: 'failed after several attempts.',
      href: adminPaths.jobs('state=DEAD'),
      link: 'Look at them',
      tone: 'stop',
    },
    jobs.WAITING > 0 && {
      strong: upTo(jobs.WAITING, 'job', 'jobs'),
      text: `${jobs.WAITING === 1 ? 'waits' : 'wait'} for confirmation.`,
      href: adminPaths.jobs('state=WAITING'),
      link: 'Look at them',
      tone: 'warn',
    },
    ...failing.map(({ _id, name, count }) => ({
      text: `A step of the workflow “${name}” fails for ${count} ${count === '1' ? 'contact' : 'contacts'}. It is tried again until it succeeds.`,
      ...{ href: adminPaths.workflowHistory(_id, { mark: 'failing:' }), link: 'Look at them' },
      tone: 'warn' as const,
    })),
    ...stuck.map((one) => ofSource(one, mayRead)),
    ...refused.map(({ _id, provider }) => ({
      strong: `A call of ${provider}`,
      text: 'was refused in the last seven days. Its bounces and complaints may be missing.',
      ...(mayRead ? { href: adminPaths.bounceEndpoint(_id), link: 'See why' } : {}),
      tone: 'warn' as const,
    })),
    ...silent.map(({ id, name }) => ({
      strong: name,
      text: 'has no sender address, so no mail about its subscription types can be sent.',
      ...(mayRead ? { href: adminPaths.unit(id), link: 'Business unit' } : {}),
      tone: 'stop' as const,
    })),
    behind !== null && {
      strong: `The counts are ${counted(behind, 'minute')} behind.`,
      text: 'A worker counts what happened. It is stopped, or it has much to do.',
      tone: 'warn',
    },
    failed.length > 0 && {
      text: `${upTo(failed.length, 'mail', 'mails')} of the last seven days could not be delivered.`,
      tone: 'stop',
    },
    unknown.length > 0 && {
      text: `Of ${upTo(unknown.length, 'mail', 'mails')} of the last seven days it is unknown whether it arrived: the mail server did not answer.`,
      tone: 'warn',
    },
    share !== null &&
      share >= 80 && {
        strong: `${share} % of the marketing contacts`,
        text: 'in your plan are in use. Nothing is blocked.',
        href: adminPaths.marketing(),
        link: 'Usage and limits',
        tone: share >= 100 ? 'stop' : 'warn',
      },
    warnings.machineMade > 0 && {
      text: `${counted(warnings.machineMade, 'opt-out')} of the last thirty days may have been made by a machine, such as a link scanner.`,
      href: adminPaths.machineOptOuts(),
      link: 'Look at them',
      tone: 'warn',
    },
    warnings.unreadableMails > 0 && {
      text: `${counted(warnings.unreadableMails, 'unsubscribe mail')} of the last thirty days could not be read. The senders may still be subscribed: look for the mails in the inbox of ${deps.config.unsubscribeMailto}, and opt the senders out by hand.`,
      tone: 'stop',
    },
    isUnlimited &&
      !deps.config.smtpUrl && {
        text: 'No mail server is configured: mails are written to a folder and not sent.',
        ...(mayRead ? { href: adminPaths.mail(), link: 'Mail server' } : {}),
        tone: 'warn',
      },
    isUnlimited &&
      deps.config.environment === 'production' &&
      !deps.config.baseUrl.startsWith('https://') && {
        text: 'BASE_URL is not https, so links carry their tokens without encryption.',
        tone: 'stop',
      },
  ];
  return all.filter((one) => one !== false);
}

/** How long the oldest act has waited to be counted, in whole minutes; null if that is normal. */
async function minutesBehind(deps: Deps): Promise<number | null> {
  const { unpublishedSeconds, lagSeconds } = await readFeedStatus(deps);
  const minutes = Math.floor(Math.max(unpublishedSeconds, lagSeconds['counts'] ?? 0) / 60);
  return minutes >= mostMinutesBehind ? minutes : null;
}

function ofSource({ _id, name, lastRun }: Source, mayOpen: boolean): Attention[number] {
  const what =
    lastRun?.outcome === 'HELD'
      ? 'fetched a list that has shrunk by more than half. Nothing changes until it is accepted.'
      : 'failed three times or more. Some people on its list may not be opted out yet.';
  return {
    text: `The scheduled source “${name}” ${what}`,
    ...(mayOpen ? { href: adminPaths.source(_id), link: 'Look at it' } : {}),
    tone: 'stop',
  };
}

function upTo(n: number, one: string, many: string): string {
  return `${upToMost(n)} ${n === 1 ? one : many}`;
}

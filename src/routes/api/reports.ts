/** Bounces and complaints that another system reports. */
import type { Deps } from '../../deps.js';
import { kindOfFeedback } from '../../domain/bounces/classify.js';
import { recordReports } from '../../domain/bounces/record-reports.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import type { DeliveryReport } from '../../vocabulary/bounces.js';
import type { Answer, Named } from './operation.js';

interface Reported {
  address: string;
  id?: string | undefined;
  at?: string | undefined;
  status?: string | undefined;
  diagnostic?: string | undefined;
}

type Input = Omit<DeliveryReport, 'id' | 'at'> & { id: string | undefined; at: string | undefined };

export function takeBounces(
  deps: Deps,
  caller: ApiCaller,
  {
    body: { inputs },
    callId,
  }: { body: { inputs: readonly (Reported & { kind: 'HARD' | 'SOFT' })[] } } & Named,
): Promise<Answer> {
  const reports = inputs.map(({ address, kind, id, at, ...more }) => ({
    ...{ address, kind, id, at },
    ...present(more),
  }));
  return takeReports(deps, caller, { inputs: reports, callId });
}

export function takeComplaints(
  deps: Deps,
  caller: ApiCaller,
  {
    body: { inputs },
    callId,
  }: { body: { inputs: readonly (Reported & { feedbackType?: string | undefined })[] } } & Named,
): Promise<Answer> {
  const reports = inputs.map(({ address, id, at, feedbackType, ...more }) => ({
    ...{ address, id, at, kind: kindOfFeedback(feedbackType) },
    ...present(more),
  }));
  return takeReports(deps, caller, { inputs: reports, callId });
}

/**
 * Records the reports. The result says of each whether it was recorded, and nothing about the address: a key of one business unit must not learn what
 * others know.
 */
async function takeReports(
  deps: Deps,
  caller: ApiCaller,
  { inputs, callId }: { inputs: readonly Input[] } & Named,
): Promise<Answer> {
  const now = deps.clock();
  const reports = inputs.map(({ id, at, ...report }, place) => ({
    ...report,
    // Each key has ids of its own.
    id: [caller.id, id ?? [at ?? `${callId}:${place}`, report.kind, report.address].join(' ')].join(' '),
    at: at === undefined || new Date(at) > now ? now : new Date(at),
  }));
  const receiver = { id: 'api', provider: 'api', unitId: null, ref: caller.ref };
  const results = await recordReports(deps, receiver, reports);
  return { body: { results: results.map((status) => ({ status })) } };
}

/** Without the fields that are absent. */
function present({ status, diagnostic }: { status?: string | undefined; diagnostic?: string | undefined }) {
  return { ...(status === undefined ? {} : { status }), ...(diagnostic === undefined ? {} : { diagnostic }) };
}

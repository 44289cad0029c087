/** Words of the pages about endpoints that receive bounces and complaints. */
import { providerOf } from '../../../domain/bounces/providers/registry.js';
import type { ReportEndpoint } from '../../../models/report-endpoint.js';
import type { State } from '../../../views/admin-frame.js';
import type { Fact } from '../../../views/admin-form-page.js';
import { countedReports, type CountedReport } from '../../../vocabulary/bounces.js';
import { figure } from '../../../vocabulary/words.js';

const countWords: Readonly<Record<CountedReport, string>> = {
  HARD: 'Hard bounces',
  SOFT: 'Soft bounces',
  COMPLAINT: 'Complaints',
  OPT_OUT: 'Unsubscribes',
  ECHO: 'Not sent by the provider',
  NOTHING: 'Without effect',
  TEST: 'Test events',
  NOT_OURS: 'Not ours',
};

const notes: Partial<Record<CountedReport, string>> = {
  ECHO: 'The address was on the provider’s own list.',
  NOT_OURS: 'Reports without a token of this portal. They change nothing.',
};

/** Number of events by kind, without kinds that never occurred. */
export function countFacts({ counts }: Pick<ReportEndpoint, 'counts'>): Fact[] {
  return countedReports.flatMap((kind) => {
    const number = counts[kind] ?? 0;
    const note = notes[kind];
    return number === 0 ? [] : [{ term: countWords[kind], text: figure(number), ...(note ? { note } : {}) }];
  });
}

/** "SendGrid", "API" */
export function endpointName({ provider }: Pick<ReportEndpoint, 'provider'>): string {
  return provider === 'api' ? 'API' : (providerOf(provider)?.name ?? provider);
}

/** Whether the endpoint accepts events. */
export function endpointState({
  provider: id,
  key,
  topics,
  lastEventAt,
}: Pick<ReportEndpoint, 'provider' | 'key' | 'topics' | 'lastEventAt'>): State {
  const provider = providerOf(id);
  if (provider?.key && key === null) return { tone: 'wait', words: 'Key is missing' };
  if (provider?.topics && topics.length === 0) return { tone: 'wait', words: 'Topic is missing' };
  return lastEventAt ? { tone: 'in', words: 'Receives events' } : { tone: 'none', words: 'No event yet' };
}

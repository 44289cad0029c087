/** What scheduled sources need, and the name of their job. */
import type { Config } from '../../config.js';
import type { ImportDeps } from '../imports/contract.js';

export interface SourceDeps extends ImportDeps {
  config: Pick<Config, 'subscriberIdKey' | 'privateSources'>;
}

/** The name of the kind of job that fetches and checks a list. */
export const sourceJob = 'SOURCE_FETCH';

export const sourceJobId = (importId: string) => `${sourceJob}:${importId}`;

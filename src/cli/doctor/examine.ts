/** Everything the doctor looks at, in order; each part goes on where another failed. */
import type { Connection } from 'mongoose';
import { isExampleAddress } from '../../config.js';
import type { Config } from '../../config.js';
import { domainOf } from '../../dkim-keys.js';
import { DomainError } from '../../errors.js';
import { createModels } from '../../models/index.js';
import type { Models } from '../../models/index.js';
import { sentenceOn } from '../base-url.js';
import type { BaseUrlAnswer } from '../base-url.js';
import { examineDatabase } from './database.js';
import { describeError, fault, hint, ok } from './finding.js';
import type { Finding } from './finding.js';
import { examineKeys } from './keys.js';
import { examineDomain, examineSmtp, examineUnusedKeys } from './mail.js';
import type { ResolveTxt } from './mail.js';

export interface DoctorDeps {
  config: Config;
  /** Opens the database; the doctor closes it. */
  open: () => Promise<Connection>;
  resolveTxt: ResolveTxt;
  /** Who answers at BASE_URL. */
  askBaseUrl: (baseUrl: string, installation: string) => Promise<BaseUrlAnswer>;
  clock: () => Date;
}

/** Findings as they come, so that a slow one does not hold back what is known already. */
export async function* examine(deps: DoctorDeps): AsyncGenerator<Finding> {
  const { config } = deps;
  yield examineBaseUrl(config);
  yield* examineKeys(config.tokenKeysFile);
  const domains = new Set<string>();
  yield* examineOpenDatabase(deps, domains);
  yield* examineSmtp(config);
  yield examineUnsubscribeMailto(config);
  for (const domain of domains) yield* examineDomain(deps, { domain, dkimKeys: config.dkimKeys });
  if (domains.size > 0) yield* examineUnusedKeys(domains, config.dkimKeys);
}

function examineBaseUrl({ baseUrl, environment }: Config): Finding {
  if (baseUrl.startsWith('https://')) return ok('base url', baseUrl);
  const sentence = `${baseUrl} is not https: links would carry tokens in the clear`;
  return environment === 'production'
    ? fault('base url', sentence)
    : hint('base url', `${sentence}; right for development only`);
}

/** In production the configuration refuses it. */
function examineUnsubscribeMailto({ unsubscribeMailto }: Config): Finding {
  return isExampleAddress(unsubscribeMailto)
    ? hint(
        'unsubscribe mail',
        'UNSUBSCRIBE_MAILTO is still an example that reaches no mailbox: production refuses it; set the address that takes unsubscribe mails',
      )
    : ok('unsubscribe mail', 'UNSUBSCRIBE_MAILTO is no example');
}

/** Another portal is a fault; where nothing or something else answers, a proxy may be the reason. */
async function examineWhereLinksLead(deps: DoctorDeps, models: Models): Promise<Finding> {
  const { baseUrl } = deps.config;
  const about = 'links lead';
  const kept = await models.settings.findById('installation').lean();
  if (!kept) return hint(about, 'no portal has started on this database yet: start one, and ask again');
  const answer = await deps.askBaseUrl(baseUrl, String(kept.value));
  if (answer === 'OWN') return ok(about, `to this installation, at ${baseUrl}`);
  const sentence = sentenceOn(answer, baseUrl);
  if (answer === 'OTHER_INSTALLATION') return fault(about, sentence);
  return hint(about, answer === 'REFUSED' ? `${sentence}, or where no portal runs` : sentence);
}

/** @param domains filled with the senders' domains of the units, for the look at DNS afterwards */
async function* examineOpenDatabase(deps: DoctorDeps, domains: Set<string>): AsyncGenerator<Finding> {
  let connection: Connection | undefined;
  try {
    connection = await deps.open();
    const models = createModels(connection);
    yield* examineDatabase({ config: deps.config, connection, models, clock: deps.clock });
    yield await examineWhereLinksLead(deps, models);
    const units = await models.units.find({}, { senderAddress: 1 }).lean();
    if (units.length === 0)
      yield hint('business units', 'none yet: sayso catalogue import (sayso catalogue example shows a file)');
    for (const { senderAddress } of units) domains.add(domainOf(senderAddress));
  } catch (error) {
    const { message } = describeError(error);
    const isToldAlready = error instanceof DomainError;
    yield fault(
      'database',
      isToldAlready ? message : `${message}: see that it runs, and that MONGODB_URI names it`,
    );
  } finally {
    await connection?.close();
  }
}

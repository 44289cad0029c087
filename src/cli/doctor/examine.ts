/** All checks of the doctor, in order. Each part runs even if another failed. */
import type { Connection } from 'mongoose';
import { isExampleAddress, type Config } from '../../config.js';
import { domainOf } from '../../dkim-keys.js';
import { DomainError } from '../../errors.js';
import { createModels } from '../../models/index.js';
import { examineDatabase } from './database.js';
import { fault, hint, ok, type Finding } from './finding.js';
import { examineBaseUrl, examineFront, type AskBaseUrl } from './front.js';
import { examineKeys } from './keys.js';
import {
  examineBounceDomain,
  examineDomain,
  examineSmtp,
  examineUnusedKeys,
  type ResolveMx,
  type ResolveTxt,
} from './mail.js';
import { describeError } from '../../log.js';

export interface DoctorDeps {
  config: Config;
  /** Opens the database; the doctor closes it. */
  open: () => Promise<Connection>;
  resolveTxt: ResolveTxt;
  resolveMx: ResolveMx;
  askBaseUrl: AskBaseUrl;
  clock: () => Date;
}

/** Yields findings as they come, so that a slow check does not delay earlier results. */
export async function* examine(deps: DoctorDeps): AsyncGenerator<Finding> {
  const { config } = deps;
  yield examineBaseUrl(config);
  yield* examineKeys(config.tokenKeysFile);
  const domains = new Set<string>();
  yield* examineOpenDatabase(deps, domains);
  yield* examineSmtp(config);
  yield examineUnsubscribeMailto(config);
  yield* examineBounceDomain(deps, config);
  for (const domain of domains) yield* examineDomain(deps, { domain, dkimKeys: config.dkimKeys });
  if (domains.size > 0) yield* examineUnusedKeys(domains, config.dkimKeys);
}

/** In production the configuration refuses it. */
function examineUnsubscribeMailto({ unsubscribeMailto }: Config): Finding {
  return isExampleAddress(unsubscribeMailto)
    ? hint(
        'unsubscribe mail',
        'UNSUBSCRIBE_MAILTO is still an example that reaches no mailbox: production refuses it; set the address that takes unsubscribe mails',
      )
    : ok('unsubscribe mail', 'UNSUBSCRIBE_MAILTO is not an example');
}

/** @param domains filled with the sender domains of the units, for the DNS check afterwards */
async function* examineOpenDatabase(deps: DoctorDeps, domains: Set<string>): AsyncGenerator<Finding> {
  let connection: Connection | undefined;
  try {
    connection = await deps.open();
    const models = createModels(connection);
    yield* examineDatabase({ config: deps.config, connection, models, clock: deps.clock });
    yield* examineFront(deps, models);
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

/** Everything needed to send mails, on the tests' database: the demonstration's units and types, real keys, a real SMTP server. */
import type { Connection } from 'mongoose';
import pino from 'pino';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { catalogueOf } from '../../src/domain/consent/catalogue.js';
import type { PendingWish } from '../../src/vocabulary/terms.js';
import type { JobDeps } from '../../src/jobs/job-deps.js';
import type { SendingDeps } from '../../src/jobs/send-mails.js';
import { messageWriter } from '../../src/mail/message.js';
import { queueMail } from '../../src/mail/queue.js';
import { openSmtp } from '../../src/mail/transport.js';
import { noMetrics } from '../../src/metrics.js';
import { createModels } from '../../src/models/index.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { createViews } from '../../src/views/render.js';
import { keyFileOf, tokensOf } from './key-file.js';
import { keyOfTheTests } from './kept-log.js';
import { openMailbox } from './mailbox.js';
import type { Mailbox } from './mailbox.js';
import { types, units } from './people.js';

export const subscriberIds = subscriberIdsOf('a key of thirty-two bytes or more, for tests');

export interface Sending extends SendingDeps, Pick<JobDeps, 'rereadCatalogue'> {
  config: SendingDeps['config'] & JobDeps['config'];
  box: Mailbox;
  subscriberIds: typeof subscriberIds;
  stop(): Promise<void>;
}

/** @param box the mail server, when another process has already opened one */
export async function openSending(connection: Connection, given?: Mailbox): Promise<Sending> {
  const models = createModels(connection);
  await models.mails.createIndexes();
  const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
  const box = given ?? (await openMailbox());
  const transport = openSmtp(box.url, { dialogueMs: 2000 });
  const config = {
    baseUrl: 'https://preferences.example.com',
    unsubscribeMailto: 'leave@example.com',
    mailsPerAddressPerDay: 3,
    subscriberIdKey: keyOfTheTests,
    bounceDomain: undefined,
    privateSources: [],
  };
  const catalogue = catalogueOf([...units], [...types], true);
  const clock = () => new Date();
  return {
    models,
    tokens,
    config,
    clock,
    box,
    transport,
    subscriberIds,
    views: createViews(),
    writeMessage: messageWriter({ ...config, dkimKeys: [] }),
    log: pino({ level: 'silent' }),
    metrics: noMetrics,
    catalogue: async () => catalogue,
    rereadCatalogue: async () => catalogue,
    queueConfirmation: async ({ pendingId, ...pending }) => {
      const id = `CONFIRMATION:${pendingId}`;
      await queueMail(
        { models, clock },
        { ...pending, id, kind: 'CONFIRMATION', pendingId, queuedBy: 'test' },
      );
    },
    async stop() {
      transport.stop();
      tokens.stop();
      if (!given) await box.stop();
    },
  };
}

/** Creates a subscriber for an address, and returns its id. */
export async function subscribe(
  sending: Sending,
  address: string,
  more: { locale?: string; pending?: PendingWish[]; epoch?: number } = {},
): Promise<string> {
  const id = subscriberIds('EMAIL', address);
  await sending.models.subscribers.collection.insertOne({
    ...newSubscriber(id, 'EMAIL', address, sending.clock()),
    ...more,
  } as never);
  return id;
}

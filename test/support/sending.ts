/** Everything needed to send mails, on the tests' database: the demonstration's units and types, real keys, a real SMTP server. */
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
import type { Models } from '../../src/models/index.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { createViews } from '../../src/views/render.js';
import { closeAfterwards } from './close-afterwards.js';
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
}

export async function openSending(models: Models): Promise<Sending> {
  const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
  const box = await openMailbox();
  const transport = openSmtp(box.url, { dialogueMs: 2000 });
  closeAfterwards(() => transport.stop());
  return { ...(await sendingWith(models, { tokens, transport })), box };
}

/** The same in a process of its own, which closes what it opens. */
export async function sendingWith(
  models: Models,
  { tokens, transport }: Pick<Sending, 'tokens' | 'transport'>,
): Promise<Omit<Sending, 'box'>> {
  await models.mails.createIndexes();
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

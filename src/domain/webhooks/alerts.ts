/** Tells staff by mail that an endpoint fails. */
import { trusted } from 'mongoose';
import { adminPaths } from '../../admin-paths.js';
import type { Config } from '../../config.js';
import type { Logger } from '../../log.js';
import type { WriteMessage } from '../../mail/message.js';
import type { MailTransport } from '../../mail/transport.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { mayRole } from '../../vocabulary/access.js';
import { isWithin } from '../../vocabulary/scope.js';
import type { Views } from '../../views/contract.js';
import type { BusinessUnit, Catalogue } from '../../vocabulary/terms.js';
import type { DeliveryDeps } from './deliver.js';

export interface WebhookDeps extends DeliveryDeps {
  config: Pick<Config, 'subscriberIdKey' | 'privateSources' | 'baseUrl'>;
  catalogue: () => Promise<Catalogue>;
  views: Pick<Views, 'mail'>;
  writeMessage: WriteMessage;
  transport: MailTransport;
  log: Pick<Logger, 'warn'>;
}

/** Another worker tries after this, in case the one that took the alert was killed. */
const takenMs = 10 * 60_000;

const words = {
  FAILING: {
    heading: 'A webhook endpoint fails',
    sentences: ['A delivery was given up after ten attempts over three days. Later events are still tried.'],
  },
  GONE: {
    heading: 'A webhook endpoint is gone',
    sentences: ['It answered with 410 Gone, so nothing is sent to it any more. Its events are kept.'],
  },
} as const;

/** Mails each administrator who reaches the endpoint. An alert is repeated until a mail was accepted. */
export async function tellStaff(deps: WebhookDeps, endpoints: readonly WebhookEndpoint[]): Promise<void> {
  const now = deps.clock();
  for (const { _id, name, unitIds, alert } of endpoints) {
    if (!alert || alert.dueAt > now) continue;
    const later = { ...alert, dueAt: new Date(now.getTime() + takenMs) };
    const which = { _id, 'alert.dueAt': alert.dueAt };
    const taken = await deps.models.webhookEndpoints.updateOne(which, { $set: { alert: later } });
    if (taken.modifiedCount === 0) continue;
    const [unit] = [...(await deps.catalogue()).units.values()].filter(
      ({ id }) => unitIds?.includes(id) ?? true,
    );
    const users = await administratorsOf(deps.models, unitIds);
    if (unit && !(await mailAll(deps, { users, unit, name, id: _id, alert }))) continue;
    await deps.models.webhookEndpoints.updateOne(
      { _id, 'alert.dueAt': later.dueAt },
      { $set: { alert: null } },
    );
  }
}

async function administratorsOf({ users }: Pick<Models, 'users'>, unitIds: number[] | null): Promise<User[]> {
  const roles = (['admin', 'marketer', 'support', 'auditor'] as const).filter((role) =>
    mayRole(role, 'settings.change'),
  );
  const found = await users.find({ isActive: true, role: trusted({ $in: roles }) }).lean<User[]>();
  return found.filter((user) => isWithin(unitIds, user.unitIds));
}

/** @returns false if every mail server refused for now */
async function mailAll(
  { views, writeMessage, transport, clock, config, log }: WebhookDeps,
  about: {
    users: readonly User[];
    unit: BusinessUnit;
    name: string;
    id: string;
    alert: NonNullable<WebhookEndpoint['alert']>;
  },
): Promise<boolean> {
  const { users, unit, name, id, alert } = about;
  const { heading, sentences } = words[alert.what];
  const subject = `${heading}: ${name}`;
  let isRefused = false;
  for (const user of users) {
    const { html, text } = views.mail({
      ...{ subject, heading, sentences: [...sentences] },
      button: { label: 'Open the endpoint', url: config.baseUrl + adminPaths.webhook(id) },
      small: [`The endpoint is “${name}”. You get this mail because you may change its settings.`],
      unit: { name: unit.name, postalAddress: unit.postalAddress, accent: unit.accent.light },
      ...{ footerLinks: [], locale: 'en', direction: 'ltr' },
    });
    const at = clock();
    const written = await writeMessage({
      id: `WEBHOOK:${id}:${user._id}:${at.getTime()}`,
      from: { name: unit.senderName, address: unit.senderAddress },
      ...{ to: user.email, subject, html, text, headers: null, at },
    });
    const delivery = await transport.deliver(written);
    if (delivery.outcome === 'ACCEPTED') continue;
    log.warn({ reason: delivery.reason }, 'staff were not told that a webhook fails');
    if (delivery.outcome === 'REFUSED' && !delivery.isPermanent) isRefused = true;
  }
  return !isRefused;
}

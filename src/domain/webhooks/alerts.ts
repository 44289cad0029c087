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
import { mayRole, type Permission } from '../../vocabulary/access.js';
import { isWithin } from '../../vocabulary/scope.js';
import type { Views } from '../../views/contract.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { DeliveryDeps } from './deliver.js';

export interface StaffMailDeps {
  models: Pick<Models, 'users'>;
  clock: () => Date;
  catalogue: () => Promise<Catalogue>;
  views: Pick<Views, 'mail'>;
  writeMessage: WriteMessage;
  transport: MailTransport;
  log: Pick<Logger, 'warn'>;
}

export interface WebhookDeps extends DeliveryDeps, Omit<StaffMailDeps, 'models'> {
  config: Pick<Config, 'subscriberIdKey' | 'privateSources' | 'baseUrl'>;
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
    const { heading, sentences } = words[alert.what];
    const mail: StaffMail = {
      ...{ key: `WEBHOOK:${_id}`, subject: `${heading}: ${name}`, heading, sentences },
      button: { label: 'Open the endpoint', url: deps.config.baseUrl + adminPaths.webhook(_id) },
      small: `The endpoint is “${name}”. You get this mail because you may change its settings.`,
    };
    if (!(await mailStaff(deps, mail, { unitIds, may: 'settings.change' }))) continue;
    await deps.models.webhookEndpoints.updateOne(
      { _id, 'alert.dueAt': later.dueAt },
      { $set: { alert: null } },
    );
  }
}

export interface StaffMail {
  /** Begins the id of each mail. */
  key: string;
  subject: string;
  heading: string;
  sentences: readonly string[];
  button: { label: string; url: string };
  small: string;
}

/**
 * Mails each user who has the permission and reaches all of the units.
 * @returns false if a mail server refused for now
 */
export async function mailStaff(
  { models, catalogue, views, writeMessage, transport, clock, log }: StaffMailDeps,
  { key, subject, heading, sentences, button, small }: StaffMail,
  { unitIds, may }: { unitIds: number[] | null; may: Permission },
): Promise<boolean> {
  const units = [...(await catalogue()).units.values()];
  const unit = units.find(({ id }) => unitIds?.includes(id) ?? true);
  if (!unit) return true;
  let isRefused = false;
  for (const user of await usersWho(models, may, unitIds)) {
    const { html, text } = views.mail({
      ...{ subject, heading, sentences: [...sentences], button, small: [small] },
      unit: { name: unit.name, postalAddress: unit.postalAddress, accent: unit.accent.light },
      ...{ footerLinks: [], locale: 'en', direction: 'ltr' },
    });
    const at = clock();
    const written = await writeMessage({
      id: `${key}:${user._id}:${at.getTime()}`,
      from: { name: unit.senderName, address: unit.senderAddress },
      ...{ to: user.email, subject, html, text, headers: null, at },
    });
    const delivery = await transport.deliver(written);
    if (delivery.outcome === 'ACCEPTED') continue;
    log.warn({ reason: delivery.reason }, 'staff were not told of a fault');
    if (delivery.outcome === 'REFUSED' && !delivery.isPermanent) isRefused = true;
  }
  return !isRefused;
}

async function usersWho(
  { users }: Pick<Models, 'users'>,
  may: Permission,
  unitIds: number[] | null,
): Promise<User[]> {
  const able = (['admin', 'marketer', 'support', 'auditor'] as const).filter((role) => mayRole(role, may));
  const found = await users.find({ isActive: true, role: trusted({ $in: able }) }).lean<User[]>();
  return found.filter((user) => isWithin(unitIds, user.unitIds));
}

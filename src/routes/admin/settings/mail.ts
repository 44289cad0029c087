/** How mails are sent: the configuration without its secrets, and a test mail through the same server. */
import { RateLimiterRes, type RateLimiterMongo } from 'rate-limiter-flexible';
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Config } from '../../../config.js';
import { dkimKeyFor, domainOf } from '../../../dkim-keys.js';
import type { Deps } from '../../../deps.js';
import { emailAddress } from '../../../domain/catalogue/fields.js';
import { reading } from '../../../domain/consent/durability.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { DomainError } from '../../../errors.js';
import { sendTestMail } from '../../../mail/test-mail.js';
import { outboxFolderOf, type Delivery } from '../../../mail/transport.js';
import { rateLimiter, tooMany } from '../../../models/rate-limiter.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { Fact } from '../../../views/admin-form-page.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { present } from '../present.js';

const sayings = {
  accepted: {
    tone: 'good',
    strong: 'The mail server accepted the test.',
    sentence: 'It should arrive within a minute. If it does not, look in the spam folder.',
  },
  written: {
    tone: 'good',
    strong: 'The test was written to the outbox.',
    sentence: 'No mail server is configured, so it was not sent anywhere.',
  },
} as const;

/** Test mails of one user. */
const limit = { name: 'test-mail', most: 6, seconds: 600 };

interface Senders {
  /** Those within the user's scope. */
  units: readonly BusinessUnit[];
  to: string;
}

const testForm = (limiter: RateLimiterMongo) =>
  declareForm<Senders, { unit: string; to: string }>({
    pattern: adminPatterns.testMails,
    may: 'settings.change',
    about: 'nothing',
    groups: ({ units }) => [
      {
        fields: [
          {
            kind: 'select',
            name: 'unit',
            label: 'Sender',
            options: units.map(({ id, name, senderAddress }) => ({
              value: String(id),
              label: `${name} <${shownAddress(senderAddress)}>`,
            })),
          },
          { kind: 'email', name: 'to', label: 'To', isRequired: true, autocomplete: 'email' },
        ],
      },
    ],
    texts: ({ to }) => ({ to }),
    button: 'Send a test',
    schema: () => z.object({ unit: z.string(), to: emailAddress }),
    save: async ({ deps, ask, subject: { units }, values: { unit: asked, to } }) => {
      const unit = units.find(({ id }) => String(id) === asked);
      if (!unit) throw new DomainError('NOT_FOUND');
      await consume(limiter, ask.user.id);
      const backUrl = deps.config.baseUrl + adminPaths.mail();
      const delivery = await sendTestMail(deps, { unit, to, backUrl });
      const isAccepted = delivery.outcome === 'ACCEPTED';
      await auditBy(deps, ask, {
        kind: 'TEST_MAIL_SENT',
        about: `unit:${unit.id}`,
        unitId: unit.id,
        detail: isAccepted ? 'accepted' : delivery.reason,
      });
      if (!isAccepted) return { faults: [{ text: saidOf(delivery), href: '' }] };
      return { to: adminPaths.mail(), said: deps.config.smtpUrl ? 'accepted' : 'written' };
    },
  });

export function mailRoutes(deps: Deps): StaffRoute[] {
  const test = testForm(rateLimiter(deps.connection, limit));
  return formRoutes<Senders>(deps, {
    pattern: adminPatterns.mail,
    may: 'settings.read',
    about: 'nothing',
    section: 'settings',
    sayings,
    load: async ({ catalogue }, { scope, user }: Ask) => {
      const units = [...(await catalogue()).units.values()].filter(({ id }) => isInScope(scope, id));
      return { units, to: user.email };
    },
    show: ({ subject }, form) => {
      const shown = form(test);
      return {
        title: 'Sender and mail server',
        crumbs: settingsCrumbs,
        aside: [
          {
            heading: 'Mail server',
            facts: factsOf(deps.config),
            sentences: [
              'This is the portal’s configuration, which is set in its environment. Passwords and keys are never shown.',
            ],
          },
        ],
        panels: present([
          !shown.isReadOnly &&
            subject.units.length > 0 && {
              heading: 'Send a test',
              sentences: [
                'One mail through this server, with the sender of a business unit. It is sent at once and changes nothing.',
              ],
              form: shown,
            },
          {
            heading: 'Senders',
            facts: subject.units.map(({ id, name, senderName, senderAddress }) => ({
              term: name,
              href: adminPaths.unit(id),
              text: `${senderName} <${shownAddress(senderAddress)}>`,
              note: signatureOf(deps.config, senderAddress),
            })),
          },
        ]),
      };
    },
    forms: [test],
  });
}

/** @throws DomainError `TOO_MANY_REQUESTS`, also if the count cannot be stored: a test can wait */
async function consume(limiter: RateLimiterMongo, userId: string): Promise<void> {
  try {
    await reading(() => limiter.consume(userId));
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) throw tooMany(refusal);
    throw refusal;
  }
}

function saidOf(delivery: Exclude<Delivery, { outcome: 'ACCEPTED' }>): string {
  if (delivery.outcome === 'UNKNOWN')
    return `The mail server did not answer after receiving the message, so the mail may or may not arrive (${delivery.reason}).`;
  return delivery.isPermanent
    ? `The mail server refused it permanently (${delivery.reason}).`
    : `It could not be sent (${delivery.reason}).`;
}

function signatureOf({ dkimKeys }: Config, senderAddress: string): string {
  const key = dkimKeyFor(dkimKeys, domainOf(senderAddress));
  return key
    ? `DKIM: signed by ${key.domain}, selector ${key.selector}`
    : 'DKIM: not signed by the portal, which has no key for this domain';
}

/** The configuration in words. Of secrets only whether they are set. */
function factsOf(config: Config): Fact[] {
  const url = config.smtpUrl ? new URL(config.smtpUrl) : undefined;
  const isEncrypted = url?.protocol === 'smtps:';
  return [
    ...(url
      ? [
          { term: 'Server', text: `${url.hostname}, port ${url.port || (isEncrypted ? '465' : '587')}` },
          {
            term: 'Encryption',
            text: isEncrypted ? 'TLS from the first byte' : 'STARTTLS, where the server offers it',
          },
          { term: 'Signs in', text: url.username ? 'With a name and a password' : 'No' },
        ]
      : [
          {
            term: 'Server',
            text: `None: mails are written to the folder ${outboxFolderOf(config)}, and not sent`,
          },
        ]),
    { term: 'Unsubscribe mails go to', text: config.unsubscribeMailto },
    {
      term: 'They are read by the portal',
      text: config.inboundSecret ? 'Yes' : 'No: INBOUND_SECRET is not set',
    },
    { term: 'Lost links to one address a day', text: `${config.mailsPerAddressPerDay} at most` },
  ];
}

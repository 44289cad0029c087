/** How mails leave the house: what is configured, never its secrets, and a test over the very server. */
import type { Response } from 'express';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterMongo } from 'rate-limiter-flexible';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Config } from '../../../config.js';
import { dkimKeyFor, domainOf } from '../../../dkim-keys.js';
import type { Deps } from '../../../deps.js';
import { reading } from '../../../domain/consent/durability.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { mayRole } from '../../../vocabulary/access.js';
import { DomainError } from '../../../errors.js';
import { sendTestMail } from '../../../mail/test-mail.js';
import { outboxFolderOf } from '../../../mail/transport.js';
import type { Delivery } from '../../../mail/transport.js';
import { rateLimiter, tooMany } from '../../../models/rate-limit.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { auditBy } from '../audit-by.js';
import { textOf, wholeOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { adminFrame, saying, settingsCrumbs } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';

const sayings = {
  accepted: {
    tone: 'good',
    strong: 'The mail server took the test.',
    sentence: 'It should arrive within a minute; where it does not, look among the junk.',
  },
  written: {
    tone: 'good',
    strong: 'The test was written to the outbox.',
    sentence: 'No mail server is configured, so it went nowhere else.',
  },
} as const;

/** Tests of one user; whoever is at a fault in the configuration tries a few times. */
const limit = { name: 'test-mail', most: 6, seconds: 600 };

export function mailRoutes(deps: Deps): AdminRoute[] {
  const limiter = rateLimiter(deps.connection, limit);
  return [
    {
      method: 'GET',
      path: adminPatterns.mail,
      may: 'settings.read',
      about: 'nothing',
      handle: (ask, response) => page(deps, ask, response, { unit: '', to: ask.user.email, faults: [] }),
    },
    {
      method: 'POST',
      path: adminPatterns.testMails,
      may: 'settings.change',
      about: 'nothing',
      handle: async (ask, response) => {
        const typed = typedIn(ask);
        const unitId = wholeOf(typed.unit);
        const unit =
          unitId !== null && isInScope(ask.scope, unitId)
            ? (await deps.catalogue()).units.get(unitId)
            : undefined;
        if (!unit) throw new DomainError('NOT_FOUND');
        const to = addressOrNull('EMAIL', typed.to);
        if (!to) {
          const fault = { text: 'To is no e-mail address.', href: '#to' };
          return page(deps, ask, response, { ...typed, faults: [fault] });
        }
        await consume(limiter, ask.user.id);
        const backUrl = deps.config.baseUrl + adminPaths.mail();
        const delivery = await sendTestMail(deps, { unit, to, backUrl });
        await auditBy(deps, ask, {
          kind: 'TEST_MAIL_SENT',
          about: `unit:${unit.id}`,
          unitId: unit.id,
          detail: delivery.outcome === 'ACCEPTED' ? 'accepted' : delivery.reason,
        });
        if (delivery.outcome === 'ACCEPTED')
          return response.redirect(
            303,
            saying(ask, adminPaths.mail(), deps.config.smtpUrl ? 'accepted' : 'written'),
          );
        return page(deps, ask, response, { ...typed, faults: [{ text: saidOf(delivery), href: '' }] });
      },
      showAgain: (ask, response) => page(deps, ask, response, { ...typedIn(ask), faults: [] }),
    },
  ];
}

function typedIn({ request }: Ask): { unit: string; to: string } {
  return { unit: textOf(request, 'unit', 10), to: textOf(request, 'to', 320).trim() };
}

/** @throws DomainError `TOO_MANY_REQUESTS`, also where the count cannot be kept: a test can wait */
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
    return `The mail server went silent after it had the message, so it may arrive or not (${delivery.reason}).`;
  return delivery.isPermanent
    ? `The mail server refused it for good (${delivery.reason}).`
    : `It could not be handed over (${delivery.reason}).`;
}

async function page(
  deps: Deps,
  ask: Ask,
  response: Response,
  { unit, to, faults }: { unit: string; to: string; faults: FieldFault[] },
): Promise<void> {
  const units = [...(await deps.catalogue()).units.values()].filter(({ id }) => isInScope(ask.scope, id));
  const mayTest = mayRole(ask.user.role, 'settings.change') && units.length > 0;
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-mail', {
      ...adminFrame(ask, 'settings', 'Sender and mail server', sayings),
      crumbs: settingsCrumbs,
      facts: factsOf(deps.config),
      senders: units.map(({ id, name, senderName, senderAddress }) => ({
        name,
        sender: `${senderName} <${shownAddress(senderAddress)}>`,
        signature: signatureOf(deps.config, senderAddress),
        href: adminPaths.unit(id),
      })),
      ...(mayTest
        ? {
            test: {
              action: adminPaths.testMails(),
              units: units.map(({ id, name, senderAddress }) => ({
                value: String(id),
                label: `${name} <${shownAddress(senderAddress)}>`,
                isSelected: String(id) === unit,
              })),
              to,
              isWrong: faults.some(({ href }) => href === '#to'),
            },
          }
        : {}),
      faults,
    }),
  );
}

function signatureOf({ dkimKeys }: Config, senderAddress: string): string {
  const key = dkimKeyFor(dkimKeys, domainOf(senderAddress));
  return key
    ? `DKIM: signed by ${key.domain}, selector ${key.selector}`
    : 'DKIM: not signed by the portal, which has no key for this domain';
}

/** What is configured, in words; of secrets only whether they are there. */
function factsOf(config: Config): { term: string; what: string }[] {
  const url = config.smtpUrl ? new URL(config.smtpUrl) : undefined;
  const isEncrypted = url?.protocol === 'smtps:';
  return [
    ...(url
      ? [
          { term: 'Server', what: `${url.hostname}, port ${url.port || (isEncrypted ? '465' : '587')}` },
          {
            term: 'Encryption',
            what: isEncrypted ? 'TLS from the first byte' : 'STARTTLS, where the server offers it',
          },
          { term: 'Signs in', what: url.username ? 'With a name and a password' : 'No' },
        ]
      : [
          {
            term: 'Server',
            what: `None: mails are written to the folder ${outboxFolderOf(config)}, and nobody gets them`,
          },
        ]),
    { term: 'Unsubscribe mails go to', what: config.unsubscribeMailto },
    {
      term: 'They are read by the portal',
      what: config.inboundSecret ? 'Yes' : 'No: INBOUND_SECRET is not set',
    },
    { term: 'Lost links to one address a day', what: `${config.mailsPerAddressPerDay} at most` },
  ];
}

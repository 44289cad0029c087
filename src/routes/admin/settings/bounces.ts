/** Settings: which providers report bounces and complaints, and when soft bounces become a hard one. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Config } from '../../../config.js';
import type { Deps } from '../../../deps.js';
import { hookPatterns, patterns } from '../../../paths.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { createEndpoint, endpointsWithin } from '../../../domain/bounces/endpoints.js';
import { bounceProviders } from '../../../domain/bounces/providers/registry.js';
import { changeSoftLimit, readSoftLimit, softLimitFields } from '../../../domain/bounces/soft-limit.js';
import type { SoftLimit } from '../../../domain/bounces/soft-limit.js';
import type { ReportEndpoint } from '../../../models/report-endpoint.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { figure, momentOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { unitsWithin } from '../user-access.js';
import { countFacts, endpointName, endpointState } from './bounce-words.js';
import { present } from '../present.js';

interface Bounces {
  endpoints: readonly ReportEndpoint[];
  units: readonly BusinessUnit[];
  limit: SoftLimit & { version: number };
}

const newEndpointForm = declareForm<Bounces, { provider: string; unit: number }>({
  pattern: adminPatterns.bounces,
  may: 'settings.change',
  about: 'nothing',
  groups: ({ units }) => [
    {
      fields: [
        {
          kind: 'select',
          name: 'provider',
          label: 'Mail provider',
          options: bounceProviders.map(({ id, name }) => ({ value: id, label: name })),
        },
        {
          kind: 'select',
          name: 'unit',
          label: 'Business unit',
          hint: 'An unsubscribe that names no subscription type opts out of all of this business unit.',
          options: units.map(({ id, name }) => ({ value: String(id), label: name })),
        },
      ],
    },
  ],
  button: 'Create endpoint',
  schema: ({ subject: { units } }) =>
    z.object({
      provider: z.enum(bounceProviders.map(({ id }) => id)),
      unit: z.coerce.number().refine((id) => units.some((unit) => unit.id === id)),
    }),
  save: async ({ deps, ask, values: { provider, unit: unitId } }) => {
    const id = await createEndpoint(deps, { provider, unitId, by: staffRef(ask.user) });
    const detail = `${endpointName({ provider })} endpoint created`;
    await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: `endpoint:${id}`, unitId, detail });
    return { to: adminPaths.bounceEndpoint(id), said: 'created' };
  },
});

const limitForm = declareForm<Bounces, SoftLimit>({
  pattern: adminPatterns.bounceLimit,
  may: 'settings.change',
  about: 'account',
  groups: () => [
    {
      fields: [
        { kind: 'text', name: 'bounces', label: 'Soft bounces', isRequired: true, most: 3 },
        { kind: 'text', name: 'days', label: 'Within how many days', isRequired: true, most: 2 },
      ],
    },
  ],
  texts: ({ limit }) => ({ bounces: String(limit.bounces), days: String(limit.days) }),
  version: ({ limit }) => limit.version,
  button: 'Save',
  schema: () => softLimitFields,
  save: async ({ deps, ask, values, version }) => {
    if ((await changeSoftLimit(deps, version, values)) === 'STALE') return 'STALE';
    const detail = `${values.bounces} soft bounces in ${values.days} days`;
    await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: 'account', detail });
    return { to: adminPaths.bounces(), said: 'saved' };
  },
});

export function bounceRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Bounces>(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings: {
      saved: { tone: 'good', strong: 'Saved.', sentence: 'It applies to the next soft bounce.' },
      deleted: { tone: 'good', strong: 'Endpoint deleted.', sentence: 'Calls of its URL are refused.' },
    },
    load: loadBounces,
    show: ({ deps: { config }, ask, subject: { endpoints, units } }, form) => {
      const made = form(newEndpointForm);
      // Reports by mail have a panel of their own.
      const listed = endpoints.filter(({ _id }) => _id !== 'mime');
      return {
        title: 'Bounces and complaints',
        crumbs: settingsCrumbs,
        lead: 'Mail providers report here which addresses cannot receive, who complained, and who unsubscribed.',
        panels: present([
          {
            heading: 'Endpoints',
            ...(listed.length > 0
              ? { table: tableOf('Endpoints', columnsFor(units, ask.zone), listed) }
              : { sentences: ['None yet. Create one for each mail provider and business unit.'] }),
          },
          ask.scope === null && mailPanel(config, endpoints),
          ...(made.isReadOnly || units.length === 0 ? [] : [{ heading: 'New endpoint', form: made }]),
          ask.scope === null && {
            heading: 'Soft bounces',
            sentences: [
              'A soft bounce may pass, such as a full mailbox. This many within the time count as a hard bounce. Refusals for policy (5.7.x) are never counted.',
            ],
            form: form(limitForm),
          },
        ]),
      };
    },
    forms: [newEndpointForm, limitForm],
  });
}

/** Reports that a mail server passes on: they belong to no business unit. */
function mailPanel(
  { inboundSecret, bounceDomain, baseUrl }: Config,
  endpoints: readonly ReportEndpoint[],
): Panel {
  const mail = endpoints.find(({ _id }) => _id === 'mime');
  return {
    heading: 'Reports by mail',
    sentences: [
      inboundSecret
        ? `A mail server posts delivery and feedback reports to ${baseUrl}${patterns.hooks}${hookPatterns.mime}.`
        : 'Off: INBOUND_SECRET is not set, so no mail server can pass reports on.',
      bounceDomain
        ? `The portal’s own mails get them back at addresses of ${bounceDomain}.`
        : 'BOUNCE_DOMAIN is not set, so reports about the portal’s own mails go to their senders.',
    ],
    ...(mail ? { facts: countFacts(mail) } : {}),
  };
}

function columnsFor(units: readonly BusinessUnit[], zone: string): Column<ReportEndpoint>[] {
  return [
    {
      heading: 'Provider',
      cell: (endpoint) => {
        const isBuiltIn = endpoint._id === endpoint.provider;
        const unit = units.find(({ id }) => id === endpoint.unitId)?.name;
        return {
          text: endpointName(endpoint),
          note: unit ?? 'All business units',
          ...(isBuiltIn ? {} : { href: adminPaths.bounceEndpoint(endpoint._id) }),
        };
      },
    },
    { heading: 'State', cell: (endpoint) => ({ state: endpointState(endpoint) }) },
    {
      heading: 'Last event',
      cell: ({ lastEventAt }) => ({ text: lastEventAt ? momentOf(lastEventAt, zone) : 'None yet' }),
    },
    {
      heading: 'Bounces',
      isNumeric: true,
      cell: ({ counts: { HARD = 0, SOFT = 0 } }) => ({ text: figure(HARD + SOFT) }),
    },
    {
      heading: 'Complaints',
      isNumeric: true,
      cell: ({ counts: { COMPLAINT = 0 } }) => ({ text: figure(COMPLAINT) }),
    },
    {
      heading: 'Unsubscribes',
      isNumeric: true,
      cell: ({ counts: { OPT_OUT = 0 } }) => ({ text: figure(OPT_OUT) }),
    },
  ];
}

/** @throws DomainError `DATABASE_AWAY` */
async function loadBounces(deps: Deps, { scope }: Ask): Promise<Bounces> {
  const [endpoints, units, limit] = await Promise.all([
    endpointsWithin(deps, scope),
    unitsWithin(deps, scope),
    readSoftLimit(deps),
  ]);
  return { endpoints, units, limit };
}

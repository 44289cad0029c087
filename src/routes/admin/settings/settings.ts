/** The settings: an index of the parts, and the routes of each part. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { mayRole, type Permission } from '../../../vocabulary/access.js';
import { adminFrame } from '../frame.js';
import { get, type AdminRoute } from '../route.js';
import { accountSettingsRoutes } from './account.js';
import { bounceEndpointRoutes } from './bounce-endpoint.js';
import { bounceRoutes } from './bounces.js';
import { mailRoutes } from './mail.js';
import { propertyRoutes } from './properties.js';
import { sourceRoutes } from './source.js';
import { sourceListRoutes } from './sources.js';
import { swatchRoutes } from './swatch.js';
import { typeRoutes } from './types.js';
import { unitRoutes } from './units.js';
import { webhookDeliveryRoutes } from './webhook-delivery.js';
import { webhookListRoutes } from './webhooks.js';
import { webhookRoutes } from './webhook.js';

interface Part {
  href: string;
  label: string;
  sentence: string;
  may: Permission;
  /** For the whole account; hidden from users who are limited to units. */
  isOfAccount: boolean;
}

const parts: readonly Part[] = [
  {
    href: adminPaths.units(),
    label: 'Business units',
    sentence: 'Names, logos, colours, senders and languages of your brands.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.types(),
    label: 'Subscription types',
    sentence: 'What contacts can subscribe to: names, descriptions and order.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.accountSettings(),
    label: 'Account',
    sentence: 'Data privacy mode, and the properties by which contacts are filtered.',
    may: 'settings.read',
    isOfAccount: true,
  },
  {
    href: adminPaths.properties(),
    label: 'Properties of contacts',
    sentence: 'Which properties are numbers, dates, choices, or yes/no.',
    may: 'settings.read',
    isOfAccount: true,
  },
  {
    href: adminPaths.marketingSettings(),
    label: 'Marketing contacts',
    sentence: 'The day of the monthly update, the limit, and the defaults for new contacts.',
    may: 'settings.read',
    isOfAccount: true,
  },
  {
    href: adminPaths.mail(),
    label: 'Sender and mail server',
    sentence: 'How mails are sent, and a test mail.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.bounces(),
    label: 'Bounces and complaints',
    sentence: 'Which mail providers report bounces, complaints and unsubscribes.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.sources(),
    label: 'Scheduled sources',
    sentence: 'Opt-out lists of other systems that are fetched every hour or every day.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.webhooks(),
    label: 'Webhooks',
    sentence: 'Which systems hear of opt-outs and other events, and how far behind each is.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.users(),
    label: 'Users',
    sentence: 'Which staff may sign in, their roles and business units.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.keys(),
    label: 'API keys',
    sentence: 'Which systems may call the API, and their scopes.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.audit(),
    label: 'Audit log',
    sentence: 'Which user did what, when, and from where.',
    may: 'audit.read',
    isOfAccount: false,
  },
];

export function settingsRoutes(deps: Deps): AdminRoute[] {
  return [
    get(
      adminPatterns.settings,
      { may: 'settings.read', about: 'nothing' },
      (ask, response) =>
        void response.send(
          deps.views.page('admin-settings', {
            ...adminFrame(ask, 'settings', 'Settings'),
            parts: parts.filter(
              ({ may, isOfAccount }) => mayRole(ask.user.role, may) && !(isOfAccount && ask.scope !== null),
            ),
          }),
        ),
    ),
    ...unitRoutes(deps),
    ...typeRoutes(deps),
    ...accountSettingsRoutes(deps),
    ...propertyRoutes(deps),
    ...mailRoutes(deps),
    ...bounceRoutes(deps),
    ...bounceEndpointRoutes(deps),
    ...sourceListRoutes(deps),
    ...sourceRoutes(deps),
    ...webhookListRoutes(deps),
    ...webhookRoutes(deps),
    ...webhookDeliveryRoutes(deps),
    ...swatchRoutes(),
  ];
}

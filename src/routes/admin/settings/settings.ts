/** The settings: an index of what can be set, and the routes of each part. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Permission } from '../../../vocabulary/access.js';
import { adminFrame } from '../frame.js';
import type { AdminRoute } from '../route.js';
import { accountSettingsRoutes } from './account.js';
import { mailRoutes } from './mail.js';
import { propertyRoutes } from './properties.js';
import { swatchRoutes } from './swatch.js';
import { typeRoutes } from './types.js';
import { unitRoutes } from './units.js';

interface Part {
  href: string;
  label: string;
  sentence: string;
  may: Permission;
  /** Of the whole account: nothing for somebody who is limited to units. */
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
    sentence: 'What contacts can say yes or no to, its words and its order.',
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
    sentence: 'Which of them are numbers, dates, choices, or yes or no.',
    may: 'settings.read',
    isOfAccount: true,
  },
  {
    href: adminPaths.mail(),
    label: 'Sender and mail server',
    sentence: 'How mails leave the house, and a test.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.users(),
    label: 'Users',
    sentence: 'Who of your staff may sign in, in which role, for which units.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.keys(),
    label: 'API keys',
    sentence: 'How your systems call the portal, and which of them may do what.',
    may: 'settings.read',
    isOfAccount: false,
  },
  {
    href: adminPaths.audit(),
    label: 'Audit log',
    sentence: 'Who of your staff did what, when, and from where.',
    may: 'audit.read',
    isOfAccount: false,
  },
];

export function settingsRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.settings,
      may: 'settings.read',
      about: 'nothing',
      handle: (ask, response) =>
        void response.send(
          deps.views.page('admin-settings', {
            ...adminFrame(ask, 'settings', 'Settings'),
            parts: parts.filter(
              ({ may, isOfAccount }) => mayRole(ask.user.role, may) && !(isOfAccount && ask.scope !== null),
            ),
          }),
        ),
    },
    ...unitRoutes(deps),
    ...typeRoutes(deps),
    ...accountSettingsRoutes(deps),
    ...propertyRoutes(deps),
    ...mailRoutes(deps),
    ...swatchRoutes(),
  ];
}

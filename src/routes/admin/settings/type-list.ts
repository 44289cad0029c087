/** The list of subscription types: each unit's in the order in which contacts read them, archived ones last. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { mayRole } from '../../../vocabulary/access.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { SubscriptionType } from '../../../vocabulary/terms.js';
import { channelNames } from '../../../vocabulary/words.js';
import { settingsCrumbs } from '../frame.js';
import { listRoute } from '../kit/list-page.js';
import { unitOptions } from '../options.js';
import type { AdminRoute } from '../route.js';

interface TypeRow {
  type: SubscriptionType;
  unit: string;
  /** Absent for archived types, which have no position in the order. */
  moves?: { isFirst: boolean; isLast: boolean };
}

export function typeListRoute(deps: Deps): AdminRoute {
  return listRoute<TypeRow>(deps, {
    pattern: adminPatterns.types,
    path: adminPaths.types,
    may: 'settings.read',
    section: 'settings',
    title: 'Subscription types',
    crumbs: settingsCrumbs,
    lead: 'What contacts can subscribe to, in the order in which they read it. A type is archived and never deleted, so that its history can be read.',
    main: { href: adminPaths.newType(), label: 'New subscription type', may: 'settings.change' },
    filters: async ({ catalogue }, { scope }) => {
      const units = [...(await catalogue()).units.values()].filter(({ id }) => isInScope(scope, id));
      if (units.length < 2) return [];
      const of = { kind: 'select', name: 'unit', label: 'Business unit', all: 'All business units' } as const;
      return [{ ...of, options: unitOptions(units) }];
    },
    load: async ({ catalogue }, { scope }, { chosen }) => {
      const { units, orderedTypes } = await catalogue();
      const shown = [...units.values()].filter(
        ({ id }) => isInScope(scope, id) && (!chosen['unit'] || String(id) === chosen['unit']),
      );
      const rows = shown.flatMap((unit): TypeRow[] => {
        const own = orderedTypes.filter(({ unitId }) => unitId === unit.id);
        const active = own.filter(({ isActive }) => isActive);
        return [
          ...active.map((type, at) => ({
            type,
            unit: unit.name,
            moves: { isFirst: at === 0, isLast: at === active.length - 1 },
          })),
          ...own.filter(({ isActive }) => !isActive).map((type) => ({ type, unit: unit.name })),
        ];
      });
      return { rows };
    },
    idOf: ({ type }) => `type-${type.id}`,
    columns: ({ user }) => [
      {
        heading: 'Name',
        cell: ({ type }) => ({
          href: adminPaths.type(type.id),
          text: type.name,
          chips: [
            ...(type.isInternal ? ['Internal'] : []),
            ...(type.isDefault ? ['Default'] : []),
            ...(type.isActive ? [] : ['Archived']),
          ],
          note: type.description,
        }),
      },
      { heading: 'Business unit', cell: ({ unit }) => ({ text: unit }) },
      { heading: 'Messaging channel', cell: ({ type }) => ({ text: channelNames[type.channel] }) },
      { heading: 'Id', isNumeric: true, cell: ({ type }) => ({ text: String(type.id) }) },
      {
        heading: 'Order',
        cell: ({ type, moves }) =>
          moves && mayRole(user.role, 'settings.change')
            ? { moves: { ...moves, action: adminPaths.typePositions(type.id), about: type.name } }
            : {},
      },
    ],
    empty: () => ({
      heading: 'No subscription types yet',
      sentence: 'A type belongs to a business unit. Create a business unit first if there is none.',
      link: { href: adminPaths.units(), text: 'Business units' },
    }),
  });
}

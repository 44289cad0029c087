/** What the list of subscription types shows: each unit's in their order, the archived ones apart. */
import { adminPaths } from '../../../admin-paths.js';
import type { Catalogue, SubscriptionType } from '../../../vocabulary/terms.js';
import { mayRole } from '../../../vocabulary/access.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { TypeRow, TypesPage } from '../../../views/admin-settings-pages.js';
import { adminFrame, settingsCrumbs } from '../frame.js';
import type { Ask } from '../route.js';
import { channelNames } from '../../../vocabulary/words.js';

export function typesPage({ units, orderedTypes }: Catalogue, ask: Ask): TypesPage {
  const mayChange = mayRole(ask.user.role, 'settings.change');
  return {
    ...adminFrame(ask, 'settings', 'Subscription types'),
    crumbs: settingsCrumbs,
    unitsHref: adminPaths.units(),
    units: [...units.values()]
      .filter(({ id }) => isInScope(ask.scope, id))
      .map((unit) => {
        const own = orderedTypes.filter(({ unitId }) => unitId === unit.id);
        const active = own.filter(({ isActive }) => isActive);
        return {
          id: String(unit.id),
          name: unit.name,
          ...(mayChange ? { newHref: adminPaths.newType({ unit: unit.id }) } : {}),
          types: active.map((type, at) => rowOf(type, { at, last: active.length - 1, mayChange })),
          archived: own
            .filter(({ isActive }) => !isActive)
            .map(({ id, name, channel }) => ({
              href: adminPaths.type(id),
              id: String(id),
              name,
              channel: channelNames[channel],
            })),
        };
      }),
  };
}

function rowOf(
  { id, name, description, channel, isInternal, isDefault }: SubscriptionType,
  { at, last, mayChange }: { at: number; last: number; mayChange: boolean },
): TypeRow {
  return {
    href: adminPaths.type(id),
    id: String(id),
    name,
    description,
    channel: channelNames[channel],
    chips: [...(isInternal ? ['Internal'] : []), ...(isDefault ? ['Default'] : [])],
    positionAction: adminPaths.typePositions(id),
    isFirst: at === 0,
    isLast: at === last,
    mayMove: mayChange,
  };
}

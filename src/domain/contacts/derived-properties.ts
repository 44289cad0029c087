/** The properties that follow from consent (specification "Contact properties derived from consent"), under the names that filters have for them. */
import { isInScope } from '../../vocabulary/scope.js';
import { channels } from '../../vocabulary/terms.js';
import type { Channel } from '../../vocabulary/terms.js';
import { effectiveStatus } from '../consent/effective.js';
import type { Decided } from '../consent/effective.js';
import { optedOut, outOfAll } from '../filters/conditions/consent.js';
import type { FilterContext } from '../filters/condition-kind.js';

export interface DerivedProperty {
  /** Never changed: forms and jobs name it so. */
  key: string;
  /** "Unsubscribed from all email (any business unit)", "Opted out of email: Trail notes" */
  name: string;
  channel: Channel;
  /** True if an opt-out of any business unit makes it Yes. */
  isOfAnyUnit: boolean;
  isYes: (state: Decided) => boolean;
}

/** All derived properties within the scope, in the order of the filters. */
export function derivedProperties(context: FilterContext): DerivedProperty[] {
  const { scope, catalogue } = context;
  return [
    ...outOfAll.subjects(context, []).flatMap(({ of, label }): DerivedProperty[] => {
      const [channel, unit] = of.split(':');
      const found = channels.find((one) => one === channel);
      const isOf = (id: number) => isInScope(scope, id) && (unit === undefined || id === Number(unit));
      return found
        ? [
            {
              key: `${outOfAll.id}:${of}`,
              name: label,
              channel: found,
              isOfAnyUnit: unit === undefined,
              isYes: ({ optOuts }) =>
                optOuts.portal !== null || Object.keys(optOuts.units).some((id) => isOf(Number(id))),
            },
          ]
        : [];
    }),
    ...optedOut.subjects(context, []).flatMap(({ of, label }): DerivedProperty[] => {
      const type = catalogue.types.get(Number(of));
      return type
        ? [
            {
              key: `${optedOut.id}:${of}`,
              name: label,
              channel: type.channel,
              isOfAnyUnit: false,
              isYes: (state) => effectiveStatus(state, type).status === 'UNSUBSCRIBED',
            },
          ]
        : [];
    }),
  ];
}

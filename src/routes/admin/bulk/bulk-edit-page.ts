/** The form "Edit communication subscriptions", filled in with the typed values. */
import type { Request } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { channels, type Catalogue } from '../../../vocabulary/terms.js';
import { bulkStatuses, type BulkFault, type BulkStatus } from '../../../domain/contacts/bulk/bulk-edit.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import type { AdminBulkEditPage } from '../../../views/admin-bulk-pages.js';
import { textOf, textsOf, wholeOf } from '../form.js';
import { adminFrame } from '../frame.js';
import type { Ask } from '../route.js';
import { channelNames } from '../../../vocabulary/words.js';
import { basisOptions, channelOptions } from '../options.js';
import type { Picked } from './selected.js';

export interface TypedEdit {
  channel: string;
  typeIds: string[];
  status: string;
  hasOptOutOfAllRemoved: boolean;
  legalBasis: string;
  processingBasis: string;
  explanation: string;
}

export const blankEdit: TypedEdit = {
  channel: 'EMAIL',
  typeIds: [],
  status: '',
  hasOptOutOfAllRemoved: false,
  legalBasis: '',
  processingBasis: '',
  explanation: '',
};

export function typedEdit(request: Request): TypedEdit {
  return {
    channel: textOf(request, 'channel', 20),
    typeIds: textsOf(request, 'type', 500),
    status: textOf(request, 'status', 20),
    hasOptOutOfAllRemoved: textOf(request, 'removesOptOutOfAll', 10) === 'yes',
    legalBasis: textOf(request, 'legalBasis', 60),
    processingBasis: textOf(request, 'processingBasis', 60),
    explanation: textOf(request, 'explanation', 20_000).replaceAll('\r\n', '\n'),
  };
}

/** The input for the rules of the form. Types of other channels were not visible, so they are left out. */
export function askedOf(typed: TypedEdit, { types }: Pick<Catalogue, 'types'>): object {
  const typeIds = typed.typeIds.map((text) => wholeOf(text) ?? -1);
  return {
    channel: typed.channel,
    typeIds: typeIds.filter((id) => (types.get(id)?.channel ?? typed.channel) === typed.channel),
    status: typed.status || null,
    hasOptOutOfAllRemoved: typed.hasOptOutOfAllRemoved && typed.channel === 'EMAIL',
    legalBasis: typed.legalBasis || null,
    processingBasis: typed.processingBasis || null,
    explanation: typed.explanation,
  };
}

const places: Readonly<Record<string, string>> = {
  channel: '#channel',
  typeIds: '#types',
  status: '#status',
  legalBasis: '#basis',
  processingBasis: '#processing',
  explanation: '#explanation',
};

const statusOptions: Readonly<Record<BulkStatus, { label: string; hint: string }>> = {
  OPT_IN: { label: 'Opt in', hint: 'Subscribed. It never overrides a contact’s own choice.' },
  NOT_OPTED: {
    label: 'Not opted',
    hint: 'Back to “not specified”. It never overrides a contact’s own choice.',
  },
  OPT_OUT: { label: 'Opt out', hint: 'They no longer receive it.' },
};

export async function bulkEditPage(
  deps: Deps,
  ask: Ask,
  { selected }: Picked,
  form: { typed: TypedEdit; faults: readonly BulkFault[]; nonce: string },
): Promise<string> {
  const { typed, faults } = form;
  const catalogue = await deps.catalogue();
  const has = (field: string) => faults.some((one) => one.field === field);
  return deps.views.page('admin-bulk-edit', {
    ...adminFrame(ask, 'contacts', 'Edit communication subscriptions'),
    faults: faults.map(({ field, message }) => ({ text: message, href: places[field] ?? '#main' })),
    action: adminPaths.bulkEdits(),
    nonce: form.nonce,
    selected,
    channels: channelOptions(typed.channel),
    typeGroups: typeGroups(catalogue, ask.scope, typed.typeIds),
    statuses: bulkStatuses.map((value) => ({
      value,
      ...statusOptions[value],
      isSelected: value === typed.status,
    })),
    removesOptOutOfAll: typed.hasOptOutOfAllRemoved,
    bases: basisOptions(typed.legalBasis, 'None'),
    processingBases: basisOptions(typed.processingBasis, 'No change'),
    explanation: typed.explanation,
    isPrivacyMode: catalogue.isPrivacyMode,
    invalid: {
      channel: has('channel'),
      typeIds: has('typeIds'),
      status: has('status'),
      legalBasis: has('legalBasis'),
      explanation: has('explanation'),
    },
  });
}

function typeGroups(
  { units, orderedTypes }: Catalogue,
  scope: Scope,
  ticked: readonly string[],
): AdminBulkEditPage['typeGroups'] {
  const offered = orderedTypes.filter(({ unitId, isActive }) => isActive && isInScope(scope, unitId));
  return channels.flatMap((channel) => {
    const groups = [...units.values()].flatMap(({ id, name }) => {
      const types = offered.filter((type) => type.channel === channel && type.unitId === id);
      if (types.length === 0) return [];
      const options = types.map((type) => ({
        value: String(type.id),
        label: type.name,
        isSelected: ticked.includes(String(type.id)),
        ...(type.isInternal ? { hint: 'Internal: contacts never see it.' } : {}),
      }));
      return [{ id: `types-${channel}-${id}`, channel, label: `${name}, ${channelNames[channel]}`, options }];
    });
    const none = `There is nothing to subscribe to by ${channelNames[channel]} yet.`;
    return groups.length > 0 ? groups : [{ id: `types-${channel}`, channel, label: none, options: [] }];
  });
}

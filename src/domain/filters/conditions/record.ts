/** Conditions on the record of a contact: its business units, who added it, when, and the legal basis for processing. */
import { isInScope } from '../../../vocabulary/scope.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { basisNames } from '../../../vocabulary/words.js';
import { nameOfKind } from '../../consent/actors.js';
import { aboutContact } from '../condition-kind.js';

export const businessUnit = aboutContact('unit', ({ catalogue, scope }) => ({
  label: 'Business unit',
  kind: 'CHOICE',
  isOptional: false,
  source: { facets: 'unit:' },
  options: [...catalogue.units.values()]
    .filter(({ id }) => isInScope(scope, id))
    .map(({ id, name }) => ({ value: String(id), label: name })),
}));

export const source = aboutContact('source', {
  label: 'Added by',
  kind: 'CHOICE',
  isOptional: false,
  source: { facets: 'source:' },
  options: (['STAFF', 'IMPORT', 'API'] as const).map((value) => ({ value, label: nameOfKind(value) })),
});

const date = { kind: 'DATE', isOptional: false } as const;
export const created = aboutContact('created', { ...date, label: 'Added', source: { field: 'createdAt' } });
export const updated = aboutContact('updated', { ...date, label: 'Updated', source: { field: 'updatedAt' } });

export const processingBasis = aboutContact('processing-basis', {
  label: 'Legal basis for processing',
  kind: 'CHOICE',
  isOptional: true,
  source: { field: 'processingBasis' },
  options: legalBases.map((value) => ({ value, label: basisNames[value] })),
});

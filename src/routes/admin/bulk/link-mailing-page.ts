/** The page that asks before preferences links are mailed to many contacts. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { BulkFault } from '../../../domain/contacts/bulk/bulk-edit.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { adminFrame } from '../frame.js';
import type { Ask } from '../route.js';
import type { Picked } from './selected.js';

export async function linkMailingPage(
  deps: Deps,
  ask: Ask,
  { selected, many }: Picked,
  form: { unitId: number | null; faults: readonly BulkFault[]; nonce: string },
): Promise<string> {
  const { units } = await deps.catalogue();
  const offered = [...units.values()].filter(({ id }) => isInScope(ask.scope, id));
  return deps.views.page('admin-link-mailing', {
    ...adminFrame(ask, 'contacts', 'Send preferences link'),
    faults: form.faults.map(({ field, message }) => ({
      text: message,
      href: field === 'unitId' ? '#unit' : '#main',
    })),
    action: adminPaths.linkMailings(),
    nonce: form.nonce,
    selected,
    units: offered.map(({ id, name }) => ({
      value: String(id),
      label: name,
      isSelected: id === form.unitId,
    })),
    hasUnitChoice: offered.length > 1,
    send: `Send to ${many}`,
  });
}

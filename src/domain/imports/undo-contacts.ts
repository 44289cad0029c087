/** Undoes an import of contacts: deletes those that it created and that nobody has changed since. It writes no consent. */
import { previousPart } from '../../models/import-part.js';
import type { Import, ImportResult } from '../../models/import.js';
import { deleteUnchanged } from '../contacts/delete-unchanged.js';
import { importRef, type ImportDeps } from './contract.js';

/**
 * Goes through the parts from the last to the first: where a later row of the file changed what an earlier one had created, the later part knows the
 * version. Repeating a part changes nothing.
 * @param options `after`: the place of the last checkpoint; `guard` is called before each deletion
 * @returns for each part its place, and of the contacts that it created how many are deleted (`changed`) and how many stay
 */
export async function* undoContacts(
  deps: ImportDeps,
  undo: Import,
  { after, guard }: { after: string | null; guard: () => void },
): AsyncGenerator<{ place: string; part: ImportResult }> {
  const importId = undo.undoes ?? '';
  let part = await previousPart(deps.models, importId, after);
  for (; part; part = await previousPart(deps.models, importId, part._id)) {
    guard();
    const written = part.contacts ?? [];
    const left = await deleteUnchanged(deps, written, importRef(importId));
    const created = written.filter(({ version }) => version === 1);
    const unchanged = created.filter(({ id }) => left.has(id)).length;
    yield { place: part._id, part: { changed: created.length - unchanged, unchanged } };
  }
}

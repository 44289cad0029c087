/** "Send preferences link" to many contacts: the input of the job. */
import { z } from 'zod';
import { isInScope } from '../../../vocabulary/scope.js';
import type { Scope } from '../../../vocabulary/scope.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { selectionSchema } from '../selection.js';
import type { BulkFault } from './bulk-edit.js';

/** The input of a `SEND_LINKS` job: to whom, and in which unit's name. */
export const sendLinksSchema = z.strictObject({ selection: selectionSchema, unitId: z.int() });
export type SendLinks = z.infer<typeof sendLinksSchema>;

/** Reads what a form asks for. @returns the input of the job, or what is wrong with it */
export function readSendLinks(
  asked: unknown,
  { catalogue, scope }: { catalogue: Pick<Catalogue, 'units'>; scope: Scope },
): { links: SendLinks } | { faults: BulkFault[] } {
  const parsed = sendLinksSchema.safeParse(asked);
  if (parsed.success && catalogue.units.has(parsed.data.unitId) && isInScope(scope, parsed.data.unitId))
    return { links: parsed.data };
  return { faults: [{ field: 'unitId', message: 'Choose the business unit in whose name it is sent.' }] };
}

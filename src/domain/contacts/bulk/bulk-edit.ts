/** "Edit communication subscriptions" of many contacts: reads the form strictly and makes the wishes. */
import { z } from 'zod';
import { severalLines } from '../../../clean-text.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import { channels, legalBases } from '../../../vocabulary/terms.js';
import type { Catalogue, Circumstances, Wish } from '../../../vocabulary/terms.js';
import { selectionSchema } from '../selection.js';

/** In the words of the dialog. */
export const bulkStatuses = ['OPT_IN', 'NOT_OPTED', 'OPT_OUT'] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

export const longestExplanation = 1000;

/** The input of a `BULK_EDIT` job. */
export const bulkEditSchema = z.strictObject({
  selection: selectionSchema,
  channel: z.enum(channels),
  typeIds: z.array(z.int()).max(200),
  /** Null if only opt-outs of all are to be removed. */
  status: z.enum(bulkStatuses).nullable(),
  /** "Remove opt out from all email": staff's own opt-outs, of every unit in scope. The account's too if the scope is all units. */
  hasOptOutOfAllRemoved: z.boolean(),
  legalBasis: z.enum(legalBases).nullable(),
  /** For contacts without one. */
  processingBasis: z.enum(legalBases).nullable(),
  explanation: z.string().overwrite(severalLines).max(longestExplanation),
});
export type BulkEdit = z.infer<typeof bulkEditSchema>;

/** A fault: the field, and one sentence. */
export interface BulkFault {
  field: string;
  message: string;
}

/**
 * Reads what a form asks for.
 * @param asked values of the form; none of them is trusted
 * @returns the input of the job, or all its faults, for the page to show
 */
export function readBulkEdit(
  asked: unknown,
  about: { catalogue: Pick<Catalogue, 'types' | 'isPrivacyMode'>; scope: Scope },
): { edit: BulkEdit } | { faults: BulkFault[] } {
  const parsed = bulkEditSchema.safeParse(asked);
  if (!parsed.success) return { faults: parsed.error.issues.map(faultOf) };
  const edit = { ...parsed.data, typeIds: [...new Set(parsed.data.typeIds)] };
  const faults: BulkFault[] = [];
  const fault = (field: keyof BulkEdit, message: string) => void faults.push({ field, message });
  if (edit.status === null && !edit.hasOptOutOfAllRemoved) fault('status', 'Choose what to change.');
  if ((edit.status !== null || !edit.hasOptOutOfAllRemoved) && edit.typeIds.length === 0)
    fault('typeIds', 'Choose at least one subscription type.');
  const isReached = (typeId: number) => {
    const type = about.catalogue.types.get(typeId);
    return type?.channel === edit.channel && type.isActive && isInScope(about.scope, type.unitId);
  };
  if (!edit.typeIds.every(isReached)) fault('typeIds', 'Choose subscription types of this channel.');
  if (edit.status === 'OPT_IN') {
    if (!edit.explanation) fault('explanation', 'Say how these contacts gave their consent.');
    if (about.catalogue.isPrivacyMode && !edit.legalBasis)
      fault('legalBasis', 'Choose the legal basis for communicating with these contacts.');
  }
  return faults.length > 0 ? { faults } : { edit };
}

/** A field or a value that the page did not offer: not typed by a person. */
function faultOf({ path, code }: z.core.$ZodIssue): BulkFault {
  const field = String(path[0] ?? 'selection');
  if (field === 'explanation' && code === 'too_big')
    return { field, message: `An explanation has at most ${longestExplanation} characters.` };
  return { field, message: 'Choose one of the values in the list.' };
}

/**
 * The wishes of an edit, the same for every contact. Opt-outs of all are removed first, so that later opt-ins count.
 * @param scope of the job: its units' opt-outs of all are removed, and the account's only if the job reaches all units
 */
export function wishesOf(
  edit: Pick<BulkEdit, 'typeIds' | 'status' | 'hasOptOutOfAllRemoved'>,
  { catalogue, scope }: { catalogue: Pick<Catalogue, 'units'>; scope: Scope },
): { lifts: Wish[]; types: Wish[] } {
  const { status } = edit;
  const wide = edit.hasOptOutOfAllRemoved ? (scope ?? [null, ...catalogue.units.keys()]) : [];
  return {
    lifts: wide.map((unitId) => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId })),
    types: status === null ? [] : edit.typeIds.map((typeId) => ({ kind: kindOf[status], typeId })),
  };
}

const kindOf = {
  OPT_IN: 'OPT_IN',
  NOT_OPTED: 'SET_NOT_SPECIFIED',
  OPT_OUT: 'OPT_OUT',
} as const satisfies Record<BulkStatus, Wish['kind']>;

/** The reasons that its events record. */
export function circumstancesOf({
  legalBasis,
  explanation,
}: Pick<BulkEdit, 'legalBasis' | 'explanation'>): Circumstances {
  return { ...(legalBasis ? { legalBasis } : {}), ...(explanation ? { explanation } : {}) };
}

/** Faults in HubSpot's exact words, on which integrations branch. */
import { z } from 'zod';
import { DomainError } from '../../../errors.js';
import type { RefusalCode } from '../../../vocabulary/refusal-codes.js';

/** One part of a fault: its code and the values that it is about. */
const detail = z.object({
  message: z.string(),
  code: z.string().optional(),
  in: z.string().optional(),
  context: z.record(z.string(), z.array(z.string())).optional(),
});
export type Detail = z.infer<typeof detail>;
const detailed = z.object({ details: z.array(detail) });

/** A 400 `VALIDATION_ERROR` with these words. */
export function invalid(message: string, details: readonly Detail[] = []): DomainError {
  return new DomainError('INVALID_FORM', message, details.length > 0 ? { cause: { details } } : {});
}

/** The parts of a fault that `invalid` made. */
export function detailsOf(error: unknown): Detail[] {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return detailed.safeParse(cause).data?.details ?? [];
}

/** Why a subscription was not changed. @param given the address and the id of the type, as the caller wrote them */
export function refusedStatus(code: RefusalCode, given: { address: string; typeId: number }): DomainError {
  const { address, typeId } = given;
  switch (code) {
    case 'PREVIOUSLY_OPTED_OUT':
    case 'OPTED_OUT_OF_ALL':
    case 'ERASED':
      return invalid(
        `Subscription ${typeId} for ${address} cannot be updated because they have unsubscribed`,
      );
    case 'UNKNOWN_TYPE':
      return new DomainError('NOT_FOUND', `Subscription ${typeId} does not exist`);
    case 'TYPE_ARCHIVED':
      return invalid(`Subscription ${typeId} is not active`);
    case 'LEGAL_BASIS_REQUIRED':
      return invalid(`A legalBasis is required to update subscription ${typeId} for ${address}`);
    case 'EXPLANATION_REQUIRED':
      return invalid(`A legalBasisExplanation is required to update subscription ${typeId} for ${address}`);
    default:
      return invalid(`Subscription ${typeId} for ${address} cannot be updated this way`);
  }
}

/** A part of a batch that failed, as the answer of a batch lists it. */
export function batchError(error: unknown, context: Record<string, string[]>): object {
  if (!(error instanceof DomainError)) throw error;
  const category = { NOT_FOUND: 'OBJECT_NOT_FOUND', CONFLICT: 'CONFLICT' }[String(error.code)];
  return {
    ...{ status: 'error', id: null, category: category ?? 'VALIDATION_ERROR', subCategory: null },
    ...{ message: error.message, context, errors: detailsOf(error), links: {} },
  };
}

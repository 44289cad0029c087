/** Does what a form of the record asks for, as this member of the staff, on the state that the form showed and on no newer one. */
import {
  type LegalBasis,
  type SubscriptionStatus,
  type SubscriptionType,
  type Wish,
  legalBases,
} from '../../../vocabulary/terms.js';
import { changeConsent, type ConsentResult } from '../../../domain/consent/change.js';
import { circumstancesOf, type BulkEdit } from '../../../domain/contacts/bulk/bulk-edit.js';
import { makeSubscriber } from '../../../domain/contacts/look-up.js';
import { severalLines } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { AuditKind } from '../../../models/audit-entry.js';
import { auditBy } from '../audit-by.js';
import { textOf } from '../form.js';
import type { Ask } from '../route.js';
import { channelOf, openForAct, type ChannelRecord, type OpenedRecord } from './open-record.js';
import { movedSince } from './shown-states.js';

/** Why an override is made, as the form has it. */
export interface Reasons {
  legalBasis: string;
  explanation: string;
  processingBasis: string;
}

export function reasonsOf({ request }: Pick<Ask, 'request'>): Reasons {
  return {
    legalBasis: textOf(request, 'legalBasis', 60),
    // Also one that is too long, which the form shows again with its fault.
    explanation: severalLines(textOf(request, 'explanation', 500_000)),
    processingBasis: textOf(request, 'processingBasis', 60),
  };
}

export const noReasons: Reasons = { legalBasis: '', explanation: '', processingBasis: '' };

export function legalBasisOf(text: string): LegalBasis | undefined {
  return legalBases.find((one) => one === text);
}

/** As jobs keep them: null for a basis that is none. */
export function keptReasons({
  legalBasis,
  explanation,
}: Reasons): Pick<BulkEdit, 'legalBasis' | 'explanation'> {
  return { legalBasis: legalBasisOf(legalBasis) ?? null, explanation };
}

/** What a form showed of the types that it is about, and what it wishes for them. */
export interface Shown {
  shown: string;
  types: readonly SubscriptionType[];
  wished: SubscriptionStatus;
}

export type ActResult =
  | { kind: 'DONE'; result: ConsentResult }
  /** Something newer was decided meanwhile: the record as it is now, for the form to show. */
  | { kind: 'MOVED'; moved: SubscriptionType[]; record: OpenedRecord; one: ChannelRecord };

/** How often an act begins anew because something else of the same record changed meanwhile. */
const mostTries = 5;

/**
 * Performs the wishes of one form in one write. What the form showed is compared with the very state that is written over.
 * @throws DomainError `NOT_FOUND` where the contact went away meanwhile; `DATABASE_AWAY`
 */
export async function act(
  deps: Deps,
  ask: Ask,
  of: { record: OpenedRecord; one: ChannelRecord },
  { wishes, reasons, shown }: { wishes: Wish[]; reasons: Reasons; shown?: Shown },
): Promise<ActResult> {
  let { record, one } = of;
  for (let tries = 0; tries < mostTries; tries++) {
    const moved = shown ? movedSince(shown.shown, one.subscriber, shown.types, shown.wished) : [];
    if (moved.length > 0) return { kind: 'MOVED', moved, record, one };
    const found = one.subscriber;
    // What is decided of an address is kept with the address.
    if (found.version === 0) await makeSubscriber(deps, one);
    const result = await changeConsent(deps, {
      subscriberId: one.subscriberId,
      channel: one.channel,
      actor: record.actor,
      wishes,
      ...(found.version > 0 ? { found } : {}),
      ...(shown ? { onlyAfter: found.seq } : {}),
      circumstances: circumstancesOf(keptReasons(reasons)),
    });
    if (result.outcomes.length > 0 || wishes.length === 0) return { kind: 'DONE', result };
    record = await openForAct(deps, ask);
    one = channelOf(record, one.channel);
  }
  throw new DomainError('DATABASE_AWAY');
}

/** Notes an act in the audit log; what was decided is in the history itself. */
export async function noteAct(
  deps: Deps,
  ask: Ask,
  { id, contact }: Pick<OpenedRecord, 'id' | 'contact'>,
  kind: AuditKind,
  more: { unitId?: number | null; detail?: string } = {},
): Promise<void> {
  await auditBy(deps, ask, { kind, about: `${contact ? 'contact' : 'subscriber'}:${id}`, ...more });
}

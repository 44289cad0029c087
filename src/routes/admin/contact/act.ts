/** Performs what a form of the record asks for, as this user, on the state that the form showed and on no newer one. */
import type { Deps } from '../../../deps.js';
import { changeConsent, type ConsentResult } from '../../../domain/consent/change.js';
import { circumstancesOf, type BulkEdit } from '../../../domain/contacts/bulk/bulk-edit.js';
import { makeSubscriber } from '../../../domain/contacts/look-up.js';
import { DomainError } from '../../../errors.js';
import type { AuditKind } from '../../../models/audit-entry.js';
import type { SubscriptionStatus, SubscriptionType, Wish } from '../../../vocabulary/terms.js';
import { listOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import type { FieldFault } from '../form.js';
import type { Ask } from '../route.js';
import type { Target } from './act-page.js';
import { channelOf, openForAct, type OpenedRecord } from './open-record.js';
import { movedSince } from './shown-states.js';

/** Why an act is done. */
export type Reasons = Pick<BulkEdit, 'legalBasis' | 'explanation'>;

/** What a form showed of its types, and the status that it wishes for them. */
interface ShownTypes {
  shown: string;
  types: readonly SubscriptionType[];
  wished: SubscriptionStatus;
}

type ActResult =
  | { kind: 'DONE'; result: ConsentResult }
  /** These types changed after the form was shown. Nothing was done. */
  | { kind: 'MOVED'; moved: SubscriptionType[] };

/** How often an act begins again because something else of the record changed meanwhile. */
const mostTries = 5;

/**
 * Performs the wishes of one form in one write. What the form showed is compared with the state that is written over.
 * @throws DomainError `NOT_FOUND` if the contact no longer exists; `DATABASE_AWAY`
 */
export async function act(
  deps: Deps,
  ask: Ask,
  of: Pick<Target, 'record' | 'one'>,
  { wishes, reasons, shown }: { wishes: Wish[]; reasons?: Reasons; shown?: ShownTypes },
): Promise<ActResult> {
  let { record, one } = of;
  for (let tries = 0; tries < mostTries; tries++) {
    const moved = shown ? movedSince(shown.shown, one.subscriber, shown.types, shown.wished) : [];
    if (moved.length > 0) return { kind: 'MOVED', moved };
    const found = one.subscriber;
    // A decision about an address is stored with the address.
    if (found.version === 0) await makeSubscriber(deps, one);
    const result = await changeConsent(deps, {
      subscriberId: one.subscriberId,
      channel: one.channel,
      actor: record.actor,
      wishes,
      ...(found.version > 0 ? { found } : {}),
      ...(shown ? { onlyAfter: found.seq } : {}),
      circumstances: reasons ? circumstancesOf(reasons) : {},
    });
    if (result.outcomes.length > 0 || wishes.length === 0) return { kind: 'DONE', result };
    record = await openForAct(deps, ask);
    one = channelOf(record, one.channel);
  }
  throw new DomainError('DATABASE_AWAY');
}

/** Says that a form was open for too long. @param href the field of the form that shows the types */
export function movedFault(moved: readonly SubscriptionType[], href: string): FieldFault {
  const names = listOf(moved.map(({ name }) => name));
  const text = `${names} changed while this page was open, so nothing was done. Check it as it is now, and send it again if it is still right.`;
  return { text, href };
}

/** Adds an act to the audit log. The history has what was decided. */
export async function noteAct(
  deps: Deps,
  ask: Ask,
  { id, contact }: Pick<OpenedRecord, 'id' | 'contact'>,
  kind: AuditKind,
  more: { unitId?: number | null; detail?: string } = {},
): Promise<void> {
  await auditBy(deps, ask, { kind, about: `${contact ? 'contact' : 'subscriber'}:${id}`, ...more });
}

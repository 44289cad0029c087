/** Opt-outs that a machine seems to have made, of everybody: listed newest first, and put right in a batch where the contacts say so. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { maskAddress } from '../../../domain/consent/address.js';
import { changeConsent } from '../../../domain/consent/change.js';
import { machineOptOutsOf } from '../../../domain/consent/machine-opt-outs.js';
import type { MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { Catalogue } from '../../../domain/consent/terms.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { mayRole, staffRef } from '../../../domain/staff/access.js';
import type { Deps } from '../../../deps.js';
import { findContactsById } from '../../../models/contact.js';
import type { Contact } from '../../../models/contact.js';
import type { Subscriber } from '../../../models/subscriber.js';
import { isAnyInScope, isInScope } from '../../../scope.js';
import type { AdminMachineOptOutsPage } from '../../../views/admin-record-pages.js';
import { queryOf, textsOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { adminFrame } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { channelWords, counted, momentOf, refusalWords } from '../words.js';
import { circumstancesOf, legalBasisOf, noReasons, reasonsOf } from './act.js';
import type { Reasons } from './act.js';
import { basisField, basisMissing, explanationField, explanationMissing, statusOf } from './act-page.js';
import { undoOf } from './corrections.js';
import { findMachineMade } from './machine-made.js';
import { catalogueWithin, nameOf } from './open-record.js';
import { readSubscribers } from './reading.js';
import { whatOf } from './record-page.js';

type Row = AdminMachineOptOutsPage['rows'][number];

/** How many subscribers a page shows; whoever puts right ticks among them, so a batch is small and done at once. */
const pageSize = 50;

interface Draft {
  ticked: readonly string[];
  reasons: Reasons;
  faults: FieldFault[];
}

export function machineOptOutRoutes(deps: Deps): StaffRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.machineOptOuts,
      may: 'contacts.read',
      about: 'nothing',
      handle: (ask, response) =>
        showList(deps, ask, response, { ticked: [], reasons: noReasons, faults: [] }),
    },
    {
      method: 'POST',
      path: adminPatterns.machineOptOuts,
      may: 'overrides.make',
      about: 'nothing',
      handle: async (ask, response) => {
        const reasons = reasonsOf(ask);
        const ticked = textsOf(ask.request, 'pick', 2000);
        const { isPrivacyMode } = await deps.catalogue();
        const faults = [
          ...(ticked.length === 0 ? [{ text: 'Choose at least one.', href: '#main' }] : []),
          ...(isPrivacyMode && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
          ...(reasons.explanation ? [] : [explanationMissing]),
        ];
        if (faults.length > 0) return showList(deps, ask, response, { ticked, reasons, faults });
        return putRight(deps, ask, response, ticked, reasons);
      },
    },
  ];
}

async function showList(deps: Deps, ask: Ask, response: Response, draft: Draft): Promise<void> {
  const cursor = queryOf(ask.request, 'before', 200);
  const found = await findMachineMade(deps.models, {
    scope: ask.scope,
    limit: pageSize,
    ...(cursor ? { before: cursor } : {}),
  });
  const catalogue = catalogueWithin(await deps.catalogue(), ask.scope);
  const contacts = await contactsOf(deps, ask, found.subscribers);
  const rows = found.subscribers.flatMap((subscriber) =>
    madeOf(ask, subscriber, catalogue).map((of) =>
      rowOf({ subscriber, of, catalogue, contacts }, draft.ticked),
    ),
  );
  const mayPutRight = mayRole(ask.user.role, 'overrides.make');
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    action: adminPaths.machineOptOuts(),
    rows,
    mayPutRight,
    fields: mayPutRight ? fieldsOf(catalogue, draft) : [],
    faults: draft.faults,
    hasPages: cursor !== undefined || found.next !== null,
    ...(found.next === null ? {} : { olderUrl: adminPaths.machineOptOuts({ before: found.next }) }),
    ...(cursor === undefined ? {} : { newestUrl: adminPaths.machineOptOuts() }),
  };
  response.status(statusOf(page)).send(deps.views.page('admin-machine-opt-outs', page));
}

function fieldsOf({ isPrivacyMode }: Catalogue, { reasons, faults }: Draft) {
  return [
    basisField(reasons.legalBasis, faults, { isRequired: isPrivacyMode }),
    explanationField(reasons.explanation, faults, 'How and when did they say so? It goes with each of them.'),
  ];
}

/**
 * The answer is the result itself, a row for each that was chosen: sent again it changes nothing, so it needs no redirect. Each subscriber is
 * written by itself, so what could not be done stops nothing else.
 */
async function putRight(
  deps: Deps,
  ask: Ask,
  response: Response,
  ticked: readonly string[],
  reasons: Reasons,
): Promise<void> {
  const catalogue = catalogueWithin(await deps.catalogue(), ask.scope);
  const ids = [...new Set(ticked.map((value) => value.split(':')[0] ?? ''))].slice(0, pageSize);
  const subscribers = await readSubscribers(deps, ids);
  const contacts = await contactsOf(deps, ask, subscribers);
  const rows: Row[] = [];
  for (const subscriber of subscribers) {
    const chosen = madeOf(ask, subscriber, catalogue).filter((of) =>
      ticked.includes(valueOf(subscriber, of)),
    );
    const wishes = chosen.flatMap((of) => undoOf({ subscriber }, of));
    if (wishes.length === 0) continue;
    const { outcomes } = await changeConsent(deps, {
      subscriberId: subscriber._id,
      channel: subscriber.channel,
      actor: { kind: 'STAFF', isBulk: true, ref: staffRef(ask.user), decidedAt: deps.clock() },
      wishes,
      circumstances: circumstancesOf(reasons),
    });
    chosen.forEach((of, at) => {
      const outcome = outcomes[at];
      rows.push({
        ...rowOf({ subscriber, of, catalogue, contacts }, []),
        ...(outcome ? { result: resultOf(outcome) } : {}),
      });
    });
  }
  const done = rows.filter(({ result }) => result?.look === 'in').length;
  await recordAudit(deps, {
    kind: 'OVERRIDE_MADE',
    by: staffRef(ask.user),
    from: ask.from,
    detail: `UNDO_MACHINE_OPT_OUT of ${done}`,
  });
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    notice: {
      tone: done > 0 ? 'good' : 'warn',
      strong: `${counted(done, 'opt-out')} put right.`,
      ...(done < ticked.length ? { sentence: 'The others are as they were; each row says why.' } : {}),
    },
    action: adminPaths.machineOptOuts(),
    rows,
    mayPutRight: false,
    fields: [],
    hasPages: true,
    newestUrl: adminPaths.machineOptOuts(),
  };
  response.send(deps.views.page('admin-machine-opt-outs', page));
}

function resultOf(
  outcome: Awaited<ReturnType<typeof changeConsent>>['outcomes'][number],
): NonNullable<Row['result']> {
  if (outcome.result === 'REFUSED') return { look: 'out', text: refusalWords[outcome.code] };
  if (outcome.result === 'NO_CHANGE') return { look: 'none', text: 'Something newer stands; left as it is' };
  return { look: 'in', text: 'Put right' };
}

/** What stands of it that this user reaches. */
function madeOf({ scope }: Ask, subscriber: Subscriber, catalogue: Catalogue): MachineOptOut[] {
  return machineOptOutsOf(subscriber, catalogue)
    .filter(({ unitId }) => isInScope(scope, unitId))
    .sort((one, other) => other.standing.at.getTime() - one.standing.at.getTime());
}

/** The contacts of these addresses, by id; one outside the user's units is not known. */
async function contactsOf(
  { models }: Deps,
  { scope }: Ask,
  subscribers: readonly Subscriber[],
): Promise<ReadonlyMap<string, Contact>> {
  const ids = [...new Set(subscribers.flatMap(({ contactId }) => contactId ?? []))];
  const contacts = ids.length === 0 ? [] : await findContactsById(models.contacts, ids);
  return new Map(
    contacts
      .filter(({ unitIds, blankUntil }) => !blankUntil && isAnyInScope(scope, unitIds))
      .map((contact) => [contact._id, contact]),
  );
}

/** `<subscriber id>:<number of the event>`: what stands by that very event, and nothing newer. */
const valueOf = ({ _id }: Pick<Subscriber, '_id'>, { standing }: MachineOptOut) => `${_id}:${standing.seq}`;

function rowOf(
  {
    subscriber,
    of,
    catalogue,
    contacts,
  }: {
    subscriber: Subscriber;
    of: MachineOptOut;
    catalogue: Catalogue;
    contacts: ReadonlyMap<string, Contact>;
  },
  ticked: readonly string[],
): Row {
  const { channel, address, contactId } = subscriber;
  const contact = contactId ? contacts.get(contactId) : undefined;
  const event = subscriber.events.find(({ seq }) => seq === of.standing.seq);
  const value = valueOf(subscriber, of);
  return {
    id: `pick-${value.replace(':', '-')}`,
    value,
    isTicked: ticked.includes(value),
    who: contact
      ? nameOf(contact)
      : maskAddress(channel, address) ||
        (subscriber.erasedAt ? 'An erased address' : 'An address that was not kept'),
    ...(contact ? { whoUrl: adminPaths.contact(contact._id, { channel }) } : {}),
    channel: channelWords[channel],
    what: whatOf(of, { catalogue }),
    when: momentOf(of.standing.at),
    isoTime: of.standing.at.toISOString(),
    robot: event?.detail?.userAgent ?? 'not known',
  };
}

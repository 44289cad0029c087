/** Corrects the automated opt-outs that were ticked. */
import { changeConsentInBulk } from '../../../domain/consent/change-in-bulk.js';
import type { Outcome } from '../../../domain/consent/change.js';
import { reading } from '../../../domain/consent/durability.js';
import { findEvents } from '../../../domain/consent/find-events.js';
import type { MachineMadeRow } from '../../../domain/consent/find-machine-made.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import { circumstancesOf } from '../../../domain/contacts/bulk/bulk-edit.js';
import type { Deps } from '../../../deps.js';
import { findWholeSubscribers } from '../../../models/find-subscribers.js';
import { auditBy } from '../audit-by.js';
import type { Ask } from '../route.js';
import type { Reasons } from './act.js';
import { whyNot } from './offered.js';
import { staffActor } from './open-record.js';
import { contactsOf, rowsOf, valueOf, type MachineRow } from './machine-rows.js';

const mostAtOnce = 100;

/** A refused one does not stop the others. @returns a row with its result for each that was ticked */
export async function putRight(
  deps: Deps,
  ask: Ask,
  ticked: readonly string[],
  reasons: Reasons,
): Promise<MachineRow[]> {
  const chosen = await findChosen(deps, ask, ticked);
  const shown = { catalogue: await deps.catalogue(), contacts: await contactsOf(deps, ask, chosen) };
  const results = await changeConsentInBulk(
    deps,
    chosen.map(({ subscriberId, channel, optOuts }) => ({
      subscriberId,
      channel,
      actor: { ...staffActor(ask), isBulk: true, decidedAt: deps.clock() },
      wishes: optOuts.map(undoMachineOptOut),
      circumstances: circumstancesOf(reasons),
    })),
  );
  const rows = chosen.flatMap((one, place) =>
    one.optOuts.flatMap((of, at) => {
      const outcome = results[place]?.outcomes[at];
      const [row] = rowsOf(ask, { ...one, optOuts: [of] }, shown);
      return row && outcome ? [{ ...row, result: resultOf(outcome) }] : [];
    }),
  );
  const done = rows.filter(({ result }) => result?.tone === 'in').length;
  const detail = `machine-made opt-outs put right: ${done}`;
  if (done > 0) await auditBy(deps, ask, { kind: 'OVERRIDE_MADE', about: null, detail });
  return rows;
}

/** The ticked opt-outs that still exist as that event made them, and that this user reaches. */
async function findChosen(deps: Deps, { scope }: Ask, ticked: readonly string[]): Promise<MachineMadeRow[]> {
  const ids = [...new Set(ticked.map((value) => value.split(':')[0] ?? ''))].slice(0, mostAtOnce);
  const catalogue = await deps.catalogue();
  const subscribers = await reading(() => findWholeSubscribers(deps.models.subscribers, ids));
  const chosen = [...subscribers.values()].map((subscriber) => ({
    subscriber,
    optOuts: machineOptOutsOf(subscriber, catalogue, scope).filter((of) =>
      ticked.includes(valueOf(subscriber._id, of)),
    ),
  }));
  const eventOf = await findEvents(
    deps.models,
    chosen.map(({ subscriber, optOuts }) => ({
      subscriber,
      seqs: optOuts.map(({ standing }) => standing.seq),
    })),
  );
  return chosen
    .filter(({ optOuts }) => optOuts.length > 0)
    .map(({ subscriber: { _id, channel, address, contactId }, optOuts }) => ({
      ...{ subscriberId: _id, channel, address, contactId },
      optOuts: optOuts.map((of) => ({ ...of, event: eventOf(_id, of.standing.seq) ?? null })),
    }));
}

function resultOf(outcome: Outcome): NonNullable<MachineRow['result']> {
  if (outcome.result === 'REFUSED') return { tone: 'out', words: whyNot(outcome.code, []) };
  if (outcome.result === 'NO_CHANGE') return { tone: 'none', words: 'Not changed: there is a newer opt-out' };
  return { tone: 'in', words: 'Put right' };
}

/** The tab Subscriptions: each type with its status, what decides it, and the action that this user may take. */
import { adminPaths } from '../../../admin-paths.js';
import { effectiveStatus, optOutsOver } from '../../../domain/consent/effective.js';
import { machineOptOutsOf } from '../../../domain/consent/machine-opt-outs.js';
import {
  channels,
  type OptOutSet,
  type Party,
  type Standing as Consent,
  type SubscriptionStatus,
  type SubscriptionType,
} from '../../../vocabulary/terms.js';
import { inPrecedence } from '../../../domain/consent/opt-out-sets.js';
import type { AdminContactRecordPage, Standing, SubscriptionRow } from '../../../views/admin-record-pages.js';
import { basisNames, channelNames, dayOf, listOf, statusNames } from '../../../vocabulary/words.js';
import { statusTones } from '../options.js';
import { alsoOut, channelMatter, levelName, typeName, unitName } from './event-words.js';
import { doerBehind, doerByName, whoActed, whoActedWithin } from '../../../domain/staff/names.js';
import type { DoerOf } from '../../../domain/staff/names.js';
import { cannotReceiveStandings, quoted } from './cannot-receive.js';
import { correctable, offersOf, optOutsOffered, whyNot, wishFor } from './offered.js';
import { actOf, optOutsOfAll, typesOf } from './open-record.js';
import type { ChannelRecord, OpenedRecord, RecordFilter } from './open-record.js';
import { present } from '../present.js';

/** The input of the tab, besides the record. */
export interface RecordView {
  filter: RecordFilter;
  doerOf: DoerOf;
  mayOverride: boolean;
}

/** One table for each channel. */
export function subscriptionsOf(
  record: OpenedRecord,
  view: RecordView,
): Pick<AdminContactRecordPage, 'channels' | 'nothing'> {
  const shown = record.channels.filter(
    ({ channel }) => view.filter.channel === null || view.filter.channel === channel,
  );
  const tables = shown.map((one) => tableOf(record, one, view));
  const filled = tables.filter(({ rows, standings }) => rows.length + standings.length > 0);
  if (filled.length > 0) return { channels: filled };
  return {
    channels: [],
    nothing:
      shown.length === 0
        ? `There is no address for ${listOf(missingChannels(record, view.filter))}.`
        : 'There is no subscription type here.',
  };
}

function missingChannels({ channels: known }: OpenedRecord, { channel }: RecordFilter): string[] {
  return channels
    .filter((one) => (channel === null || one === channel) && !known.some((record) => record.channel === one))
    .map((one) => channelMatter[one]);
}

function tableOf(
  record: OpenedRecord,
  one: ChannelRecord,
  view: RecordView,
): AdminContactRecordPage['channels'][number] {
  const { channel, address } = one;
  const types = typesOf(record, one, view.filter.unitId);
  return {
    name: channelNames[channel],
    address,
    standings: standingsOf(record, one, view),
    rows: types.map((type) => rowOf(record, one, type, view)),
    ...(view.mayOverride && optOutsOffered(record, one).length > 0
      ? {
          optOutOfAll: {
            href: adminPaths.optOuts(record.id, { channel }),
            label: `Opt out of all ${channelMatter[channel]}`,
          },
        }
      : {}),
  };
}

function rowOf(
  record: OpenedRecord,
  one: ChannelRecord,
  type: SubscriptionType,
  view: RecordView,
): SubscriptionRow {
  const { catalogue } = record;
  const { status, level, standing, optOuts } = effectiveStatus(one.subscriber, type);
  const made = standing && actOf(one, standing);
  const doer = made && doerBehind(made, view.doerOf);
  const isErasure = standing && isByErasure(standing);
  const wished = status === 'SUBSCRIBED' ? 'UNSUBSCRIBED' : 'SUBSCRIBED';
  const [offer] = view.mayOverride ? offersOf(record, one, [wishFor(wished, type)]) : [];
  return {
    type: type.name,
    unit: unitName(catalogue, type.unitId),
    chips: chipsOf(one, type, status, { now: record.now, zone: catalogue.timeZone }),
    status: statusNames[status],
    look: statusTones[status],
    by: made ? (isErasure ? 'Contact' : whoActed(made, view.doerOf, doerByName)) : '',
    why: [
      ...(made && isErasure ? [`data erased by ${whoActedWithin(made, view.doerOf)}`] : []),
      ...(standing && level !== 'SUBSCRIPTION_STATUS' ? [levelName(level, type, catalogue)] : []),
      ...(standing?.legalBasis ? [basisNames[standing.legalBasis]] : []),
      ...(standing?.isMachine ? ['looked like a machine'] : []),
      ...alsoOut(optOuts),
    ],
    ...(doer && !isErasure ? { email: partsOf(doer.email) } : {}),
    // The explanation of an opt-out of all is shown above the table.
    ...(standing?.explanation && level === 'SUBSCRIPTION_STATUS'
      ? { explanation: foldedOf(standing.explanation) }
      : {}),
    since: standing ? dayOf(standing.at, catalogue.timeZone) : '',
    sinceIso: standing?.at.toISOString() ?? '',
    ...(offer?.isOffered && {
      action: {
        href: adminPaths.overrides(record.id, {
          channel: type.channel,
          type: type.id,
          to: wished,
        }),
        label: verbOf(wished, status),
        name: wished === 'UNSUBSCRIBED' ? `from ${type.name}` : `to ${type.name}`,
      },
    }),
    ...(offer?.refusal ? { reason: whyNot(offer.refusal, optOutsOver(one.subscriber, type)) } : {}),
  };
}

function partsOf(email: string): { local: string; domain: string } {
  const at = email.lastIndexOf('@');
  return { local: email.slice(0, at), domain: email.slice(at) };
}

/** Characters of an explanation that a row shows unfolded. */
const longestShown = 90;

function foldedOf(explanation: string): { text: string; beginning?: string } {
  const text = `“${explanation}”`;
  if (text.length <= longestShown) return { text };
  return { text, beginning: `${text.slice(0, longestShown - 30).replace(/\s+\S*$/, '')} …` };
}

/** The label of a button. */
export function verbOf(wished: SubscriptionStatus, from: SubscriptionStatus): string {
  if (wished === 'UNSUBSCRIBED') return 'Unsubscribe';
  if (wished === 'NOT_SPECIFIED') return 'Set back to not specified';
  return from === 'UNSUBSCRIBED' ? 'Resubscribe' : 'Subscribe';
}

function chipsOf(
  { subscriber }: ChannelRecord,
  type: SubscriptionType,
  status: SubscriptionStatus,
  { now, zone }: { now: Date; zone: string },
): SubscriptionRow['chips'] {
  const until = subscriber.snoozes[type.id]?.until;
  const isWaiting =
    status !== 'SUBSCRIBED' &&
    subscriber.pending.some(
      ({ typeIds, confirmedAt, expiresAt }) => !confirmedAt && expiresAt > now && typeIds.includes(type.id),
    );
  return [
    ...(until && until > now ? [{ text: `paused until ${dayOf(until, zone)}`, tone: 'warn' as const }] : []),
    ...(isWaiting ? [{ text: 'asked for, to be confirmed', tone: 'warn' as const }] : []),
    ...(type.isInternal ? [{ text: 'internal', tone: 'plain' as const }] : []),
    ...(type.isActive ? [] : [{ text: 'archived', tone: 'plain' as const }]),
  ];
}

/** Facts about all types: opt-outs of all, an address that cannot receive, automated opt-outs. */
function standingsOf(record: OpenedRecord, one: ChannelRecord, view: RecordView): Standing[] {
  const { catalogue, id } = record;
  const { channel, subscriber } = one;
  const isShown = (unitId: number | null) =>
    unitId === null || view.filter.unitId === null || view.filter.unitId === unitId;
  const all = optOutsOfAll(record, one)
    .filter(({ unitId }) => isShown(unitId))
    .map(({ unitId, optOuts }): Standing => {
      const what = unitId === null ? 'everything' : `all of ${unitName(catalogue, unitId)}`;
      const [offer] = view.mayOverride
        ? offersOf(record, one, [{ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }])
        : [];
      return {
        tone: 'stop',
        strong: `Opted out of ${what}.`,
        sentence: [
          saidByAll(record, one, optOuts, view.doerOf),
          ...(offer?.refusal ? [whyNot(offer.refusal, optOuts)] : []),
        ].join(' '),
        ...(offer?.isOffered && {
          action: {
            href: adminPaths.liftings(id, { channel, unit: unitId ?? 'all' }),
            label: `Remove opt out from all ${channel === 'EMAIL' ? 'email' : channelMatter[channel]}`,
            name: unitId === null ? 'of all business units' : `of ${unitName(catalogue, unitId)}`,
          },
        }),
      };
    });
  const machine = machineOptOutsOf(subscriber, catalogue, record.scope).filter(({ unitId }) =>
    isShown(unitId),
  );
  const mayCorrect = view.mayOverride && correctable(record, one).some(({ unitId }) => isShown(unitId));
  return present([
    ...cannotReceiveStandings(record, one, view),
    ...all,
    machine.length > 0 && {
      tone: 'warn' as const,
      strong: 'A machine seems to have opted out.',
      sentence: `It opted out of ${listOf(machine.map((of) => whatOf(of, record)))}. A mail filter may have followed the link.`,
      ...(mayCorrect && {
        action: {
          href: adminPaths.corrections(id, { channel }),
          label: 'Put right',
        },
      }),
    },
  ]);
}

/** The target of an opt-out in words: a type, a unit, everything. */
export function whatOf(
  { unitId, typeId }: { unitId: number | null; typeId: number | null },
  { catalogue }: Pick<OpenedRecord, 'catalogue'>,
): string {
  if (typeId !== null) return typeName(catalogue, typeId);
  return unitId === null ? 'everything' : `all of ${unitName(catalogue, unitId)}`;
}

/** One sentence for each party's opt-out of one target, the deciding one first. */
export function saidByAll(
  record: Pick<OpenedRecord, 'catalogue'>,
  one: ChannelRecord,
  set: OptOutSet,
  doerOf: DoerOf,
): string {
  const said = inPrecedence(set).map((optOut) => saidBy(record, one, optOut, doerOf));
  const rest = said.length - mostSaid;
  return [...said.slice(0, mostSaid), ...(rest > 0 ? [`And by ${rest} more.`] : [])].join(' ');
}

/** Maximum number of opt-outs of one target that a page shows in full. */
const mostSaid = 4;

/** True for the contact's opt-out that was made when staff erased the person's data. */
function isByErasure({ party, by }: Consent & { party?: Party }): boolean {
  return party === 'CONTACT' && by === 'STAFF';
}

/** "By staff (Ida Lund), on 30 Oct 2026: “asked by phone”." */
export function saidBy(
  { catalogue }: Pick<OpenedRecord, 'catalogue'>,
  one: ChannelRecord,
  standing: Consent & { party?: Party },
  doerOf: DoerOf,
): string {
  const who = whoActedWithin(actOf(one, standing), doerOf);
  const by = `By ${isByErasure(standing) ? `the contact, whose data was erased by ${who}` : who}, on ${dayOf(standing.at, catalogue.timeZone)}`;
  return standing.explanation ? `${by}: ${quoted(standing.explanation)}` : `${by}.`;
}

/** What several exports can be limited to: unit, channel, actor and days. */
import { z } from 'zod';
import { isInScope } from '../../vocabulary/scope.js';
import { actorKinds, channels } from '../../vocabulary/terms.js';
import type { ActorKind, Channel } from '../../vocabulary/terms.js';
import { isDay, startOfDay, addDays } from '../../vocabulary/time-zones.js';
import { channelNames } from '../../vocabulary/words.js';
import { nameOfKind } from '../consent/actors.js';
import type { FilterContext } from '../filters/condition-kind.js';
import type { ExportFact } from './contract.js';
import { exportFormatSchema } from './format.js';

const daySchema = z.string().refine(isDay, 'A day is written as 2026-11-24.');

/** Null and absent: no limit. */
export const choicesSchema = z.strictObject({
  format: exportFormatSchema.default(exportFormatSchema.parse({})),
  unitId: z.int().nonnegative().nullable().default(null),
  channel: z.enum(channels).nullable().default(null),
  /** `ALL`: opt-outs of all, and no single type. */
  type: z
    .union([z.literal('ALL'), z.int().nonnegative()])
    .nullable()
    .default(null),
  actor: z.enum(actorKinds).nullable().default(null),
  /** First and last day, in the account's time zone. */
  from: daySchema.nullable().default(null),
  to: daySchema.nullable().default(null),
});
export type Choices = z.infer<typeof choicesSchema>;

/** The target and the act of a row. Null ids mean all. */
export interface Chosen {
  unitId: number | null;
  typeId: number | null;
  channel: Channel;
  by: ActorKind;
  at: Date;
}

/** @returns whether a row is wanted: everything of the whole account counts for each unit */
export function isChosen(choices: Choices, { catalogue }: Pick<FilterContext, 'catalogue'>) {
  const { timeZone } = catalogue;
  const from = choices.from === null ? null : startOfDay(choices.from, timeZone);
  const until = choices.to === null ? null : startOfDay(addDays(choices.to, 1), timeZone);
  return ({ unitId, typeId, channel, by, at }: Chosen): boolean =>
    (choices.unitId === null || unitId === null || unitId === choices.unitId) &&
    (choices.channel === null || channel === choices.channel) &&
    (choices.type === null || (choices.type === 'ALL' ? typeId === null : typeId === choices.type)) &&
    (choices.actor === null || by === choices.actor) &&
    (from === null || at >= from) &&
    (until === null || at < until);
}

/** Why these choices cannot be made within a scope: a unit or a type that does not exist there. Null if they can. */
export function faultOfChoices(
  { unitId, type }: Pick<Choices, 'unitId' | 'type'>,
  { catalogue, scope }: FilterContext,
): 'UNKNOWN_UNIT' | 'UNKNOWN_TYPE' | null {
  if (unitId !== null && !(catalogue.units.has(unitId) && isInScope(scope, unitId))) return 'UNKNOWN_UNIT';
  const found = typeof type === 'number' ? catalogue.types.get(type) : undefined;
  if (typeof type === 'number' && !(found && isInScope(scope, found.unitId))) return 'UNKNOWN_TYPE';
  return null;
}

export function factsOfChoices(choices: Choices, { catalogue }: FilterContext): ExportFact[] {
  const { unitId, channel, type, actor, from, to } = choices;
  const fact = (term: string, word: string | null | undefined) => (word ? [{ term, words: [word] }] : []);
  const days = from && to ? `${from} to ${to}` : from ? `from ${from}` : to && `until ${to}`;
  return [
    ...fact('Business unit', unitId === null ? null : catalogue.units.get(unitId)?.name),
    ...fact('Channel', channel && channelNames[channel]),
    ...fact(
      'Subscription type',
      type === 'ALL' ? 'Opt-outs of all only' : type === null ? null : catalogue.types.get(type)?.name,
    ),
    ...fact('By', actor && nameOfKind(actor)),
    ...fact('Days', days),
  ];
}

/** Names of the target of a row, for the columns of unit and type. */
export function targetNames(
  { unitId, typeId }: Pick<Chosen, 'unitId' | 'typeId'>,
  { units, types }: Pick<FilterContext['catalogue'], 'units' | 'types'>,
): [unit: string, type: string] {
  return [
    unitId === null ? 'all' : (units.get(unitId)?.name ?? `business unit ${unitId}`),
    typeId === null ? 'all' : (types.get(typeId)?.name ?? `type ${typeId}`),
  ];
}

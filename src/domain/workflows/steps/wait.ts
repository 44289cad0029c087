/** Waits: for some time, until a date property, or until a day and time of the week. Days are counted by the account's clocks. */
import { z } from 'zod';
import type { Contact } from '../../../models/contact.js';
import { isDay } from '../../../vocabulary/time-zones.js';
import { counted, listOf, momentOf } from '../../../vocabulary/words.js';
import type { FilterContext } from '../../filters/condition-kind.js';
import { stepKind } from '../contract.js';
import { daysLater, momentAt, nextWeekday } from '../moments.js';
import { clockTime, weekdays } from '../plan.js';

export const waitUnits = ['MINUTES', 'HOURS', 'DAYS', 'WEEKS'] as const;
export const weekdayNames = [
  ...(['Monday', 'Tuesday', 'Wednesday', 'Thursday'] as const),
  ...(['Friday', 'Saturday', 'Sunday'] as const),
] as const;

const input = z.discriminatedUnion('until', [
  /** Minutes and hours are exact. A day is until the same time of day, also where clocks change. */
  z.strictObject({ until: z.literal('TIME'), amount: z.int().min(1).max(1000), unit: z.enum(waitUnits) }),
  z.strictObject({ until: z.literal('PROPERTY'), name: z.string().min(1).max(40), at: clockTime }),
  z.strictObject({ until: z.literal('WEEKDAY'), days: weekdays, at: clockTime }),
]);
type WaitStep = z.infer<typeof input>;

const dayMs = 86_400_000;
const unitMs = { MINUTES: 60_000, HOURS: 3_600_000, DAYS: dayMs, WEEKS: 7 * dayMs } as const;

export const waitStep = stepKind<WaitStep>({
  name: 'WAIT',
  label: 'Wait',
  hint: 'Waits for some time, until a date of the contact, or until a day and time of the week.',
  input,
  isAction: false,
  sentence(step, { catalogue: { timeZone } }) {
    switch (step.until) {
      case 'TIME':
        return `Wait ${counted(step.amount, step.unit.toLowerCase().slice(0, -1))}.`;
      case 'PROPERTY':
        return `Wait until the day in ${step.name}, at ${step.at}, ${timeZone} time.`;
      case 'WEEKDAY': {
        const names = step.days.map((day) => weekdayNames[day - 1] ?? '');
        return `Wait until the next ${listOf(names).replace(' and ', ' or ')} at ${step.at}, ${timeZone} time.`;
      }
    }
  },
  faults(step, { catalogue }) {
    if (step.until !== 'PROPERTY') return [];
    const kind = catalogue.properties.get(step.name.toLowerCase())?.kind;
    return kind === 'DATE' ? [] : [`${step.name} is not a property that is a date. Choose another.`];
  },
  lasts: (step) => {
    if (step.until === 'PROPERTY') return null;
    if (step.until === 'WEEKDAY') return 7 * dayMs;
    return step.amount * unitMs[step.unit];
  },
  async foretell(deps, step, { contact }, { about }) {
    const now = deps.clock();
    const until = endOf(step, contact, now, about);
    return until === null || until <= now
      ? 'Does not wait: the contact has no such date ahead.'
      : `Waits until ${momentOf(until, about.catalogue.timeZone)}.`;
  },
  async run(deps, step, rows, { about }) {
    const now = deps.clock();
    return rows.map(({ enrolment, contact }) => {
      if (enrolment.isWaiting) return { go: 'ON', outcome: 'DONE' };
      const until = endOf(step, contact, now, about);
      if (until === null) return { go: 'ON', outcome: 'SKIPPED', reason: 'NO_DATE' };
      return until <= now ? { go: 'ON', outcome: 'SKIPPED', reason: 'DATE_PASSED' } : { go: 'WAIT', until };
    });
  },
});

/** @returns null if the contact has no such date */
function endOf(
  step: WaitStep,
  { properties }: Pick<Contact, 'properties'>,
  now: Date,
  { catalogue: { timeZone } }: FilterContext,
): Date | null {
  switch (step.until) {
    case 'TIME': {
      const { amount, unit } = step;
      if (unit === 'DAYS' || unit === 'WEEKS')
        return daysLater(now, unit === 'WEEKS' ? amount * 7 : amount, timeZone);
      return new Date(now.getTime() + amount * unitMs[unit]);
    }
    case 'WEEKDAY':
      return nextWeekday(now, step, timeZone);
    case 'PROPERTY': {
      const [, day = ''] =
        Object.entries(properties).find(([name]) => name.toLowerCase() === step.name.toLowerCase()) ?? [];
      return isDay(day) ? momentAt(day, step.at, timeZone) : null;
    }
  }
}

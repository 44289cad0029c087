/** How many soft bounces in how many days make a hard bounce: a setting of the account. */
import { z } from 'zod';
import type { Models } from '../../models/index.js';
import { saveSetting } from '../../models/setting.js';
import { reading, writing } from '../consent/durability.js';

/** A whole number that a person typed. */
const whole = (most: number) => {
  const fault = `is not a whole number from 1 to ${most}`;
  return z.coerce.number(fault).int(fault).min(1, fault).max(most, fault);
};

/** Event ids are kept for longer than the longest window. */
export const softLimitFields = z.strictObject({ bounces: whole(100), days: whole(90) });
export type SoftLimit = z.infer<typeof softLimitFields>;

const stored = z.object({ bounces: z.number(), days: z.number(), version: z.number() });

/** Specification "Bounces and complaints": 5 in 30 days, unless the account says otherwise. */
const usual = { bounces: 5, days: 30, version: 0 };

export async function readSoftLimit(deps: {
  models: Pick<Models, 'settings'>;
}): Promise<SoftLimit & { version: number }> {
  const found = await reading(() => deps.models.settings.findById('soft-bounces').lean());
  const read = stored.safeParse(found?.value);
  return read.success ? read.data : usual;
}

export async function changeSoftLimit(
  deps: { models: Pick<Models, 'settings'> },
  version: number,
  limit: SoftLimit,
): Promise<'SAVED' | 'STALE'> {
  return writing(() => saveSetting(deps.models.settings, { id: 'soft-bounces', version }, limit));
}

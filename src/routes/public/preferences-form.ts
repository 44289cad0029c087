/** Reads the preference form: only what the contact altered becomes a wish. */
import { z } from 'zod';
import type { SnoozeDays, SubscriptionType, Wish } from '../../domain/consent/terms.js';
import { snoozeDays } from '../../domain/consent/terms.js';
import { DomainError } from '../../errors.js';

const fields = z
  .object({
    shown: z
      .string()
      .regex(/^(\d{1,9}:[01](,\d{1,9}:[01])*)?$/)
      .max(8000)
      .optional(),
    wording: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
    renderedAt: z.string().max(16).optional(),
    stop: z
      .string()
      .regex(/^(all|(unit|type)-\d{1,9})$/)
      .optional(),
    undo: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/)
      .optional(),
    sure: z.literal('yes').optional(),
  })
  .catchall(z.string().max(200));

export type PreferencesForm = z.infer<typeof fields>;

/**
 * Checks the shape of a posted form.
 * @throws DomainError `INVALID_FORM` for anything but short strings of the right form
 */
export function readPreferencesForm(body: unknown): PreferencesForm {
  const parsed = fields.safeParse(body ?? {});
  if (!parsed.success) throw new DomainError('INVALID_FORM', 'What the browser sent was not complete.');
  return parsed.data;
}

/** Which types the page had shown, and how. */
export function shownStates(form: PreferencesForm): Map<number, boolean> {
  const pairs = (form.shown ?? '').split(',').filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const [id, isOn] = pair.split(':');
      return [Number(id), isOn === '1'];
    }),
  );
}

export function isTicked(form: PreferencesForm, typeId: number): boolean {
  return form[`type-${typeId}`] !== undefined;
}

/** A page shows a moment: a type that it did not show, or that the contact left as it was, is never touched. */
export function wishesOf(form: PreferencesForm, types: SubscriptionType[]): Wish[] {
  const shown = shownStates(form);
  return types.flatMap((type): Wish[] => {
    const wasOn = shown.get(type.id);
    if (wasOn === undefined) return [];
    const isOn = isTicked(form, type.id);
    if (isOn !== wasOn) return [{ kind: isOn ? 'OPT_IN' : 'OPT_OUT', typeId: type.id }];
    const days = pauseOf(form[`pause-${type.id}`]);
    return isOn && days !== undefined ? [{ kind: 'SNOOZE', typeId: type.id, days }] : [];
  });
}

function pauseOf(value: string | undefined): SnoozeDays | undefined {
  return value ? snoozeDays.find((days) => String(days) === value) : undefined;
}

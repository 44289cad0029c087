/** Reads the preference form: only what the contact altered becomes a wish. */
import { z } from 'zod';
import type { Catalogue, Channel, SnoozeDays, Wish } from '../../domain/consent/terms.js';
import { snoozeDays } from '../../domain/consent/terms.js';
import { DomainError } from '../../errors.js';
import { idPattern } from './ids.js';
import { isPublic } from './naming.js';

const fields = z
  .object({
    shown: z
      .string()
      .regex(new RegExp(`^(${idPattern}:[01](,${idPattern}:[01])*)?$`))
      .max(8000)
      .optional(),
    wording: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
    renderedAt: z.string().max(16).optional(),
    stop: z
      .string()
      .regex(new RegExp(`^(all|(unit|type)-${idPattern})$`))
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

/**
 * A page shows a moment: a type that it did not show, or that the contact left as it was, is never touched. A no counts also for a type that
 * was archived or made internal since the page was shown; anything else is for types that are public still.
 */
export function wishesOf(form: PreferencesForm, catalogue: Catalogue, channel: Channel): Wish[] {
  const shown = shownStates(form);
  return catalogue.orderedTypes.flatMap((type): Wish[] => {
    const wasOn = shown.get(type.id);
    if (wasOn === undefined || type.channel !== channel) return [];
    const isOn = isTicked(form, type.id);
    if (wasOn && !isOn) return [{ kind: 'OPT_OUT', typeId: type.id }];
    if (!isPublic(type, channel)) return [];
    if (!wasOn && isOn) return [{ kind: 'OPT_IN', typeId: type.id }];
    const days = pauseOf(form[`pause-${type.id}`]);
    return isOn && days !== undefined ? [{ kind: 'SNOOZE', typeId: type.id, days }] : [];
  });
}

/** True where the contact switched off a type that this catalogue does not know: one that another process has, or that a restore has lost. */
export function hasUnknownOptOut(form: PreferencesForm, catalogue: Catalogue): boolean {
  return [...shownStates(form)].some(
    ([typeId, wasOn]) => wasOn && !isTicked(form, typeId) && !catalogue.types.has(typeId),
  );
}

function pauseOf(value: string | undefined): SnoozeDays | undefined {
  return value ? snoozeDays.find((days) => String(days) === value) : undefined;
}

/** Reads the preference form: only changes by the contact become wishes. */
import { z } from 'zod';
import type { Catalogue, Channel, SnoozeDays, SubscriptionType, Wish } from '../../vocabulary/terms.js';
import { snoozeDays } from '../../vocabulary/terms.js';
import { DomainError } from '../../errors.js';
import { idPattern } from './ids.js';
import { isPublic } from '../../domain/wordings/naming.js';

const wording = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const renderedAt = z.string().max(16);
const state = new RegExp(`^${idPattern}:[01]$`);

const fields = z
  .object({
    // Its length is limited by that of the whole form, which grows with the catalogue.
    shown: z.string().refine(isListOfStates).optional(),
    wording: wording.optional(),
    renderedAt: renderedAt.optional(),
    undo: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/)
      .optional(),
    sure: z.literal('yes').optional(),
  })
  .catchall(z.string().max(200));

export type PreferencesForm = z.infer<typeof fields>;

/** The form of the buttons that act at once. Only the button decides, so no other field can block the opt-out. */
const stopFields = z.object({
  stop: z.string().regex(new RegExp(`^(all|(unit|type)-${idPattern})$`)),
  wording: wording.optional().catch(undefined),
  renderedAt: renderedAt.optional().catch(undefined),
});

export type StopForm = z.infer<typeof stopFields>;

/**
 * Checks the shape of a posted form.
 * @throws DomainError `INVALID_FORM` for anything except short strings of the right form
 */
export function readPreferencesForm(body: unknown): PreferencesForm {
  return parsed(fields, body);
}

/**
 * The same for the buttons that act at once.
 * @returns null if none of them was pressed
 * @throws DomainError `INVALID_FORM` for an unknown button
 */
export function readStopForm(body: unknown): StopForm | null {
  return 'stop' in Object(body) ? parsed(stopFields, body) : null;
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (!result.success) throw new DomainError('INVALID_FORM', 'The form that the browser sent is incomplete.');
  return result.data;
}

/** `3:1,7:0`: each type once, and whether it was on. */
function isListOfStates(text: string): boolean {
  const states = statesIn(text);
  return states.every((one) => state.test(one)) && new Set(states.map(idOf)).size === states.length;
}

function statesIn(text: string | undefined): string[] {
  return text ? text.split(',') : [];
}

function idOf(one: string): number {
  return Number(one.slice(0, one.indexOf(':')));
}

/** The types that the page had shown, and their states. */
export function shownStates(form: PreferencesForm): Map<number, boolean> {
  return new Map(statesIn(form.shown).map((one) => [idOf(one), one.endsWith(':1')]));
}

export function isTicked(form: PreferencesForm, typeId: number): boolean {
  return form[`type-${typeId}`] !== undefined;
}

/**
 * A page may be out of date. So a type is never changed if the page did not show it, does not offer it (internal, archived), or the contact left it
 * unchanged, whatever the form says about it.
 */
export function wishesOf(form: PreferencesForm, catalogue: Catalogue, channel: Channel): Wish[] {
  const shown = shownStates(form);
  return catalogue.orderedTypes.flatMap((type): Wish[] => {
    const wasOn = shown.get(type.id);
    if (wasOn === undefined || !isPublic(type, channel)) return [];
    const isOn = isTicked(form, type.id);
    if (wasOn && !isOn) return [{ kind: 'OPT_OUT', typeId: type.id }];
    if (!wasOn && isOn) return [{ kind: 'OPT_IN', typeId: type.id }];
    const days = pauseOf(form[`pause-${type.id}`]);
    return isOn && days !== undefined ? [{ kind: 'SNOOZE', typeId: type.id, days }] : [];
  });
}

/**
 * True if the form switches off a type that the page does not offer: one that only another process knows, that was archived since, or that never was
 * on the page. Such an opt-out is not applied, and never reported as saved.
 */
export function hasUnknownOptOut(form: PreferencesForm, catalogue: Catalogue, channel: Channel): boolean {
  return [...shownStates(form)].some(
    ([typeId, wasOn]) => wasOn && !isTicked(form, typeId) && !isOffered(catalogue.types.get(typeId), channel),
  );
}

function isOffered(type: SubscriptionType | undefined, channel: Channel): boolean {
  return type !== undefined && isPublic(type, channel);
}

function pauseOf(value: string | undefined): SnoozeDays | undefined {
  return value ? snoozeDays.find((days) => String(days) === value) : undefined;
}

/** The filter of the index: its conditions, with links that change or remove them, and the fields of one condition. */
import type { Request } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import { viewOfQuery, queryOfView, type ContactView } from '../../../domain/contacts/selection.js';
import type { OfferedProperty } from '../../../domain/contacts/properties.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { describeCondition } from '../../../domain/filters/describe.js';
import { conditionFrom, editorOf, subjectGroups, subjectOf } from '../../../domain/filters/editor.js';
import type { SentCondition } from '../../../domain/filters/editor.js';
import { mostConditions, mostGroups, noFilter, withCondition } from '../../../domain/filters/filter.js';
import type { Condition } from '../../../domain/filters/filter.js';
import { DomainError } from '../../../errors.js';
import type { FilterEditor, ShownFilter } from '../../../views/admin-filter.js';
import { textOf, textsOf } from '../form.js';

/**
 * Reads what the form, a link or a saved view asks for.
 * @throws DomainError `INVALID_FORM` for a filter that cannot be read: fewer conditions would show more
 */
export function viewIn(query: URLSearchParams): ContactView {
  const view = viewOfQuery(query);
  if (!view) throw new DomainError('INVALID_FORM');
  return view;
}

/** A page that shows a filter and its editor: where their links and forms lead. */
export interface FilterPage {
  /** The page with another filter. */
  href: (view: ContactView, more?: Readonly<Record<string, string>>) => string;
  /** The page without a query; the editor asks it for the fields of a subject. */
  action: string;
  /** Takes the fields of a condition. */
  applyAction: string;
}

const contactsIndex: FilterPage = {
  href: contactsHref,
  action: adminPaths.contacts(),
  applyAction: adminPaths.contactSearches(),
};

export function contactsHref(view: ContactView, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams([...new URLSearchParams(queryOfView(view)), ...Object.entries(more)]);
  return adminPaths.contacts(query.toString());
}

/** The query of a request, with all values of each name in the order of the form. */
export function queryIn({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams {
  const at = originalUrl.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : originalUrl.slice(at + 1, at + 16_000));
}

/** The place of the condition that is being edited: `0.2`, where a place beyond the end is a new one. */
export interface EditedPlace {
  group: number;
  at: number;
}

/** @returns null for anything else */
export function placeIn(text: string | null): EditedPlace | null {
  const [, group, at] = /^(\d{1,2})\.(\d{1,2})$/.exec(text ?? '') ?? [];
  return group && at && Number(group) < mostGroups && Number(at) < mostConditions
    ? { group: Number(group), at: Number(at) }
    : null;
}

const placeText = ({ group, at }: EditedPlace) => `${group}.${at}`;

/** The fields of a condition as the editor sent them. */
export function sentCondition(request: Pick<Request, 'body'>): SentCondition {
  return {
    on: textOf(request, 'on', 200),
    is: textOf(request, 'is', 40),
    values: textsOf(request, 'value', 50),
    to: textOf(request, 'to', 200),
    days: textOf(request, 'days', 10),
  };
}

/** The view with the condition that the editor sent. */
export function editedView(
  view: ContactView,
  place: EditedPlace,
  sent: SentCondition,
  context: FilterContext,
): { view: ContactView } | { draft: Condition; fault: string } {
  const read = conditionFrom(sent, context);
  if (!read) throw new DomainError('INVALID_FORM');
  if (read.fault !== null) return { draft: read.condition, fault: read.fault };
  return { view: { ...view, filter: withCondition(view.filter, place.group, place.at, read.condition) } };
}

/** The current filter: groups of conditions in words. */
export function filterInUse(
  view: ContactView,
  context: FilterContext,
  page: FilterPage = contactsIndex,
): Omit<ShownFilter, 'editor'> {
  const { filter } = view;
  const editHref = (group: number, at: number) =>
    `${page.href(view, { edit: placeText({ group, at }) })}#filter`;
  const without = (group: number, at: number) => ({
    ...view,
    filter: withCondition(filter, group, at, null),
  });
  return {
    groups: filter.any.map(({ all }, group) => ({
      isOther: group > 0,
      conditions: all.map((condition, at) => ({
        label: describeCondition(condition, context),
        editHref: editHref(group, at),
        removeHref: page.href(without(group, at)),
      })),
      ...(all.length < mostConditions ? { andHref: editHref(group, all.length) } : {}),
    })),
    ...(filter.any.length < mostGroups ? { addHref: editHref(filter.any.length, 0) } : {}),
    clearHref: page.href({ ...view, filter: noFilter, search: '' }),
  };
}

/** The fields of the condition at a place: first its subject, then the comparison. */
export function filterEditor(
  view: ContactView,
  about: { place: EditedPlace; on: string | null; draft?: Condition; context: FilterContext },
  properties: readonly OfferedProperty[],
  page: FilterPage = contactsIndex,
): FilterEditor {
  const { place, context } = about;
  const stored = view.filter.any[place.group]?.all[place.at];
  const chosen = about.on ? { ...subjectOf(about.on), is: 'IS' as const, values: [] } : stored;
  const condition = about.draft ?? chosen;
  const fields = condition ? editorOf(condition, context) : null;
  const more = [{ name: 'edit', value: placeText(place) }];
  const [, query = ''] = page.href(view).split('?');
  const kept = [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
  const names = properties.map(({ name }) => name);
  const suggestions = properties.find(({ name }) => name.toLowerCase() === condition?.of)?.values ?? [];
  return {
    hidden: [...kept, ...more],
    chooseAction: page.action,
    applyAction: page.applyAction,
    cancelHref: page.href(view),
    isOtherGroup: place.group > 0 && place.at === 0,
    ...(fields && condition
      ? {
          condition: {
            ...fields,
            on: `${condition.on}:${condition.of}`,
            input: inputs[fields.kind],
            suggestions: condition.on === 'property' && fields.kind === 'TEXT' ? [...suggestions] : [],
          },
        }
      : {
          subjects: subjectGroups(context, names).map(({ label, options }) => ({
            label,
            options: options.map((option) => ({ ...option, isSelected: false })),
          })),
        }),
  };
}

const inputs = { TEXT: 'text', NUMBER: 'text', DATE: 'date', YES_NO: 'none', CHOICE: 'choice' } as const;

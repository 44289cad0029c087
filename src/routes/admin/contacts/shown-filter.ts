/** A filter on a page: its groups of conditions with links that change them, and in their place the fields of the condition that is edited. */
import type { Request, Response } from 'express';
import type { Deps } from '../../../deps.js';
import { findOfferedProperties, type OfferedProperty } from '../../../domain/contacts/properties.js';
import type { ContactView } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { describeCondition, describeFilter } from '../../../domain/filters/describe.js';
import {
  conditionFrom,
  editorOf,
  subjectGroups,
  subjectOf,
  writtenValue,
} from '../../../domain/filters/editor.js';
import {
  mostConditions,
  mostGroups,
  noFilter,
  withCondition,
  type Condition,
  type Filter,
} from '../../../domain/filters/filter.js';
import { DomainError } from '../../../errors.js';
import type { FilterEditor, ShownFilter, ShownGroup } from '../../../views/admin-filter.js';
import { textOf, textsOf, type FieldFault } from '../form.js';
import type { Ask } from '../route.js';
import { contactsIndex, queryIn, type FilterPage } from './filter-links.js';
import { present } from '../present.js';

/** The place of the condition that is being edited: `0.2`, where a place beyond the end is a new one. */
interface EditedPlace {
  group: number;
  at: number;
}

/** A condition that was sent with a fault. */
export interface Edited {
  place: EditedPlace;
  draft: Condition;
}

/** @returns null for anything else */
function placeIn(text: string | null): EditedPlace | null {
  const [, group, at] = /^(\d{1,2})\.(\d{1,2})$/.exec(text ?? '') ?? [];
  return group && at && Number(group) < mostGroups && Number(at) < mostConditions
    ? { group: Number(group), at: Number(at) }
    : null;
}

const placeText = ({ group, at }: EditedPlace) => `${group}.${at}`;

/** True for a form that sent the fields of a condition. */
export function sendsCondition(request: Pick<Request, 'body'>): boolean {
  return placeIn(textOf(request, 'edit', 10)) !== null;
}

interface OnPage {
  view: ContactView;
  context: FilterContext;
  page?: FilterPage;
}

/**
 * Takes the fields of a condition: leads to the page with the changed filter, or shows it again with the fault.
 * @param about `faultOf` refuses a filter that the page cannot take, with a sentence
 */
export async function takeCondition(
  { request }: Pick<Ask, 'request'>,
  response: Response,
  about: OnPage & { faultOf?: (filter: Filter) => string | null },
  again: (faults: FieldFault[], edited?: Edited) => Promise<string>,
): Promise<void> {
  const { view, context, page = contactsIndex, faultOf = () => null } = about;
  const place = placeIn(textOf(request, 'edit', 10));
  if (!place) return response.redirect(303, page.href(view));
  const read = conditionFrom(
    {
      on: textOf(request, 'on', 200),
      is: textOf(request, 'is', 40),
      values: textsOf(request, 'value', 50),
      to: textOf(request, 'to', 200),
      days: textOf(request, 'days', 10),
    },
    context,
  );
  if (!read) throw new DomainError('INVALID_FORM');
  const { condition, fault } = read;
  if (fault !== null) {
    const shown = await again([{ text: fault, href: '#value' }], { place, draft: condition });
    return void response.status(422).send(shown);
  }
  const filter = withCondition(view.filter, place.group, place.at, condition);
  const refusal = faultOf(filter);
  if (refusal !== null)
    return void response
      .status(422)
      .send(await again([{ text: refusal, href: '' }], { place, draft: condition }));
  response.redirect(303, page.href({ ...view, filter }));
}

/**
 * The filter of a page. `isEditing`: the editor of a condition is open, and has a button of its own.
 * @param about `mayEdit`: whether the query of the request may open the editor
 */
export async function shownFilter(
  deps: Deps,
  { request, scope }: Pick<Ask, 'request' | 'scope'>,
  {
    view,
    context,
    page = contactsIndex,
    edited,
    mayEdit = true,
  }: OnPage & { edited?: Edited; mayEdit?: boolean },
): Promise<{ filter: ShownFilter; isEditing: boolean }> {
  const query = queryIn({ originalUrl: request.method === 'POST' ? '' : request.originalUrl });
  const { filter } = view;
  const isEmpty = filter.any.length === 0;
  const first = isEmpty && page.isOpen ? { group: 0, at: 0 } : null;
  const place = mayEdit ? (edited?.place ?? placeIn(query.get('edit')) ?? first) : null;
  const editor =
    place &&
    editorAt(
      { view, context, page },
      { place, on: query.get('on'), ...(edited ? { draft: edited.draft } : {}) },
      await findOfferedProperties(deps, scope),
    );
  const groups = filter.any.map((_, group) => groupOf({ view, context, page }, group, place, editor));
  const isNewGroup = place && place.group >= filter.any.length;
  return {
    isEditing: place !== null,
    filter: {
      groups: present([
        ...groups,
        isNewGroup &&
          editor && {
            number: groups.length + 1,
            isOther: groups.length > 0,
            conditions: [{ isJoined: false, editor }],
          },
      ]),
      ...(!place && filter.any.length < mostGroups
        ? { addHref: hrefOf(page, view, { group: filter.any.length, at: 0 }) }
        : {}),
      ...(isEmpty || place ? {} : { clearHref: page.href({ ...view, filter: noFilter, search: '' }) }),
      ...(isEmpty || page === contactsIndex
        ? {}
        : { inWords: `Contacts that match: ${describeFilter(filter, context).join(', ')}.` }),
    },
  };
}

const hrefOf = (page: FilterPage, view: ContactView, place: EditedPlace, more = {}) =>
  `${page.href(view, { edit: placeText(place), ...more })}#filter`;

function groupOf(
  { view, context, page }: Required<OnPage>,
  group: number,
  place: EditedPlace | null,
  editor: FilterEditor | null,
): ShownGroup {
  const { filter } = view;
  const all = filter.any[group]?.all ?? [];
  const isHere = (at: number) => place?.group === group && place.at === at;
  const changed = (to: Filter) => page.href({ ...view, filter: to });
  const twin = filter.any[group];
  return {
    ...{ number: group + 1, isOther: group > 0 },
    conditions: [
      ...all.map((condition, at) =>
        isHere(at) && editor
          ? { isJoined: at > 0, editor }
          : {
              ...{ isJoined: at > 0, label: describeCondition(condition, context) },
              editHref: hrefOf(page, view, { group, at }),
              removeHref: changed(withCondition(filter, group, at, null)),
            },
      ),
      ...(place?.group === group && place.at >= all.length && editor ? [{ isJoined: true, editor }] : []),
    ],
    ...(!place && all.length < mostConditions
      ? { andHref: hrefOf(page, view, { group, at: all.length }) }
      : {}),
    ...(!place && twin && filter.any.length < mostGroups
      ? { copyHref: changed({ any: [...filter.any, { all: [...twin.all] }] }) }
      : {}),
  };
}

/** The fields of the condition at a place: first its subject, then the comparison. */
function editorAt(
  { view, context, page }: Required<OnPage>,
  { place, on, draft }: { place: EditedPlace; on: string | null; draft?: Condition },
  properties: readonly OfferedProperty[],
): FilterEditor {
  const stored = on === null ? view.filter.any[place.group]?.all[place.at] : undefined;
  const chosen = on ? { ...subjectOf(on), is: 'IS' as const, values: [] } : stored;
  const condition = draft ?? chosen;
  const fields = condition ? editorOf(condition, context) : null;
  const [, query = ''] = page.href(view).split('?');
  const kept = [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
  const names = properties.map(({ name }) => name);
  const suggestions = properties.find(({ name }) => name.toLowerCase() === condition?.of)?.values ?? [];
  return {
    name: `Group ${place.group + 1}, condition ${place.at + 1}`,
    hidden: [...kept, { name: 'edit', value: placeText(place) }],
    chooseAction: page.action,
    applyAction: page.applyAction,
    cancelHref: page.isOpen && view.filter.any.length === 0 ? null : page.href(view),
    ...(fields && condition
      ? {
          condition: {
            ...fields,
            on: `${condition.on}:${condition.of}`,
            otherHref: hrefOf(page, view, place, { on: '' }),
            input: inputs[fields.kind],
            suggestions:
              condition.on === 'property' && fields.kind === 'TEXT' ? suggestions.map(writtenValue) : [],
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

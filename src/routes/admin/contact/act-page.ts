/** Pages that ask before an act on a record: their routes, and the fields that they share. */
import { z } from 'zod';
import { adminPaths } from '../../../admin-paths.js';
import { severalLines } from '../../../clean-text.js';
import type { Deps } from '../../../deps.js';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import type { DoerOf } from '../../../domain/staff/names.js';
import { legalBases, type LegalBasis } from '../../../vocabulary/terms.js';
import { figure } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import type { CrumbLink } from '../../../views/admin-frame.js';
import { sentOf } from '../form.js';
import type { FieldPlan } from '../kit/fields.js';
import type { Form } from '../kit/form.js';
import { formRoutes, type Shown } from '../kit/form-page.js';
import { basisOptions } from '../options.js';
import type { Ask, StaffRoute } from '../route.js';
import { channelOf, doersOf, openForAct, type ChannelRecord, type OpenedRecord } from './open-record.js';

/** What an act is about: one address of a record. */
export interface Target {
  record: OpenedRecord;
  one: ChannelRecord;
  doerOf: DoerOf;
}

/** The address that the query or the form names. @throws DomainError `NOT_FOUND` */
export async function openTarget(deps: Deps, ask: Ask): Promise<Target> {
  const record = await openForAct(deps, ask);
  const one = channelOf(record, sentOf(ask.request, 'channel'));
  return { record, one, doerOf: await doersOf(deps, record) };
}

export const overriding = { may: 'overrides.make', about: 'contact' } as const;

export const contactsCrumb: CrumbLink = { href: adminPaths.contacts(), text: 'Contacts' };

/** The frame of a page about one record. */
export function aboutRecord({ id, name }: Pick<OpenedRecord, 'id' | 'name'>) {
  const crumbs: CrumbLink[] = [contactsCrumb, { href: adminPaths.contact(id), text: name }];
  return { crumbs, isNarrow: true };
}

/** What a page says before an act. */
export interface ActPage
  extends Pick<Shown, 'title' | 'heading'>, Pick<Panel, 'sentences' | 'points' | 'ways'> {
  /** False if there is nothing to do; then the page has no form. */
  isOffered?: boolean;
}

/** The page of a form, and the form's own route. */
export function actRoutes<Subject extends { record: OpenedRecord }>(
  deps: Deps,
  form: Form<Subject>,
  { load, show }: { load: (deps: Deps, ask: Ask) => Promise<Subject>; show: (subject: Subject) => ActPage },
): StaffRoute[] {
  return formRoutes<Subject>(deps, {
    ...{ section: 'contacts', load },
    show: ({ subject }, viewOf) => {
      const { title, heading = title, isOffered = true, ...panel } = show(subject);
      const back = adminPaths.contact(subject.record.id);
      const rest = isOffered
        ? { form: { ...viewOf(form), cancelHref: back } }
        : { link: { href: back, text: 'Back to the record' } };
      return { ...aboutRecord(subject.record), title, heading, panels: [{ ...panel, ...rest }] };
    },
    forms: [form],
  });
}

/** Legal basis for communication. */
export function basisField(isRequired: boolean): FieldPlan {
  return {
    kind: 'select',
    name: 'legalBasis',
    label: 'Legal basis for communication',
    isRequired,
    options: basisOptions(isRequired ? 'Choose…' : 'None'),
  };
}

export function explanationField(hint = 'Why? It is kept in the history, with your name.'): FieldPlan {
  return {
    ...{ kind: 'area', name: 'explanation', label: 'Explanation', hint },
    ...{ isRequired: true, most: longestExplanation },
  };
}

export function basisSchema(isRequired: boolean): z.ZodType<LegalBasis | null> {
  return z
    .string()
    .default('')
    .transform((text) => legalBases.find((one) => one === text) ?? null)
    .refine((basis) => basis !== null || !isRequired, 'Choose a legal basis.');
}

export const explanationSchema = z
  .string()
  .overwrite(severalLines)
  .min(1, 'Say why: the explanation is kept with the change.')
  .max(longestExplanation, {
    error: ({ input }) =>
      `The explanation has ${figure(String(input).length)} characters, and at most ${figure(longestExplanation)} are kept. Shorten it.`,
  });

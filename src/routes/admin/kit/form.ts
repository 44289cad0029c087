/** A form, declared as fields, a schema and a save. */
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { patterns } from '../../../paths.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { FormView } from '../../../views/admin-form-page.js';
import { DomainError } from '../../../errors.js';
import { textOf, wholeOf, type FieldFault } from '../form.js';
import type { About, Ask, StaffRoute } from '../route.js';
import { faultsOf } from './faults.js';
import { groupOf, textsIn, valuesOf, type GroupPlan, type Texts } from './fields.js';

/** The outcome of a sent form. */
export type Outcome =
  /** Saved. `said` names a message of the page after it. */
  | { to: string; said?: string }
  /** Saved. The answer shows a value that no later page can show, such as a key. */
  | { html: string }
  /** Not saved. The same page again with the typed values. */
  | { faults: FieldFault[]; status?: 422 | 429 }
  /** Not saved, since another user changed it after the form was shown. */
  | 'STALE'
  /** Not saved yet. A page asks first, and its button sends the same values with `confirmed`. */
  | { confirm: { heading: string; sentences: string[]; button: string; confirmed: string } };

/** The values that a schema may depend on. */
export interface Sent<Subject> {
  deps: Deps;
  ask: Ask;
  subject: Subject;
  texts: Texts;
}

export interface Given<Subject, Values> extends Sent<Subject> {
  values: Values;
  /** The version that the form showed; 0 for forms without one. */
  version: number;
  /** The question of the confirmation page; empty at first. */
  confirmed: string;
  response: Response;
}

export interface FormPlan<Subject, Values> {
  /** A pattern of `adminPatterns`, to which the form is posted with the parameter of the page. */
  pattern: string;
  may: StaffRoute['may'];
  about: About;
  parse?: RequestHandler;
  /** Whether the form is kept when the session has ended (decision 0564). Forms with a password and forms without text are not. */
  isKept?: boolean;
  groups: (subject: Subject, texts: Texts, ask: Ask) => readonly GroupPlan[];
  /** The initial values of the form. Absent: all fields are empty. */
  texts?: (subject: Subject) => Texts;
  hidden?: (subject: Subject) => { name: string; value: string }[];
  /** The version of the stored values, if two users may change them (decision 0456). */
  version?: (subject: Subject) => number;
  button: string;
  look?: FormView['look'];
  /** Forms with the same name are two buttons of one form, each with its own route. */
  shared?: string;
  more?: (
    subject: Subject,
  ) => Pick<FormView, 'username' | 'note' | 'cancelHref' | 'passkey' | 'whyNot'> & { button?: string };
  schema: (sent: Sent<Subject>) => z.ZodType<Values>;
  save: (given: Given<Subject, Values>) => Promise<Outcome>;
}

/** The typed values with their faults, to be shown again. */
export interface Draft {
  texts: Texts;
  version: number;
  faults: FieldFault[];
}

/** A form that hides the type of its values, so that a page can have several. */
export interface Form<Subject> extends Omit<FormPlan<Subject, never>, 'texts' | 'schema' | 'save'> {
  texts: (subject: Subject) => Texts;
  read: (ask: Ask, subject: Subject) => Draft;
  submit: (deps: Deps, ask: Ask, response: Response, subject: Subject, draft: Draft) => Promise<Outcome>;
}

export function declareForm<Subject, Values>({
  texts: textsOf = () => ({}),
  schema,
  save,
  ...plan
}: FormPlan<Subject, Values>): Form<Subject> {
  return {
    ...plan,
    texts: textsOf,
    read: (ask, subject) => {
      const stored = textsOf(subject);
      const groups = plan.groups(subject, stored, ask);
      const texts = textsIn(ask.request, groups, stored);
      return { texts, version: plan.version ? versionOf(ask.request) : 0, faults: [] };
    },
    submit: async (deps, ask, response, subject, { texts, version }) => {
      const groups = plan.groups(subject, texts, ask);
      const sent = { deps, ask, subject, texts };
      const checked = await schema(sent).safeParseAsync(valuesOf(ask.request, groups, texts), {
        reportInput: true,
      });
      if (!checked.success) return { faults: faultsOf(checked.error, groups) };
      const confirmed = textOf(ask.request, 'confirmed', 100);
      return save({ ...sent, values: checked.data, version, confirmed, response });
    },
  };
}

interface ActPlan<Subject> extends Omit<FormPlan<Subject, object>, 'groups' | 'texts' | 'schema'> {
  /** Asked first. The button of the question is that of the form. */
  question?: { heading: string; sentences: string[] };
}

/** Declares a form without fields: one button, and a question before its act if needed. It is not kept when the session has ended. */
export function declareAct<Subject>({ question, save, ...plan }: ActPlan<Subject>): Form<Subject> {
  return declareForm<Subject, object>({
    isKept: false,
    ...plan,
    groups: () => [],
    schema: () => z.object({}),
    save: async (given) => {
      const { button } = plan;
      if (!question || given.confirmed === 'yes') return save(given);
      return { confirm: { ...question, button, confirmed: 'yes' } };
    },
  });
}

/** @throws DomainError `INVALID_FORM` */
function versionOf(request: Request): number {
  const version = wholeOf(textOf(request, 'version', 10));
  if (version === null) throw new DomainError('INVALID_FORM');
  return version;
}

/** The path of a pattern, with the parameter of the request's own path. */
export function pathAsked(pattern: string, { request: { params } }: Pick<Ask, 'request'>): string {
  const [parameter = ''] = Object.values(params).map(String);
  return patterns.admin + pattern.replace(/:\w+/, encodeURIComponent(parameter));
}

/** The view of the form: with the stored or the typed values. */
export function formView<Subject>(form: Form<Subject>, subject: Subject, ask: Ask, draft?: Draft): FormView {
  const texts = draft?.texts ?? form.texts(subject);
  const version = form.version && String(draft?.version ?? form.version(subject));
  const groups = form.groups(subject, texts, ask);
  return {
    action: pathAsked(form.pattern, ask),
    hidden: [...(form.hidden?.(subject) ?? []), ...(version ? [{ name: 'version', value: version }] : [])],
    groups: groups.map((group) => groupOf(group, texts, draft?.faults ?? [])),
    button: form.button,
    look: form.look ?? 'main',
    isReadOnly: form.may !== 'signed-in' && !mayRole(ask.user.role, form.may),
    hasFile: form.parse !== undefined,
    ...form.more?.(subject),
  };
}

/** A form with one button, for an act with its own route. */
export function actView(
  action: string,
  button: string,
  hidden: FormView['hidden'] = [],
  look: FormView['look'] = 'plain',
): FormView {
  return { action, hidden, groups: [], button, look, isReadOnly: false, hasFile: false };
}

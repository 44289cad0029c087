/** A page around one or several forms. Its routes are derived from its load, its view, and its forms. */
import type { Response } from 'express';
import type { Deps } from '../../../deps.js';
import type { AdminFormPage, FormView } from '../../../views/admin-form-page.js';
import { adminFrame, saying, type Sayings, type Section } from '../frame.js';
import { get, post, type About, type Ask, type StaffRoute } from '../route.js';
import { staleFaults } from './faults.js';
import { againOf } from './fields.js';
import { formView, pathAsked, type Draft, type Form, type Outcome } from './form.js';

/** The declaration of a page. */
export interface Shown extends Partial<Omit<AdminFormPage, keyof ReturnType<typeof adminFrame>>> {
  title: string;
}

export interface FormPage<Subject> {
  /** A pattern of `adminPatterns`. Absent, like `may` and `about`: that of the first form. */
  pattern?: string;
  may?: StaffRoute['may'];
  about?: About;
  section: Section;
  sayings?: Sayings;
  /** @throws DomainError `NOT_FOUND` if the subject does not exist for this user */
  load: (deps: Deps, ask: Ask) => Promise<Subject>;
  /** @param form returns the view of each form */
  show: (
    about: { deps: Deps; ask: Ask; subject: Subject },
    form: (form: Form<Subject>) => FormView,
  ) => Shown | Promise<Shown>;
  forms: readonly [Form<Subject>, ...Form<Subject>[]];
  /** The path of another page, if there is nothing to show on this one. */
  instead?: (about: { deps: Deps; ask: Ask; subject: Subject }) => string | undefined;
}

/** The routes of the page and of its forms. */
export function formRoutes<Subject>(deps: Deps, page: FormPage<Subject>): StaffRoute[] {
  const [first] = page.forms;
  const { pattern = first.pattern, may = first.may, about = first.about } = page;
  const withSubject =
    (handle: (ask: Ask, response: Response, subject: Subject) => Promise<void>) =>
    async (ask: Ask, response: Response) => {
      const subject = await page.load(deps, ask);
      const elsewhere = page.instead?.({ deps, ask, subject });
      if (elsewhere !== undefined) return response.redirect(303, elsewhere);
      return handle(ask, response, subject);
    };
  return [
    get(
      pattern,
      { may: may, about: about },
      withSubject(
        async (ask, response, subject) => void response.send(await htmlOf(deps, ask, page, subject)),
      ),
    ),
    ...page.forms.map((form): StaffRoute =>
      post(
        form.pattern,
        {
          ...(form.parse ? { parse: form.parse } : {}),
          ...(form.isKept === false
            ? {}
            : {
                showAgain: withSubject(async (ask, response, subject) => {
                  const typed = { form, draft: form.read(ask, subject) };
                  response.send(await htmlOf(deps, ask, page, subject, typed));
                }),
              }),
          may: form.may,
          about: form.about,
        },
        withSubject(async (ask, response, subject) => {
          const draft = form.read(ask, subject);
          const outcome = await form.submit(deps, ask, response, subject, draft);
          await answer(deps, ask, response, { page, form, subject, draft }, outcome);
        }),
      ),
    ),
  ];
}

/** A form with the typed values. */
interface Typed<Subject> {
  form: Form<Subject>;
  draft: Draft;
}

/** The page, for answers of acts without a form. */
export async function htmlOf<Subject>(
  deps: Deps,
  ask: Ask,
  page: Pick<FormPage<Subject>, 'section' | 'sayings' | 'show'>,
  subject: Subject,
  typed?: Typed<Subject>,
  faults = typed?.draft.faults ?? [],
): Promise<string> {
  const { title, ...shown } = await page.show({ deps, ask, subject }, (form) =>
    formView(form, subject, ask, typed && isSame(form, typed.form) ? typed.draft : undefined),
  );
  return pageHtml(deps, ask, page, { title, ...shown }, faults);
}

/** True also for two buttons of one form. */
function isSame<Subject>(one: Form<Subject>, other: Form<Subject>): boolean {
  return one === other || (one.shared !== undefined && one.shared === other.shared);
}

/** Any page of the template. */
export function pageHtml(
  deps: Pick<Deps, 'views'>,
  ask: Ask,
  { section, sayings }: { section: Section; sayings?: Sayings },
  { title, ...shown }: Shown,
  faults: Draft['faults'] = [],
): string {
  return deps.views.page('admin-form', {
    ...adminFrame(ask, section, title, sayings),
    crumbs: [],
    heading: title,
    panels: [],
    isNarrow: false,
    isDoor: false,
    ...shown,
    faults,
  });
}

async function answer<Subject>(
  deps: Deps,
  ask: Ask,
  response: Response,
  sent: Typed<Subject> & { page: FormPage<Subject>; subject: Subject },
  outcome: Outcome,
): Promise<void> {
  const { page, form, draft } = sent;
  if (outcome !== 'STALE') {
    if ('to' in outcome)
      return response.redirect(303, outcome.said ? saying(ask, outcome.to, outcome.said) : outcome.to);
    if ('html' in outcome) return void response.send(outcome.html);
    if ('confirm' in outcome) return void response.send(confirmation(deps, ask, sent, outcome.confirm));
  }
  // The page shows what is stored now, since another user's change may be the reason.
  const now = await page.load(deps, ask);
  const faults =
    outcome === 'STALE'
      ? staleFaults(form.groups(now, draft.texts, ask), draft.texts, form.texts(now))
      : outcome.faults;
  const version = outcome === 'STALE' ? (form.version?.(now) ?? 0) : draft.version;
  const status = outcome === 'STALE' ? 422 : (outcome.status ?? 422);
  const typed = { form, draft: { ...draft, version, faults } };
  response.status(status).send(await htmlOf(deps, ask, page, now, typed));
}

/** Asks before saving. Its button sends the typed values and the confirmation. */
function confirmation<Subject>(
  deps: Deps,
  ask: Ask,
  { page, form, subject, draft }: Typed<Subject> & { page: FormPage<Subject>; subject: Subject },
  { heading, sentences, button, confirmed }: Extract<Outcome, { confirm: unknown }>['confirm'],
): string {
  const view = formView(form, subject, ask, draft);
  const again = againOf(form.groups(subject, draft.texts, ask), draft.texts);
  // The form may have a path of its own, which cannot be read.
  const cancelHref = pathAsked(page.pattern ?? page.forms[0].pattern, ask);
  const hidden = [...view.hidden, ...again.hidden, { name: 'confirmed', value: confirmed }];
  const { groups } = again;
  const asked = { ...view, hidden, groups, button, cancelHref };
  return pageHtml(deps, ask, page, {
    title: heading,
    isNarrow: true,
    panels: [{ sentences, form: asked }],
  });
}

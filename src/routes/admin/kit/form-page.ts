/** A page around one or several forms. Its routes are derived from its load, its view, and its forms. */
import type { Response } from 'express';
import type { Deps } from '../../../deps.js';
import type { AdminFormPage, FormView } from '../../../views/admin-form-page.js';
import { adminFrame, saying, type Sayings, type Section } from '../frame.js';
import type { About, Ask, StaffRoute } from '../route.js';
import { staleFaults } from './faults.js';
import { hiddenOf } from './fields.js';
import { formView, type Draft, type Form, type Outcome } from './form.js';

/** The declaration of a page. */
export interface Shown extends Partial<Omit<AdminFormPage, keyof ReturnType<typeof adminFrame>>> {
  title: string;
}

export interface FormPage<Subject> {
  /** A pattern of `adminPatterns`. */
  pattern: string;
  may: StaffRoute['may'];
  about: About;
  section: Section;
  sayings?: Sayings;
  /** @throws DomainError `NOT_FOUND` if the subject does not exist for this user */
  load: (deps: Deps, ask: Ask) => Promise<Subject>;
  /** @param form returns the view of each form */
  show: (
    about: { deps: Deps; ask: Ask; subject: Subject },
    form: (form: Form<Subject>) => FormView,
  ) => Shown | Promise<Shown>;
  forms: readonly Form<Subject>[];
}

/** The routes of the page and of its forms. */
export function formRoutes<Subject>(deps: Deps, page: FormPage<Subject>): StaffRoute[] {
  const show = async (ask: Ask, response: Response, subject: Subject, typed?: Typed<Subject>) => {
    const html = await htmlOf(deps, ask, page, subject, typed);
    response.status(typed?.status ?? 200).send(html);
  };
  return [
    {
      method: 'GET',
      path: page.pattern,
      may: page.may,
      about: page.about,
      handle: async (ask, response) => show(ask, response, await page.load(deps, ask)),
    },
    ...page.forms.map((form): StaffRoute => {
      const { pattern: path, may, about, parse } = form;
      return {
        method: 'POST',
        path,
        may,
        about,
        ...(parse ? { parse } : {}),
        handle: async (ask, response) => {
          const subject = await page.load(deps, ask);
          const draft = form.read(ask, subject);
          const outcome = await form.submit(deps, ask, response, subject, draft);
          await answer(deps, ask, response, { page, form, subject, draft, outcome }, show);
        },
        ...(form.isKept === false
          ? {}
          : {
              showAgain: async (ask: Ask, response: Response) => {
                const subject = await page.load(deps, ask);
                await show(ask, response, subject, { form, draft: form.read(ask, subject), status: 200 });
              },
            }),
      };
    }),
  ];
}

/** A form with the typed values. */
export interface Typed<Subject> {
  form: Form<Subject>;
  draft: Draft;
  status: number;
}

/** The page, for answers of acts without a form. */
export async function htmlOf<Subject>(
  deps: Deps,
  ask: Ask,
  page: Pick<FormPage<Subject>, 'section' | 'sayings' | 'show'>,
  subject: Subject,
  typed?: Pick<Typed<Subject>, 'form' | 'draft'>,
  faults = typed?.draft.faults ?? [],
): Promise<string> {
  const { title, ...shown } = await page.show({ deps, ask, subject }, (form) =>
    formView(form, subject, ask, form === typed?.form ? typed.draft : undefined),
  );
  return pageHtml(deps, ask, page, { title, ...shown }, faults);
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
  sent: {
    page: FormPage<Subject>;
    form: Form<Subject>;
    subject: Subject;
    draft: Draft;
    outcome: Outcome;
  },
  show: (ask: Ask, response: Response, subject: Subject, typed: Typed<Subject>) => Promise<void>,
): Promise<void> {
  const { page, form, subject, draft, outcome } = sent;
  if (outcome === 'STALE') {
    const now = await page.load(deps, ask);
    const groups = form.groups(now, draft.texts, ask);
    const faults = staleFaults(groups, draft.texts, form.texts(now));
    const version = form.version?.(now) ?? 0;
    return show(ask, response, now, { form, draft: { ...draft, version, faults }, status: 422 });
  }
  if ('to' in outcome)
    return response.redirect(303, outcome.said ? saying(ask, outcome.to, outcome.said) : outcome.to);
  if ('html' in outcome) return void response.send(outcome.html);
  if ('faults' in outcome) {
    const { faults, status = 422 } = outcome;
    return show(ask, response, subject, { form, draft: { ...draft, faults }, status });
  }
  response.send(confirmation(deps, ask, sent, outcome.confirm));
}

/** Asks before saving. Its button sends the typed values and the confirmation. */
function confirmation<Subject>(
  deps: Deps,
  ask: Ask,
  {
    page,
    form,
    subject,
    draft,
  }: { page: FormPage<Subject>; form: Form<Subject>; subject: Subject; draft: Draft },
  { heading, sentences, button, confirmed }: Extract<Outcome, { confirm: unknown }>['confirm'],
): string {
  const view = formView(form, subject, ask, draft);
  const groups = form.groups(subject, draft.texts, ask);
  const hidden = [...view.hidden, ...hiddenOf(groups, draft.texts), { name: 'confirmed', value: confirmed }];
  const cancelHref = form.action(subject);
  const again = { ...view, hidden, groups: [], button, cancelHref };
  return pageHtml(deps, ask, page, {
    title: heading,
    isNarrow: true,
    panels: [{ sentences, form: again }],
  });
}

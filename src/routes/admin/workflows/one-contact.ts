/** A test of a workflow with one contact, which changes nothing, and enrolment by hand. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { findContacts } from '../../../domain/contacts/find.js';
import { findContact } from '../../../domain/contacts/read.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { displayName } from '../../../domain/contacts/words.js';
import { enrolByHand } from '../../../domain/workflows/by-hand.js';
import { tryOut } from '../../../domain/workflows/try-out.js';
import { DomainError } from '../../../errors.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { queryOf, textOf } from '../form.js';
import { saying } from '../frame.js';
import { actView } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import { tableOf } from '../kit/list-page.js';
import { get, post, type Ask, type StaffRoute } from '../route.js';
import { finder, historySayings, nameOf } from './history-words.js';
import { auditWorkflow, openWorkflow, workflowCrumbs, type OpenWorkflow } from './open-workflow.js';
import { newId } from '../../../new-id.js';
import { present } from '../present.js';

async function testPage(deps: Deps, ask: Ask, opened: OpenWorkflow): Promise<string> {
  const { workflow } = opened;
  const contactId = queryOf(ask.request, 'contact', 60);
  const contact = contactId ? await findContact(deps, { scope: ask.scope, contactId }) : null;
  const lines = contact ? await tryOut(deps, opened, contact) : [];
  const mayEnrol =
    mayRole(ask.user.role, 'workflows.change') && workflow.version > 0 && workflow.state !== 'OFF';
  const columns = [
    {
      heading: 'Step',
      cell: ({ number, label }: (typeof lines)[number]) => ({
        ...{ text: number === 0 ? 'Trigger' : `Step ${number}`, note: label },
      }),
    },
    { heading: 'What it would do now', cell: ({ sentence }: (typeof lines)[number]) => ({ text: sentence }) },
  ];
  const result: Panel[] = contact
    ? present([
        { heading: nameOf(contact), table: tableOf('Test', columns, lines) },
        mayEnrol && {
          heading: 'Enrol by hand',
          sentences: ['The contact takes the steps of the published version. The trigger is not asked.'],
          form: actView(adminPaths.workflowEnrolments(workflow._id), 'Enrol this contact', [
            { name: 'contact', value: contact._id },
          ]),
        },
      ])
    : [];
  return pageHtml(
    deps,
    ask,
    { section: 'workflows', sayings: historySayings },
    {
      title: 'Test with one contact',
      crumbs: workflowCrumbs(workflow),
      lead: 'What each step would do for a contact now, and why. Nothing is changed or sent.',
      panels: [
        ...result,
        {
          heading: contact ? 'Test with another contact' : 'Choose a contact',
          form: { ...finder(workflow, 'test', 'Test'), look: contact ? 'plain' : 'main' },
        },
      ],
      isNarrow: true,
    },
  );
}

async function findContactFor(
  deps: Deps,
  ask: Ask,
  { workflow }: OpenWorkflow,
): Promise<{ to: string } | { html: string }> {
  const isTest = textOf(ask.request, 'next', 20) === 'test';
  const pathOf = (query: Record<string, string> = {}) =>
    isTest ? adminPaths.workflowTest(workflow._id, query) : adminPaths.workflowHistory(workflow._id, query);
  const search = textOf(ask.request, 'q', 200).trim();
  const wanted = { ...wholeIndex, scope: ask.scope, search, cursor: null };
  const contacts = search ? (await findContacts(deps, wanted)).contacts : [];
  const [only, ...others] = contacts;
  if (!only) return { to: saying(ask, pathOf(), 'none-found') };
  if (others.length === 0) return { to: pathOf({ contact: only._id }) };
  const ways = contacts.slice(0, 20).map((contact) => ({
    ...{ href: pathOf({ contact: contact._id }), label: displayName(contact) || (contact.email ?? '') },
    ...(contact.email ? { hint: contact.email } : {}),
  }));
  const shown = {
    title: 'Choose a contact',
    crumbs: workflowCrumbs(workflow),
    isNarrow: true,
    panels: [{ ways }],
  };
  return { html: pageHtml(deps, ask, { section: 'workflows' }, shown) };
}

export function oneContactRoutes(deps: Deps): StaffRoute[] {
  const read = { may: 'workflows.read', about: 'workflow' } as const;
  const act = { method: 'POST', may: 'workflows.change', about: 'workflow' } as const;
  return [
    get(
      adminPatterns.workflowTest,
      read,
      async (ask, response) => void response.send(await testPage(deps, ask, await openWorkflow(deps, ask))),
    ),
    post(adminPatterns.workflowContacts, read, async (ask, response) => {
      const found = await findContactFor(deps, ask, await openWorkflow(deps, ask));
      if ('to' in found) response.redirect(303, found.to);
      else response.send(found.html);
    }),
    {
      ...{ ...act, path: adminPatterns.workflowEnrolments },
      handle: async (ask, response) => {
        const { workflow } = await openWorkflow(deps, ask);
        const contactId = textOf(ask.request, 'contact', 60);
        const contact = await findContact(deps, { scope: ask.scope, contactId });
        if (!contact) throw new DomainError('NOT_FOUND');
        const occasion = newId();
        const wanted = { contactIds: [contact._id], scope: ask.scope, occasion };
        const [outcome = 'NO_CONTACT'] = await enrolByHand(deps, workflow, wanted);
        if (outcome === 'CHANGED') await auditWorkflow(deps, ask, workflow, 'a contact enrolled by hand');
        response.redirect(
          303,
          saying(ask, adminPaths.workflowHistory(workflow._id, { contact: contactId }), outcome),
        );
      },
    },
  ];
}

/** Imports: the list, the steps of the wizard, and the acts of each step. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { startContactWork } from '../../../domain/imports/contact-work.js';
import { requireImport } from '../../../domain/imports/find.js';
import type { WhichImport } from '../../../domain/imports/contract.js';
import { contactResults, rejectedRows } from '../../../domain/imports/list-file.js';
import { changeImport, checkImport, confirmImport, inspectImport } from '../../../domain/imports/start.js';
import { undoImport } from '../../../domain/imports/undo.js';
import { DomainError } from '../../../errors.js';
import type { Import } from '../../../models/import.js';
import { staffRef } from '../../../vocabulary/access.js';
import { auditBy } from '../audit-by.js';
import { textOf, wholeOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import { listRoute } from '../kit/list-page.js';
import { sendText } from '../../send-text.js';
import { get, post, type AdminRoute, type Ask, type StaffRoute } from '../route.js';
import { columnPage } from './column-page.js';
import { checkContacts } from './check-contacts.js';
import { textsOfForm } from './contact-choice-form.js';
import { contactColumnsPage } from './contact-columns-page.js';
import { faultOf } from './page-fault.js';
import { confirmPage, contactDeletionPage, nonMarketingPage, undoPage } from './confirm-pages.js';
import { importList } from './import-list.js';
import { importPage } from './import-page.js';
import { readingOf } from './reading-form.js';
import { startPages } from './start-pages.js';

const run = { may: 'bulk.run', about: 'import' } as const;

export function importRoutes(deps: Deps): AdminRoute[] {
  /** @throws DomainError `NOT_FOUND` if the user's scope has no such import */
  const importOf = (ask: Ask) => requireImport(deps, whichOf(ask));
  const whichOf = ({ request, scope }: Ask) => {
    const id = String(request.params['import']);
    return { id: id.length > 100 ? '' : id, scope };
  };
  const audit = (ask: Ask, one: Import, detail: string) =>
    auditBy(deps, ask, {
      ...{ kind: 'IMPORT_CHANGED', about: `import:${one._id}`, unitId: one.unitId, detail },
    });
  const columnsPage = (ask: Ask, one: Import, faults: FieldFault[] = []) =>
    one.kind === 'CONTACTS'
      ? contactColumnsPage(deps, ask, one, { faults })
      : columnPage(deps, ask, one, faults);
  /** For a form that was sent after the session had ended. */
  const columnsAsSent = async (ask: Ask, one: Import) => {
    if (!mayChange(one)) return importPage(deps, ask, one);
    if (one.kind !== 'CONTACTS') return columnPage(deps, ask, one);
    const { guess } = await inspectImport(deps, one);
    return contactColumnsPage(deps, ask, one, { texts: textsOfForm(ask, guess) });
  };
  const page = (path: string, show: (ask: Ask, one: Import) => Promise<string | null>): StaffRoute =>
    get(path, run, async (ask, response) => {
      const one = await importOf(ask);
      const html = await show(ask, one);
      if (html === null) return response.redirect(303, adminPaths.import(one._id));
      response.send(html);
    });
  const act = (
    path: string,
    handle: (ask: Ask, one: Import, response: Response) => Promise<void>,
  ): StaffRoute => post(path, run, async (ask, response) => handle(ask, await importOf(ask), response));
  // A download of addresses is an export, which is audited. So it is not a GET, which writes nothing.
  const download = (
    path: string,
    detail: string,
    read: (deps: Deps, which: WhichImport) => Promise<AsyncGenerator<Uint8Array> | null>,
  ): StaffRoute =>
    post(path, { may: 'jobs.read', about: 'import' }, async (ask, response) => {
      const one = await importOf(ask);
      const rows = await read(deps, whichOf(ask));
      if (!rows) throw new DomainError('NOT_FOUND');
      await auditBy(deps, ask, {
        ...{ kind: 'EXPORTED', about: `import:${one._id}`, unitId: one.unitId, detail },
      });
      response.set({
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${detail.replaceAll(' ', '-')}.csv"`,
      });
      await sendText(response, rows);
    });

  return [
    listRoute(deps, importList),
    ...startPages(deps),
    get(
      adminPatterns.import,
      { may: 'jobs.read', about: 'import' },
      async (ask, response) => void response.send(await importPage(deps, ask, await importOf(ask))),
    ),
    page(adminPatterns.importColumn, async (ask, one) => (mayChange(one) ? columnsPage(ask, one) : null)),
    act(adminPatterns.importReadings, async (ask, one, response) => {
      const choice = readingOf((name) => textOf(ask.request, name, 200));
      const fault = await faultOf(() =>
        changeImport(deps, whichOf(ask), { choice: { ...choice, column: null } }),
      );
      if (!mayChange(one) || !fault) return response.redirect(303, adminPaths.importColumn(one._id));
      response.status(422).send(await columnsPage(ask, one, [fault]));
    }),
    {
      ...act(adminPatterns.importChecks, async (ask, one, response) => {
        if (one.kind === 'CONTACTS' && mayChange(one)) {
          const wrong = await checkContacts(deps, ask, one);
          if (!wrong) return response.redirect(303, adminPaths.import(one._id));
          return void response.status(422).send(await contactColumnsPage(deps, ask, one, wrong));
        }
        const column = wholeOf(textOf(ask.request, 'column', 10));
        const fault = await faultOf(async () => {
          if (column !== null && column !== one.choice?.column)
            await changeImport(deps, whichOf(ask), { choice: { column } });
          await checkImport(deps, whichOf(ask));
        });
        if (!mayChange(one) || !fault) return response.redirect(303, adminPaths.import(one._id));
        const now = await importOf(ask);
        response.status(422).send(await columnPage(deps, ask, now, [{ ...fault, href: '#column' }]));
      }),
      showAgain: async (ask, response) => void response.send(await columnsAsSent(ask, await importOf(ask))),
    },
    page(adminPatterns.importConfirmation, async (ask, one) =>
      one.state === 'CHECKED' && one.kind === 'OPT_OUTS' && !one.source ? confirmPage(deps, ask, one) : null,
    ),
    act(adminPatterns.importConfirmation, async (ask, one, response) => {
      const typed = textOf(ask.request, 'number', 40);
      const revision = wholeOf(textOf(ask.request, 'revision', 10)) ?? -1;
      // People copy the number as the review shows it, with commas or spaces.
      const number = one.kind === 'CONTACTS' ? undefined : (wholeOf(typed.replaceAll(/[\s,.]/g, '')) ?? -1);
      const fault = await faultOf(() => confirmImport(deps, whichOf(ask), { number, revision }));
      // A contact import that has changed is reviewed again.
      if (one.state !== 'CHECKED' || (fault && one.kind === 'CONTACTS'))
        return response.redirect(303, adminPaths.import(one._id));
      if (fault) {
        const faults = [{ ...fault, href: '#number' }];
        return void response.status(422).send(await confirmPage(deps, ask, one, { typed, faults }));
      }
      await audit(ask, one, 'confirmed');
      response.redirect(303, saying(ask, adminPaths.import(one._id), 'confirmed'));
    }),
    download(adminPatterns.importRejectedRows, 'rejected rows', rejectedRows),
    download(adminPatterns.importRowResults, 'result of each row', contactResults),
    page(adminPatterns.importUndo, async (ask, one) =>
      one.undoneBy === null && !one.source ? undoPage(deps, ask, one) : null,
    ),
    act(adminPatterns.importUndo, async (ask, one, response) => {
      const undo: { id?: string } = {};
      const fault = await faultOf(async () => {
        undo.id = (await undoImport(deps, whichOf(ask), staffRef(ask.user)))._id;
      });
      if (fault || !undo.id) return response.redirect(303, adminPaths.import(one._id));
      await audit(ask, one, 'undone');
      response.redirect(303, saying(ask, adminPaths.import(undo.id), 'undone'));
    }),
    page(adminPatterns.importNonMarketing, async (ask, one) =>
      one.state === 'DONE' && one.kind === 'OPT_OUTS' && !one.source
        ? nonMarketingPage(deps, ask, one)
        : null,
    ),
    act(adminPatterns.importNonMarketing, async (ask, one, response) => {
      const started: { id?: string } = {};
      const fault = await faultOf(async () => {
        started.id = await startContactWork(deps, whichOf(ask), {
          job: 'nonMarketing',
          by: staffRef(ask.user),
        });
      });
      if (fault || !started.id) return response.redirect(303, adminPaths.import(one._id));
      await audit(ask, one, 'contacts set as non-marketing');
      response.redirect(303, adminPaths.job(started.id));
    }),
    page(adminPatterns.importContactDeletion, async (ask, one) =>
      one.state === 'DONE' && one.kind === 'OPT_OUTS' ? contactDeletionPage(deps, ask, one) : null,
    ),
    act(adminPatterns.importContactDeletion, async (ask, one, response) => {
      const started: { id?: string } = {};
      const fault = await faultOf(async () => {
        started.id = await startContactWork(deps, whichOf(ask), { job: 'contacts', by: staffRef(ask.user) });
      });
      if (fault || !started.id) return response.redirect(303, adminPaths.import(one._id));
      await audit(ask, one, 'contacts deleted');
      response.redirect(303, adminPaths.job(started.id));
    }),
  ];
}

function mayChange({ state, kind, source }: Import): boolean {
  return (kind === 'OPT_OUTS' || kind === 'CONTACTS') && !source && state !== 'RUNNING' && state !== 'DONE';
}

/** Bulk work: forms that queue a job, which is previewed and confirmed on its own page. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { readBulkEdit, type BulkFault } from '../../../domain/contacts/bulk/bulk-edit.js';
import { wantedOf } from '../../../jobs/kind.js';
import { bulkEdit } from '../../../jobs/kinds/bulk-edit.js';
import { readSendLinks, sendLinks } from '../../../jobs/kinds/send-links.js';
import { queueJob } from '../../../models/job.js';
import { auditBy } from '../audit-by.js';
import { textOf, wholeOf } from '../form.js';
import { saying } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';
import { askedOf, blankEdit, bulkEditPage, typedEdit } from './bulk-edit-page.js';
import { linkMailingPage } from './link-mailing-page.js';
import { jobIdOf, newNonce, pickedIn, selectionForJob, type Picked } from './selected.js';

const tooMany: BulkFault = {
  field: 'selection',
  message: 'This search finds more than 5,000 contacts. Use filters instead, or type more of the name.',
};

export function bulkRoutes(deps: Deps): AdminRoute[] {
  /** Passes on the picked contacts, or leads back to the index if there are none. */
  const withPicked =
    (handle: (ask: Ask, response: Response, picked: Picked) => Promise<void>) =>
    async (ask: Ask, response: Response) => {
      const picked = await pickedIn(deps, ask);
      if (picked) return handle(ask, response, picked);
      response.redirect(303, saying(ask, adminPaths.contacts(), 'none-picked'));
    };

  /** A double click makes one job and one audit entry. */
  async function queue(ask: Ask, response: Response, wanted: ReturnType<typeof wantedOf>): Promise<void> {
    const id = jobIdOf(ask);
    const { isNew } = await queueJob(deps, { id, ...wanted, requestedBy: ask.user.id, scope: ask.scope });
    if (isNew) await auditBy(deps, ask, { kind: 'JOB_STARTED', about: `job:${id}`, detail: wanted.kind });
    response.redirect(303, adminPaths.job(id));
  }

  const nonceOf = ({ request }: Ask) => textOf(request, 'nonce', 40);
  const editing = { may: bulkEdit.permission, about: 'nothing' } as const;
  const mailing = { may: sendLinks.permission, about: 'nothing' } as const;
  return [
    {
      ...editing,
      method: 'GET',
      path: adminPatterns.newBulkEdit,
      handle: withPicked(async (ask, response, picked) => {
        const form = { typed: blankEdit, faults: [], nonce: newNonce() };
        response.send(await bulkEditPage(deps, ask, picked, form));
      }),
    },
    {
      ...editing,
      method: 'POST',
      path: adminPatterns.bulkEdits,
      handle: withPicked(async (ask, response, picked) => {
        const typed = typedEdit(ask.request);
        const catalogue = await deps.catalogue();
        const selection = await selectionForJob(deps, ask, picked.selection);
        const asked = { ...askedOf(typed, catalogue), selection: selection ?? { kind: 'IDS', ids: [] } };
        const read = readBulkEdit(asked, { catalogue, scope: ask.scope });
        const faults = [...('faults' in read ? read.faults : []), ...(selection ? [] : [tooMany])];
        if ('edit' in read && faults.length === 0) return queue(ask, response, wantedOf(bulkEdit, read.edit));
        const form = { typed, faults, nonce: nonceOf(ask) };
        response.status(422).send(await bulkEditPage(deps, ask, picked, form));
      }),
      showAgain: withPicked(async (ask, response, picked) => {
        const form = { typed: typedEdit(ask.request), faults: [], nonce: nonceOf(ask) };
        response.send(await bulkEditPage(deps, ask, picked, form));
      }),
    },
    {
      ...mailing,
      method: 'GET',
      path: adminPatterns.newLinkMailing,
      handle: withPicked(async (ask, response, picked) => {
        const form = { unitId: null, faults: [], nonce: newNonce() };
        response.send(await linkMailingPage(deps, ask, picked, form));
      }),
    },
    {
      ...mailing,
      method: 'POST',
      path: adminPatterns.linkMailings,
      handle: withPicked(async (ask, response, picked) => {
        const unitId = wholeOf(textOf(ask.request, 'unit', 20));
        const catalogue = await deps.catalogue();
        const selection = await selectionForJob(deps, ask, picked.selection);
        const asked = { unitId, selection: selection ?? { kind: 'IDS', ids: [] } };
        const read = readSendLinks(asked, { catalogue, scope: ask.scope });
        const faults = [...('faults' in read ? read.faults : []), ...(selection ? [] : [tooMany])];
        if ('links' in read && faults.length === 0)
          return queue(ask, response, wantedOf(sendLinks, read.links));
        const form = { unitId, faults, nonce: nonceOf(ask) };
        response.status(422).send(await linkMailingPage(deps, ask, picked, form));
      }),
      showAgain: withPicked(async (ask, response, picked) => {
        const unitId = wholeOf(textOf(ask.request, 'unit', 20));
        response.send(await linkMailingPage(deps, ask, picked, { unitId, faults: [], nonce: nonceOf(ask) }));
      }),
    },
  ];
}

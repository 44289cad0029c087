/** What each kind of job does. */
import type { JobKind } from '../models/job.js';
import { bulkEditStepper } from './bulk-edit.js';
import type { Stepper } from './engine.js';
import type { JobDeps } from './job-deps.js';
import { putRightStepper } from './put-right.js';
import { refreshContactsStepper } from './refresh-contacts.js';
import { sendLinksStepper } from './send-links.js';

export function steppersOf(deps: JobDeps): Readonly<Record<JobKind, Stepper>> {
  return {
    BULK_EDIT: bulkEditStepper(deps),
    SEND_LINKS: sendLinksStepper(deps),
    PUT_RIGHT: putRightStepper(deps),
    REFRESH_CONTACTS: refreshContactsStepper(deps),
  };
}

/** Opt-outs that a machine seems to have made, of everybody: listed newest first, and put right in a batch where the contacts say so. */
import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import {
  findMachineMade,
  machineMadeCursorOf,
  machineMadeCursorText,
} from '../../../domain/consent/find-machine-made.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import type { AdminMachineOptOutsPage } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, textsOf, type FieldFault } from '../form.js';
import { adminFrame } from '../frame.js';
import type { Ask, StaffRoute } from '../route.js';
import { counted } from '../../../vocabulary/words.js';
import { legalBasisOf, noReasons, reasonsOf, type Reasons } from './act.js';
import { basisField, basisMissing, explanationField, explanationFaults, statusOf } from './act-page.js';
import { contactsOf, rowsOf } from './machine-rows.js';
import { putRight as putRightKind } from '../../../jobs/kinds/put-right.js';
import { putAllRight, putRight } from './put-right.js';

/** How many addresses a page shows: anyone who ticks among them waits for the result. */
const pageSize = 50;

interface Draft {
  ticked: readonly string[];
  reasons: Reasons;
  faults: FieldFault[];
  /** Made with the form, so that sending it twice queues one job. */
  nonce: string;
}

const newNonce = () => randomBytes(9).toString('base64url');

export function machineOptOutRoutes(deps: Deps): StaffRoute[] {
  const showAgain = async (ask: Ask, response: Response) =>
    showList(deps, ask, response, { ...(await draftOf(deps, ask)), faults: [] });
  return [
    {
      method: 'GET',
      path: adminPatterns.machineOptOuts,
      may: 'contacts.read',
      about: 'nothing',
      handle: (ask, response) =>
        showList(deps, ask, response, { ticked: [], reasons: noReasons, faults: [], nonce: newNonce() }),
    },
    {
      method: 'POST',
      path: adminPatterns.machineOptOuts,
      may: 'overrides.make',
      about: 'nothing',
      handle: async (ask, response) => {
        const draft = await draftOf(deps, ask);
        const faults = [
          ...(draft.ticked.length === 0 ? [{ text: 'Choose at least one.', href: '#listed' }] : []),
          ...draft.faults,
        ];
        if (faults.length > 0) return showList(deps, ask, response, { ...draft, faults });
        await showResult(deps, ask, response, draft.ticked, draft.reasons);
      },
      showAgain,
    },
    {
      method: 'POST',
      path: adminPatterns.allMachineOptOuts,
      may: putRightKind.permission,
      about: 'nothing',
      handle: async (ask, response) => {
        const draft = await draftOf(deps, ask);
        if (draft.faults.length > 0) return showList(deps, ask, response, draft);
        const job = await putAllRight(deps, ask, draft.reasons, draft.nonce);
        response.redirect(303, adminPaths.job(job));
      },
      showAgain,
    },
  ];
}

/** What was sent, with what is wrong with the reasons. */
async function draftOf(deps: Deps, ask: Ask): Promise<Draft> {
  const { request } = ask;
  const reasons = reasonsOf(ask);
  const { isPrivacyMode } = await deps.catalogue();
  return {
    ticked: textsOf(request, 'pick', 2000),
    reasons,
    nonce: /^[\w-]{12}$/.exec(textOf(request, 'nonce', 20))?.[0] ?? newNonce(),
    faults: [
      ...(isPrivacyMode && !legalBasisOf(reasons.legalBasis) ? [basisMissing] : []),
      ...explanationFaults(reasons.explanation),
    ],
  };
}

async function showList(deps: Deps, ask: Ask, response: Response, draft: Draft): Promise<void> {
  const before = machineMadeCursorOf(queryOf(ask.request, 'before', 200) ?? '');
  const { rows: found, next } = await findMachineMade(deps, { scope: ask.scope, limit: pageSize, before });
  const shown = { catalogue: await deps.catalogue(), contacts: await contactsOf(deps, ask, found) };
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    action: adminPaths.machineOptOuts(),
    rows: found.flatMap((row) => rowsOf(ask, row, shown, draft.ticked)),
    ...formOf(ask, shown.catalogue, draft),
    faults: draft.faults,
    hasPages: before !== null || next !== null,
    ...(next ? { olderUrl: adminPaths.machineOptOuts({ before: machineMadeCursorText(next) }) } : {}),
    ...(before ? { newestUrl: adminPaths.machineOptOuts() } : {}),
  };
  response.status(statusOf(page)).send(deps.views.page('admin-machine-opt-outs', page));
}

/** Ticked ones are put right by who may override, all at once by who may do bulk work. */
function formOf(
  { user }: Ask,
  { isPrivacyMode }: { isPrivacyMode: boolean },
  { reasons, faults, nonce }: Draft,
): Pick<AdminMachineOptOutsPage, 'form'> {
  const mayPick = mayRole(user.role, 'overrides.make');
  const mayAll = mayRole(user.role, 'bulk.run');
  if (!mayPick && !mayAll) return {};
  return {
    form: {
      nonce,
      mayPick,
      ...(mayAll ? { allAction: adminPaths.allMachineOptOuts() } : {}),
      fields: [
        basisField(reasons.legalBasis, faults, { isRequired: isPrivacyMode }),
        explanationField(
          reasons.explanation,
          faults,
          'How and when did they say so? It goes with each of them.',
        ),
      ],
    },
  };
}

/** The answer is the result itself, a row for each that was chosen: sent again it changes nothing (decision 0469). */
async function showResult(
  deps: Deps,
  ask: Ask,
  response: Response,
  ticked: readonly string[],
  reasons: Reasons,
): Promise<void> {
  const rows = await putRight(deps, ask, ticked, reasons);
  const done = rows.filter(({ result }) => result?.look === 'in').length;
  const page: AdminMachineOptOutsPage = {
    ...adminFrame(ask, 'machine', 'Machine-made opt-outs'),
    notice: {
      tone: done > 0 ? 'good' : 'warn',
      strong: `${counted(done, 'opt-out')} put right.`,
      ...(done < rows.length ? { sentence: 'The others are as they were; each row says why.' } : {}),
      ...(rows.length === 0 ? { sentence: 'What was chosen does not stand any more.' } : {}),
    },
    action: adminPaths.machineOptOuts(),
    rows,
    hasPages: true,
    newestUrl: adminPaths.machineOptOuts(),
  };
  response.send(deps.views.page('admin-machine-opt-outs', page));
}

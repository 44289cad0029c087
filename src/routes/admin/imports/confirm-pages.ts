/** The two pages that ask before something is written: the typed number of an import, and its undo. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { readMarketingState } from '../../../domain/marketing/usage.js';
import type { Import } from '../../../models/import.js';
import type { FieldFault } from '../form.js';
import { groupOf } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import { leavingSentence } from '../marketing/marketing-words.js';
import type { Ask } from '../route.js';
import { willHappen, wontHappen } from './review-parts.js';
import { addressesOf, stepsAt, unitWords } from './import-words.js';
import { importCrumbs, viewOf } from './start-pages.js';
import { undoOfContacts } from './undo-parts.js';

/** @param typed the number as it was typed */
export async function confirmPage(
  deps: Deps,
  ask: Ask,
  one: Import,
  { typed = '', faults = [] }: { typed?: string; faults?: FieldFault[] } = {},
): Promise<string> {
  const [, many] = addressesOf(one.channel);
  const number = groupOf(
    {
      fields: [
        {
          kind: 'code',
          name: 'number',
          label: `How many ${many} must not be messaged?`,
          isRequired: true,
          autocomplete: 'off',
          hint: `Type the number of valid ${many}, ${one.counts?.distinct ?? 0}. It belongs to this file, this column and this business unit.`,
        },
      ],
    },
    { number: typed },
    faults,
  );
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Confirm by typing the number',
      crumbs: importCrumbs,
      steps: stepsAt('confirm', one),
      isNarrow: true,
      panels: [
        {
          sentences: [willHappen(one, await unitWords(deps, one))],
          bullets: wontHappen,
          form: viewOf({
            action: adminPaths.importConfirmation(one._id),
            hidden: [{ name: 'revision', value: String(one.revision) }],
            groups: [number],
            button: 'Opt out all of them',
            look: 'stop',
            cancelHref: adminPaths.import(one._id),
          }),
        },
      ],
    },
    faults,
  );
}

const optOutUndo = {
  sentences: [
    'The opt-outs that this import made are removed. Those addresses may be mailed again, if nothing else stops it.',
  ],
  bullets: [
    'Opt-outs that others made before or after stay.',
    'The undo is itself in the list of imports and in the history of each address.',
  ],
};

/** Asks before an import is undone. */
export async function undoPage(deps: Deps, ask: Ask, one: Import): Promise<string> {
  const unit = await unitWords(deps, one);
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Undo this import?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}, for ${unit}`,
      isNarrow: true,
      panels: [
        {
          ...(one.kind === 'CONTACTS' ? undoOfContacts(one) : optOutUndo),
          form: {
            ...actView(adminPaths.importUndo(one._id), 'Undo import', [], 'stop'),
            cancelHref: adminPaths.import(one._id),
          },
        },
      ],
    },
  );
}

export async function contactDeletionPage(deps: Deps, ask: Ask, one: Import): Promise<string> {
  const unit = await unitWords(deps, one);
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Delete the contacts on this list?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}, for ${unit}`,
      isNarrow: true,
      panels: [
        {
          sentences: ['The contacts whose addresses are on this list are deleted. This cannot be undone.'],
          bullets: [
            'Their opt-outs and their history stay. If an address comes back as a contact, it is opted out.',
            ...(one.unitId === null ? [] : ['A contact that also belongs to another business unit stays.']),
          ],
          form: {
            ...actView(adminPaths.importContactDeletion(one._id), 'Delete these contacts', [], 'stop'),
            cancelHref: adminPaths.import(one._id),
          },
        },
      ],
    },
  );
}

export async function nonMarketingPage(deps: Deps, ask: Ask, one: Import): Promise<string> {
  const [unit, state] = await Promise.all([unitWords(deps, one), readMarketingState(deps)]);
  return pageHtml(
    deps,
    ask,
    { section: 'imports' },
    {
      title: 'Set the contacts on this list as non-marketing?',
      crumbs: importCrumbs,
      lead: `${one.file?.name ?? ''}, for ${unit}`,
      isNarrow: true,
      panels: [
        {
          sentences: [leavingSentence(state, ask.zone)],
          bullets: [
            'Their opt-outs do not change.',
            ...(one.unitId === null
              ? []
              : ['A contact that also belongs to another business unit stays a marketing contact.']),
          ],
          form: {
            ...actView(adminPaths.importNonMarketing(one._id), 'Set as non-marketing', [], 'main'),
            cancelHref: adminPaths.import(one._id),
          },
        },
      ],
    },
  );
}

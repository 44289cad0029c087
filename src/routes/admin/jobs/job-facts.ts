/** What a job was asked to do, in words. */
import { bulkEditSchema, wishesOf } from '../../../domain/contacts/bulk/bulk-edit.js';
import type { BulkEdit, BulkStatus } from '../../../domain/contacts/bulk/bulk-edit.js';
import { putRightSchema } from '../../../domain/contacts/bulk/put-right.js';
import { sendLinksSchema } from '../../../domain/contacts/bulk/send-links.js';
import { filterLabel } from '../../../domain/contacts/filters.js';
import type { FilterGroup } from '../../../domain/contacts/filters.js';
import type { Selection } from '../../../domain/contacts/selection.js';
import type { Catalogue, LegalBasis } from '../../../vocabulary/terms.js';
import type { Job } from '../../../models/job.js';
import type { AdminJobPage } from '../../../views/admin-bulk-pages.js';
import { basisNames, channelNames, counted, listOf, momentOf } from '../../../vocabulary/words.js';

type Facts = AdminJobPage['facts'];
type Asked = Pick<Job, 'kind' | 'input' | 'at' | 'scope'>;

export const wishedStatusWords: Readonly<Record<BulkStatus, string>> = {
  OPT_IN: 'Opt in',
  NOT_OPTED: 'Not opted',
  OPT_OUT: 'Opt out',
};
const liftWords = 'Remove opt out from all email';

/** @param about.groups names the filters of a selection */
export function factsOf(job: Asked, about: { catalogue: Catalogue; groups: readonly FilterGroup[] }): Facts {
  const { catalogue } = about;
  const edit = bulkEditSchema.safeParse(job.input);
  if (job.kind === 'BULK_EDIT' && edit.success)
    return [whomOf(job, edit.data.selection, about), ...editFacts(edit.data, catalogue)];
  const links = sendLinksSchema.safeParse(job.input);
  if (job.kind === 'SEND_LINKS' && links.success) {
    const { selection, unitId } = links.data;
    const name = catalogue.units.get(unitId)?.name ?? `unit ${unitId}`;
    return [whomOf(job, selection, about), { term: 'In the name of', words: [name] }];
  }
  const right = putRightSchema.safeParse(job.input);
  if (job.kind === 'PUT_RIGHT' && right.success) {
    const when = momentOf(job.at, catalogue.timeZone);
    const whom = { term: 'Whom', words: [`All addresses listed on ${when}`] };
    return [whom, ...whyFacts(right.data)];
  }
  return [];
}

/** The columns of the result: one for each wish, in the order of the outcomes of a row. */
export function wishColumns(job: Asked, catalogue: Catalogue): string[] {
  const edit = bulkEditSchema.safeParse(job.input);
  if (job.kind !== 'BULK_EDIT' || !edit.success) return ['Outcome'];
  const { lifts, types } = wishesOf(edit.data, { catalogue, scope: job.scope });
  const status = edit.data.status ? wishedStatusWords[edit.data.status] : '';
  return [
    ...(lifts.length > 0 ? [liftWords] : []),
    ...types.map((wish) => `${status}: ${'typeId' in wish ? nameOf(catalogue, wish.typeId) : ''}`),
  ];
}

function whomOf(
  { at }: Asked,
  selection: Selection,
  { catalogue, groups }: { catalogue: Catalogue; groups: readonly FilterGroup[] },
): Facts[number] {
  const when = `as they were on ${momentOf(at, catalogue.timeZone)}`;
  if (selection.kind === 'IDS')
    return { term: 'Whom', words: [`${counted(selection.ids.length, 'contact')}, ticked or searched for`] };
  if (selection.facets.length === 0) return { term: 'Whom', words: [`All contacts, ${when}`] };
  return {
    term: 'Whom',
    words: [`All that matched, ${when}:`, ...selection.facets.map((one) => filterLabel(groups, one))],
  };
}

function editFacts(edit: BulkEdit, catalogue: Catalogue): Facts {
  const types = edit.typeIds.map((id) => nameOf(catalogue, id));
  const words = [
    ...(edit.hasOptOutOfAllRemoved ? [liftWords] : []),
    ...(edit.status && types.length > 0 ? [`${wishedStatusWords[edit.status]}: ${listOf(types)}`] : []),
  ];
  return [
    { term: 'Channel', words: [channelNames[edit.channel]] },
    { term: 'Change', words },
    ...whyFacts(edit),
    ...(edit.processingBasis
      ? [
          {
            term: 'Legal basis for processing, where there is none',
            words: [basisNames[edit.processingBasis]],
          },
        ]
      : []),
  ];
}

function whyFacts(why: { legalBasis: LegalBasis | null; explanation: string }): Facts {
  return [
    ...(why.legalBasis
      ? [{ term: 'Legal basis for communication', words: [basisNames[why.legalBasis]] }]
      : []),
    ...(why.explanation ? [{ term: 'Explanation', words: [why.explanation] }] : []),
  ];
}

function nameOf({ types }: Catalogue, typeId: number): string {
  return types.get(typeId)?.name ?? `type ${typeId}`;
}

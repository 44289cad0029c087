/** What a job was asked to do, in words. */
import { z } from 'zod';
import { channels, legalBases } from '../../../domain/consent/terms.js';
import type { Catalogue } from '../../../domain/consent/terms.js';
import type { Job } from '../../../models/job.js';
import type { AdminJobPage } from '../../../views/admin-bulk-pages.js';
import { basisWords, channelWords, listOf } from '../words.js';

type Facts = AdminJobPage['facts'];

/** Of the inputs of all kinds, what can be said in words. */
const known = z
  .object({
    channel: z.enum(channels),
    typeIds: z.array(z.number()),
    status: z.enum(['OPT_IN', 'NOT_OPTED', 'OPT_OUT']).nullable(),
    removesOptOutOfAll: z.boolean(),
    unitId: z.number(),
    legalBasis: z.enum(legalBases).nullable(),
    processingBasis: z.enum(legalBases).nullable(),
    explanation: z.string(),
  })
  .partial();

export const wishedStatusWords = { OPT_IN: 'Opt in', NOT_OPTED: 'Not opted', OPT_OUT: 'Opt out' } as const;

export function factsOf({ input }: Pick<Job, 'input'>, catalogue: Catalogue): Facts {
  const parsed = known.safeParse(input);
  if (!parsed.success) return [];
  const { channel, typeIds = [], status, removesOptOutOfAll, unitId, ...why } = parsed.data;
  const types = typeIds.map((id) => catalogue.types.get(id)?.name ?? `type ${id}`);
  const changes = [
    ...(status && types.length > 0 ? [`${wishedStatusWords[status]}: ${listOf(types)}`] : []),
    ...(removesOptOutOfAll ? ['Remove opt out from all email'] : []),
  ];
  return [
    ...(channel ? [{ term: 'Channel', words: [channelWords[channel]] }] : []),
    ...(changes.length > 0 ? [{ term: 'Change', words: changes }] : []),
    ...(unitId === undefined
      ? []
      : [{ term: 'In the name of', words: [catalogue.units.get(unitId)?.name ?? `unit ${unitId}`] }]),
    ...(why.legalBasis
      ? [{ term: 'Legal basis for communication', words: [basisWords[why.legalBasis]] }]
      : []),
    ...(why.explanation ? [{ term: 'Explanation', words: [why.explanation] }] : []),
    ...(why.processingBasis
      ? [{ term: 'Legal basis for processing', words: [basisWords[why.processingBasis]] }]
      : []),
  ];
}

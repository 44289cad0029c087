/**
 * Opts contacts in to a subscription type, or out of it. The rules decide: an opt-in of a contact that opted out before is refused as
 * `PREVIOUSLY_OPTED_OUT`, and the contact goes on.
 */
import { z } from 'zod';
import { isInScope } from '../../../vocabulary/scope.js';
import { channels, legalBases, type Wish } from '../../../vocabulary/terms.js';
import { basisNames, channelNames, reasonWords, typeName } from '../../../vocabulary/words.js';
import { changeConsentInBulk } from '../../consent/change-in-bulk.js';
import type { ConsentInput, ConsentResult } from '../../consent/change.js';
import { previewConsent } from '../../consent/offers.js';
import type { FilterContext } from '../../filters/condition-kind.js';
import { typeOfCondition } from '../../filters/conditions/consent.js';
import { stepKind, type StepContext, type StepResult, type StepRow } from '../contract.js';

const input = z.strictObject({
  channel: z.enum(channels),
  status: z.enum(['OPT_IN', 'OPT_OUT']),
  typeId: z.int(),
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().max(500),
});
type ConsentStep = z.infer<typeof input>;

export const consentStep = stepKind<ConsentStep>({
  name: 'CONSENT',
  label: 'Manage communication subscription status',
  hint: 'Opts the contact in to a subscription type, or out of it.',
  input,
  isAction: true,
  sentence: ({ status, typeId }, about) =>
    status === 'OPT_IN'
      ? `Opt in to ${nameOf(typeId, about)}. Contacts who opted out before are always skipped.`
      : `Opt out of ${nameOf(typeId, about)}.`,
  facts: ({ channel, status, typeId, legalBasis, explanation }, about) => [
    { term: 'Messaging channel', text: channelNames[channel] },
    { term: 'Subscription status', text: status === 'OPT_IN' ? 'Opted in' : 'Opted out' },
    { term: 'Communication subscription type', text: nameOf(typeId, about) },
    ...(legalBasis
      ? [{ term: 'Legal basis for communicating with the contact', text: basisNames[legalBasis] }]
      : []),
    ...(explanation ? [{ term: 'Explanation for communication consent', text: explanation }] : []),
  ],
  faults: ({ channel, status, typeId, legalBasis, explanation }, { catalogue, scope, isPrivacyMode }) => {
    const type = catalogue.types.get(typeId);
    if (!type || !isInScope(scope, type.unitId))
      return ['The subscription type does not exist. Choose another.'];
    if (type.channel !== channel)
      return [`${type.name} is not sent by ${channelNames[channel]}. Choose another subscription type.`];
    if (status === 'OPT_OUT') return [];
    if (!type.isActive)
      return [`${type.name} is archived. Choose another subscription type, or remove this step.`];
    if (!isPrivacyMode) return [];
    return [
      ...(legalBasis ? [] : ['An opt-in needs a legal basis, since the data privacy mode is on.']),
      ...(explanation.trim() ? [] : ['An opt-in needs an explanation, since the data privacy mode is on.']),
    ];
  },
  concern: ({ status, typeId }) =>
    status === 'OPT_OUT'
      ? null
      : {
          effect: 'SKIPPED',
          conditions: [{ on: 'status', of: String(typeId), is: 'IS', values: ['UNSUBSCRIBED'] }],
        },
  changes: ({ status, typeId }) => ({
    isAbout: (condition) => typeOfCondition(condition) === typeId,
    event: { name: status === 'OPT_IN' ? 'OPTED_IN' : 'OPTED_OUT', of: String(typeId) },
  }),
  async foretell(deps, step, row, context) {
    const act = actOf(step, row, context);
    if (!act) return reasonWords('NO_ADDRESS');
    const [answer] = await previewConsent(deps, [act]);
    return answer ? foretold(step, answer, context.about) : '';
  },
  async run(deps, step, rows, context) {
    const results = new Map<StepRow, StepResult>();
    // Only an attempt that was cut off needs the whole histories, which are much to read.
    for (const isRepeat of [false, true]) {
      const asked = rows.flatMap((row) => {
        const act = row.isRepeat === isRepeat ? actOf(step, row, context) : null;
        return act ? [{ row, act }] : [];
      });
      if (asked.length === 0) continue;
      const acts = asked.map(({ act }) => act);
      const answers = await changeConsentInBulk(deps, acts, { isRepeat, beforeWrite: context.guard });
      for (const [at, { row }] of asked.entries()) results.set(row, resultOf(answers[at]));
    }
    return rows.map((row) => results.get(row) ?? { go: 'ON', outcome: 'SKIPPED', reason: 'NO_ADDRESS' });
  },
});

function actOf(
  { channel, status, typeId, legalBasis, explanation }: ConsentStep,
  { contact, ref }: Pick<StepRow, 'contact' | 'ref'>,
  { scope }: Pick<StepContext, 'scope'>,
): ConsentInput | null {
  const subscriberId = contact.subscribers[channel];
  if (!subscriberId) return null;
  const wishes: Wish[] = [{ kind: status, typeId }];
  return {
    ...{ subscriberId, channel, wishes, actor: { kind: 'WORKFLOW', ref, scope } },
    circumstances: { ...(legalBasis ? { legalBasis } : {}), ...(explanation ? { explanation } : {}) },
  };
}

function resultOf(answer: ConsentResult | undefined): StepResult {
  const outcome = answer?.outcomes[0];
  if (!outcome) return { go: 'RETRY', reason: 'no answer' };
  if (outcome.result === 'REFUSED') return { go: 'ON', outcome: 'SKIPPED', reason: outcome.code };
  return { go: 'ON', outcome: 'DONE', ...(outcome.result === 'NO_CHANGE' ? { reason: 'NO_CHANGE' } : {}) };
}

function foretold(
  { status, typeId }: ConsentStep,
  { outcomes }: Pick<ConsentResult, 'outcomes'>,
  about: FilterContext,
): string {
  const [outcome] = outcomes;
  if (outcome?.result === 'REFUSED') return `Skips the contact: ${reasonWords(outcome.code)}`;
  const name = nameOf(typeId, about);
  if (outcome?.result === 'NO_CHANGE')
    return `Changes nothing: the contact is ${status === 'OPT_IN' ? 'subscribed to' : 'opted out of'} ${name} already.`;
  return status === 'OPT_IN' ? `Opts the contact in to ${name}.` : `Opts the contact out of ${name}.`;
}

function nameOf(typeId: number, { catalogue, scope }: FilterContext): string {
  const type = catalogue.types.get(typeId);
  return type && isInScope(scope, type.unitId) ? typeName(type) : 'a subscription type that does not exist';
}

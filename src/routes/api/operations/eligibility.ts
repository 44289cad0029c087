/** Declares the API of eligibility: may we send? */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { eligibilityRules, purposes, type Eligibility } from '../../../domain/consent/eligibility.js';
import { maySend, maySendEach } from '../../../domain/marketing/may-send.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { DomainError } from '../../../errors.js';
import { actorKinds, legalBases } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { address, time } from '../schemas.js';

const question = z
  .strictObject({
    address,
    typeId: z.int().meta({ description: 'Of the subscription type. The address is one of its channel.' }),
    purpose: z.enum(purposes).optional().meta({ description: 'Absent: the purpose of the type.' }),
  })
  .meta({ id: 'EligibilityQuestion' });

const answer = z
  .strictObject({
    isEligible: z.boolean(),
    rule: z.enum(eligibilityRules).meta({ description: 'The rule that decided.' }),
    source: z.enum(actorKinds).nullable().meta({ description: 'Who made the status that decided.' }),
    legalBasis: z.enum(legalBases).nullable(),
    at: time.nullable().meta({ description: 'Since when.' }),
    until: time.nullable().meta({ description: 'The end of a pause.' }),
  })
  .meta({ id: 'Eligibility' });

const about = { tag: 'Eligibility', scopes: ['eligibility'] } as const;

export const eligibilityOperations = [
  operation({
    ...{ ...about, id: 'getEligibility', method: 'POST', path: '/api/v1/eligibility' },
    summary: 'Ask whether an address may be sent a subscription type',
    description: 'An unknown address gets the answer of a contact without any status.',
    body: question,
    answers: { 200: answer },
    faults: [404],
    /** @throws DomainError `UNKNOWN_TYPE`, also for a type outside the key's business units; `INVALID_ADDRESS` */
    run: async (deps, caller, { body }) => ({ body: shown(await maySend(within(deps, caller), body)) }),
  }),
  operation({
    ...{ ...about, id: 'getEligibilities', method: 'POST', path: '/api/v1/eligibility/batch' },
    summary: 'Ask the same for up to 1,000 addresses at once',
    description: 'The answers are in the order of the questions.',
    body: z.strictObject({ inputs: z.array(question).min(1).max(1000) }).meta({ id: 'EligibilityQuestions' }),
    answers: {
      200: z.strictObject({
        results: z.array(
          z.union([
            answer,
            z
              .strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) })
              .meta({ id: 'InputError' }),
          ]),
        ),
      }),
    },
    run: async (deps, caller, { body: { inputs } }) => {
      const answers = await maySendEach(within(deps, caller), inputs);
      const results = answers.map((one) =>
        one instanceof DomainError ? { error: { code: one.code, message: one.message } } : shown(one),
      );
      return { body: { results } };
    },
  }),
];

/** Outside the key's business units nothing exists. */
export function within<T extends Pick<Deps, 'catalogue'>>(deps: T, { scope }: ApiCaller): T {
  return { ...deps, catalogue: async () => catalogueWithin(await deps.catalogue(), scope) };
}

function shown({ isEligible, rule, source, legalBasis, at, until }: Eligibility): object {
  return {
    ...{ isEligible, rule, source: source ?? null, legalBasis: legalBasis ?? null },
    ...{ at: at ?? null, until: until ?? null },
  };
}

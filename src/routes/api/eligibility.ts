/** The API of eligibility. */
import type { Deps } from '../../deps.js';
import { catalogueWithin } from '../../domain/consent/catalogue.js';
import type { Eligibility } from '../../domain/consent/eligibility.js';
import { maySend, maySendEach, type MaySendQuestion } from '../../domain/marketing/may-send.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import type { Handler } from './operation.js';

/** @throws DomainError `UNKNOWN_TYPE`, also for a type outside the key's business units; `INVALID_ADDRESS` */
export const answerEligibility: Handler<{ body: MaySendQuestion }> = async (deps, caller, { body }) => {
  return { body: shown(await maySend(within(deps, caller), body)) };
};

export const answerEligibilities: Handler<{ body: { inputs: readonly MaySendQuestion[] } }> = async (
  deps,
  caller,
  { body: { inputs } },
) => {
  const answers = await maySendEach(within(deps, caller), inputs);
  const results = answers.map((one) =>
    one instanceof DomainError ? { error: { code: one.code, message: one.message } } : shown(one),
  );
  return { body: { results } };
};

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

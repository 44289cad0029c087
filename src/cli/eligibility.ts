/** `sayso may-send`: says whether one address may be sent one type, and which rule decided. Exit 0: yes; 1: no; 2: could not tell. */
import { Argument, Option, type Command } from 'commander';
import { purposes } from '../domain/consent/eligibility.js';
import type { Eligibility, EligibilityRule, Purpose } from '../domain/consent/eligibility.js';
import { maySend } from '../domain/marketing/may-send.js';
import { withContext } from './context.js';
import { wholeNumber } from './target-options.js';

const couldNotTell = 2;

export function addEligibilityCommand(program: Command): void {
  program
    .command('may-send')
    .description(
      'Say whether an address may be sent a type, and the rule that decided. Exit 0: yes; 1: no; 2: it could not tell',
    )
    .addArgument(new Argument('<address>', 'one address'))
    .requiredOption('--type <id>', 'subscription type', wholeNumber)
    .addOption(
      new Option('--purpose <purpose>', "what for (default: the type's own purpose)").choices(purposes),
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : couldNotTell))
    .action((address: string, options: { type: number; purpose?: Purpose }) => {
      // A script must not read a database outage as "no".
      process.exitCode = couldNotTell;
      return withContext(async ({ deps }) => {
        const answer = await maySend(deps, { address, typeId: options.type, purpose: options.purpose });
        process.stdout.write(`${sentenceOf(answer)}\n${inWords(answer)}\n`);
        process.exitCode = answer.isEligible ? 0 : 1;
      });
    });
}

/** `no: BRAND_WIDE_STATUS, by CONTACT, since 2025-09-01T09:30:00.000Z` */
export function sentenceOf({ isEligible, rule, source, legalBasis, at, until }: Eligibility): string {
  const parts = [
    `${isEligible ? 'yes' : 'no'}: ${rule}`,
    source ? `by ${source}` : '',
    legalBasis ?? '',
    at ? `since ${at.toISOString()}` : '',
    until ? `until ${until.toISOString()}` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

const ruleInWords: Record<EligibilityRule, string> = {
  HARD_BOUNCE: 'Mail to this address bounced.',
  COMPLAINT: 'Mail to this address was reported as spam.',
  PORTAL_WIDE_STATUS: 'Opted out of everything, of every brand.',
  BRAND_WIDE_STATUS: 'Opted out of everything of this brand.',
  SUBSCRIPTION_STATUS: 'Opted out of this type.',
  SNOOZED: 'Paused this type for a while.',
  TYPE_ARCHIVED: 'This type is archived, so it is not sent any more.',
  NOT_A_MARKETING_CONTACT: 'Is not a marketing contact.',
  NOT_SUBSCRIBED_IN_PRIVACY_MODE: 'Has not opted in, and data privacy mode is on.',
  LEGAL_BASIS_REQUIRED: 'Opted out of everything: this one communication needs its own legal basis.',
  ONE_TIME_LEGAL_BASIS: 'Opted out of everything, but this one communication has its own legal basis.',
  TRANSACTIONAL: 'Transactional mail may always be sent to an address that can receive it.',
  NOT_SPECIFIED: 'Has not opted out.',
};

/** The rule as one sentence for people. */
function inWords({ isEligible, rule }: Eligibility): string {
  return isEligible && rule === 'SUBSCRIPTION_STATUS' ? 'Is subscribed to this type.' : ruleInWords[rule];
}

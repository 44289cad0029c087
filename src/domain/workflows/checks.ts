/** The checks of a review. Faults prevent publishing and are listed by themselves; these say what is in order, and what staff should know. */
import type { Config } from '../../config.js';
import type { Models } from '../../models/index.js';
import { mailPriorities, type Mail, type MailState } from '../../models/mail.js';
import { isInScope } from '../../vocabulary/scope.js';
import { counted, listOf, momentOf } from '../../vocabulary/words.js';
import { reading } from '../consent/durability.js';
import { asksActiveTypes, typeOfCondition } from '../filters/conditions/consent.js';
import { conditionsOf, type Condition, type Filter } from '../filters/filter.js';
import { deepestLists } from '../filters/read-condition.js';
import type { WorkflowAbout } from './contract.js';
import { mostDepth } from './enrol.js';
import type { PlanFault } from './plan-faults.js';
import { stepsOf, type Plan, type Step } from './plan.js';
import { membersOf } from './published.js';
import { branchFilter } from './steps/branch.js';
import { readStep } from './steps/registry.js';
import { eventOf } from './triggers.js';

/** `NOT_KNOWN`: the portal cannot tell. A `WARNING` prevents nothing. */
export const checkOutcomes = ['PASSED', 'WARNING', 'NOT_KNOWN'] as const;

export interface CheckResult {
  outcome: (typeof checkOutcomes)[number];
  text: string;
  detail?: string;
}

export interface ReviewCheck extends CheckResult {
  /** The name of the check, which never changes. */
  name: string;
}

interface CheckDeps {
  models: Pick<Models, 'mails'>;
  config: Pick<Config, 'smtpUrl'>;
}

interface Checked {
  plan: Plan;
  about: WorkflowAbout;
  faults: readonly PlanFault[];
}

interface Check {
  name: string;
  /** @returns null if the plan has nothing to check, or if a fault says it already */
  ask: (checked: Checked, deps: CheckDeps) => CheckResult | null | Promise<CheckResult | null>;
}

const passed = (text: string, detail?: string): CheckResult => ({
  ...{ outcome: 'PASSED', text },
  ...(detail ? { detail } : {}),
});

/** One line per check, in the order of the page. */
const checks: readonly Check[] = [
  {
    name: 'TRIGGER',
    ask: ({ faults }) =>
      faults.some(({ stepId }) => stepId === undefined) ? null : passed('The trigger is complete.'),
  },
  {
    name: 'STEPS',
    ask: ({ faults }) => (faults.some(({ stepId }) => stepId) ? null : passed('All steps are complete.')),
  },
  {
    name: 'OPT_INS',
    ask: ({ plan, faults }) => {
      const optIns = stepsOf(plan).filter(({ step }) => Object(step.input)['status'] === 'OPT_IN');
      const isFaulty = optIns.some(({ step }) => faults.some(({ stepId }) => stepId === step.id));
      return optIns.length === 0 || isFaulty
        ? null
        : passed('Opt-ins have the legal basis and the explanation that they need.');
    },
  },
  { name: 'MAIL', ask: askMail },
  { name: 'END', ask: ({ plan }) => passed('Every path ends.', durationWords(plan)) },
  { name: 'SELF_START', ask: askSelfStart },
  { name: 'ARCHIVED_TYPES', ask: askArchivedTypes },
];

/** Asks every check that the plan has something for. Nothing is written, and no other system is asked. */
export async function reviewChecks(deps: CheckDeps, checked: Checked): Promise<ReviewCheck[]> {
  const results = await Promise.all(
    checks.map(async ({ name, ask }) => {
      const result = await ask(checked, deps);
      return result && { name, ...result };
    }),
  );
  return results.filter((one) => one !== null);
}

/** What is known of the mail server, by the newest mails of the queue. The page must not wait for a server. */
async function askMail({ plan, about }: Checked, deps: CheckDeps): Promise<CheckResult | null> {
  const { units, timeZone } = about.catalogue;
  const senders = stepsOf(plan).flatMap(({ step }) =>
    step.kind === 'SEND_LINK' ? (units.get(Number(Object(step.input)['unitId'])) ?? []) : [],
  );
  if (senders.length === 0) return null;
  const warning = (text: string, detail?: string): CheckResult => ({
    ...passed(text, detail),
    outcome: 'WARNING',
  });
  const silent = senders.find(({ senderAddress }) => !senderAddress);
  if (silent) return warning(`${silent.name} has no sender address, so its mails cannot be sent.`);
  if (!deps.config.smtpUrl)
    return warning('No mail server is configured: mails are written to a folder and not sent.');
  const [sent, unknown, failed, queued] = await reading(() =>
    Promise.all((['SENT', 'UNKNOWN', 'FAILED', 'QUEUED'] as const).map((state) => newestMails(deps, state))),
  );
  const answeredAt = latest(sent ?? [], ({ endedAt }) => endedAt)?.at;
  const isOfServer = ({ lastError }: TriedMail) => !lastError?.startsWith(refusedRecipient);
  const failures = [
    latest(unknown ?? [], ({ endedAt }) => endedAt),
    latest((failed ?? []).filter(isOfServer), ({ endedAt }) => endedAt),
    latest(
      (queued ?? []).filter(({ attempts }) => attempts > 0),
      ({ at }) => at,
    ),
  ];
  const failure = latest(
    failures.flatMap((one) => one ?? []),
    ({ at }) => at,
  )?.one;
  const last = answeredAt && `The mail server last accepted a mail at ${momentOf(answeredAt, timeZone)}.`;
  if (failure && (!answeredAt || failure.at > answeredAt)) {
    const { state, lastError } = failure.one;
    const said =
      state === 'UNKNOWN' ? 'It is not known whether a newer mail arrived' : 'A newer mail was not sent';
    return warning(`${said}${lastError ? `: ${lastError}` : ''}.`, last);
  }
  if (last) return passed('The mail server accepted the last mail.', last);
  return {
    ...{ outcome: 'NOT_KNOWN', text: 'It is not known whether the mail server works.' },
    detail:
      'The server accepted no mail in the last 90 days. The settings of the mail server can send a test mail.',
  };
}

/** How the reason begins if the server refused one recipient, and would accept others. */
const refusedRecipient = 'refused at RCPT TO';

type TriedMail = Pick<Mail, 'state' | 'at' | 'endedAt' | 'attempts' | 'lastError'>;

/** Some of the newest mails in a state, by the index that has the priority before the time. */
async function newestMails({ models }: CheckDeps, state: MailState): Promise<TriedMail[]> {
  const found = await Promise.all(
    Object.values(mailPriorities).map((priority) =>
      models.mails
        .find({ state, priority }, { state: 1, at: 1, endedAt: 1, attempts: 1, lastError: 1 })
        .sort({ dueAt: -1 })
        .limit(20)
        .lean<TriedMail[]>(),
    ),
  );
  return found.flat();
}

function latest<T>(all: readonly T[], timeOf: (one: T) => Date | null): { one: T; at: Date } | null {
  let newest: { one: T; at: Date } | null = null;
  for (const one of all) {
    const at = timeOf(one);
    if (at && (!newest || at > newest.at)) newest = { one, at };
  }
  return newest;
}

/** A step that changes what the trigger asks for may enrol the contact again. */
function askSelfStart({ plan, about }: Checked): CheckResult | null {
  const { trigger } = plan;
  if (!trigger) return null;
  const text = 'The workflow does not start itself.';
  if (trigger.kind === 'BY_HAND') return passed(text, 'Only staff and the API enrol contacts.');
  if (!plan.enrolsAgain) return passed(text, 'Each contact is enrolled once.');
  const asked = trigger.kind === 'FILTER' ? conditionsWithin(trigger.filter, about) : [];
  const event = eventOf(trigger)?.name;
  const causing = stepsOf(plan).filter(({ step }) => {
    const { kind, input } = readStep(step) ?? {};
    const changes = kind?.changes?.(input);
    if (!changes) return false;
    if (trigger.kind === 'FILTER') return asked.some(changes.isAbout);
    const of = trigger.listId || trigger.of;
    return changes.event?.name === event && (of === '' || changes.event?.of === of);
  });
  if (causing.length === 0) return passed(text, 'No step changes what the trigger asks for.');
  const numbers = listOf(causing.map(({ number }) => String(number)));
  return {
    outcome: 'WARNING',
    text: `${causing.length === 1 ? `Step ${numbers} changes` : `Steps ${numbers} change`} what the trigger asks for.`,
    detail: `So the workflow may start itself for a contact that has finished it, at most ${mostDepth} times in a row.`,
  };
}

/**
 * An opt-in to an archived type is a fault of its step. A filter that asks for one, or a trigger that waits for an opt-in, may be meant: the type can be
 * restored. Opt-outs of archived types still happen, so a trigger may wait for one.
 */
function askArchivedTypes({ plan, about }: Checked): CheckResult | null {
  const { trigger, goal, suppression } = plan;
  const filters = [
    trigger?.kind === 'FILTER' ? trigger.filter : null,
    goal,
    membersOf(suppression.listIds),
    ...stepsOf(plan).map(({ step }) => branchFilter(step.input)),
  ];
  const conditions = filters.flatMap((filter) => (filter ? conditionsWithin(filter, about) : []));
  const asked = new Set([
    ...(trigger?.kind === 'EVENT' && trigger.event === 'OPTED_IN' && trigger.of ? [Number(trigger.of)] : []),
    ...conditions.filter(asksActiveTypes).map(typeOfCondition),
  ]);
  const archived = about.catalogue.orderedTypes.filter(
    ({ id, unitId, isActive }) => asked.has(id) && !isActive && isInScope(about.scope, unitId),
  );
  if (archived.length === 0) return null;
  const names = listOf(archived.map(({ name }) => name));
  const isOne = archived.length === 1;
  return {
    outcome: 'WARNING',
    text: `The workflow asks for ${isOne ? 'an archived subscription type' : 'archived subscription types'}: ${names}.`,
    detail: `No contact can opt in to an archived type. Filters see no status of it, so a condition on it matches no contact or every contact. ${isOne ? 'Choose another type, or restore this one.' : 'Choose other types, or restore these.'}`,
  };
}

/** The conditions of a filter, and those of the active lists that it names. */
function conditionsWithin(filter: Filter, about: WorkflowAbout, depth = 0): Condition[] {
  return conditionsOf(filter).flatMap(({ condition }) => {
    const lists = condition.on === 'list' && depth < deepestLists ? condition.values : [];
    const inner = lists.flatMap((id) => about.lists.get(id)?.filter ?? []);
    return [condition, ...inner.flatMap((one) => conditionsWithin(one, about, depth + 1))];
  });
}

interface Duration {
  ms: number;
  /** A wait until a date of the contact: each contact waits for another time. */
  hasDate: boolean;
}

function durationOf(steps: readonly Step[]): Duration {
  const own = steps.map((step): Duration => {
    const { kind, input } = readStep(step) ?? {};
    const wait = kind?.lasts?.(input);
    const paths = (step.paths ?? []).map(durationOf);
    return {
      ms: (wait ?? 0) + Math.max(0, ...paths.map(({ ms }) => ms)),
      hasDate: wait === null || paths.some(({ hasDate }) => hasDate),
    };
  });
  return { ms: own.reduce((sum, { ms }) => sum + ms, 0), hasDate: own.some(({ hasDate }) => hasDate) };
}

const dayMs = 86_400_000;

function durationWords(plan: Plan): string {
  const { ms, hasDate } = durationOf(plan.steps);
  const [unit, size] =
    ms >= 2 * dayMs ? ['day', dayMs] : ms >= 7_200_000 ? ['hour', 3_600_000] : ['minute', 60_000];
  const time = counted(Math.ceil(ms / Number(size)), String(unit));
  return [
    ms > 0 ? `The waits of the longest path add up to at most ${time}.` : hasDate ? '' : 'No step waits.',
    hasDate ? `${ms > 0 ? 'In addition, contacts wait' : 'Contacts wait'} until a date of their own.` : '',
    plan.window ? 'Steps also wait for the chosen days and hours.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

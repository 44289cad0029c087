/** What the parts of workflows need, and what a kind of step is. */
import type { z } from 'zod';
import type { Config } from '../../config.js';
import type { Contact } from '../../models/contact.js';
import type { Enrolment, PassedStep } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import type { ConsentDeps } from '../consent/change.js';
import type { FilterContext } from '../filters/condition-kind.js';
import type { Condition } from '../filters/filter.js';

export interface WorkflowDeps extends ConsentDeps {
  models: Models;
  subscriberIds: SubscriberIds;
  config: Pick<Config, 'subscriberIdKey' | 'privateSources'>;
}

/** The context in which filters, types and lists of a workflow are read: outside its units nothing exists for it. */
export interface WorkflowAbout extends FilterContext {
  isPrivacyMode: boolean;
}

/** What is known while steps run: the names and the scope of the workflow, and its id. */
export interface StepContext {
  workflowId: string;
  scope: Scope;
  about: WorkflowAbout;
  /** Throws if the worker may have lost its lease. Call it before a write that must not come late. */
  guard: () => void;
  destinations: Destinations;
}

/** How the receivers of webhooks have answered this worker, by origin: a slow one must not hold up other workflows. */
export type Destinations = Map<string, { isBusy: boolean; restUntil: number }>;

/** One contact at a step. */
export interface StepRow {
  enrolment: Enrolment;
  contact: Contact;
  /** Names this step of this enrolment in events, keys and webhooks: the same each time it is tried. */
  ref: string;
  /** The step may have taken effect already, in an attempt that was cut off. */
  isRepeat: boolean;
}

export type StepResult =
  | { go: 'ON'; outcome: PassedStep['outcome']; reason?: string }
  /** The step is over at this moment. */
  | { go: 'WAIT'; until: Date }
  /** It failed, and is tried again later. */
  | { go: 'RETRY'; reason: string; delayMs?: number }
  /** It was not tried, and is not before this moment. */
  | { go: 'LATER'; until: Date }
  | { go: 'END' };

export const concernEffects = ['SKIPPED', 'TO_MARKETING', 'FROM_MARKETING'] as const;

/** Contacts that a step would skip, or set to marketing or non-marketing: those that meet these conditions. */
export interface Concern {
  effect: (typeof concernEffects)[number];
  conditions: readonly Condition[];
}

/** What a step may change of a contact, as triggers ask for it. */
export interface StepChanges {
  /** Whether a condition compares what the step changes. */
  isAbout: (condition: Condition) => boolean;
  /** The event that the step makes, and the type or the list that it is about. */
  event?: { name: string; of: string };
}

/** A kind of step: one definition in `steps/`, and one line in its registry. */
export interface StepKind<Input = unknown> {
  /** Stored with each step, so it never changes. */
  name: string;
  /** Its heading on a card, and in the list of steps to add. */
  label: string;
  /** What it is for, as one sentence. */
  hint: string;
  input: z.ZodType<Input>;
  /** The part of the input that callers give and read, if the portal adds to it. */
  given?: z.ZodObject;
  /** Actions run in the time window of the workflow; waits and branches at any time. */
  isAction: boolean;
  /** Maximum number of contacts that one round of a worker takes. */
  most?: number;
  /** What the step does, as one sentence. */
  sentence(input: Input, about: WorkflowAbout): string;
  /** The fields of the step that the card shows below its sentence. */
  facts?(input: Input, about: WorkflowAbout): { term: string; text: string }[];
  /** Why the step cannot run, as sentences. */
  faults(input: Input, about: WorkflowAbout): string[];
  /** Contacts that the review counts before the activation. */
  concern?(input: Input): Concern | null;
  /** Absent: the step changes nothing of the contact. */
  changes?(input: Input): StepChanges;
  /** The longest time that a contact waits at the step, in milliseconds; null if each contact has a date of its own. Absent: the step does not wait. */
  lasts?(input: Input): number | null;
  /** What the step would do for a contact now, as one sentence. Nothing is written. */
  foretell(
    deps: WorkflowDeps,
    input: Input,
    row: Omit<StepRow, 'isRepeat'>,
    context: StepContext,
  ): Promise<string>;
  /** Runs the step for some contacts, each once. @returns one result for each row @throws any error: all rows are tried again */
  run(
    deps: WorkflowDeps,
    input: Input,
    rows: readonly StepRow[],
    context: StepContext,
  ): Promise<StepResult[]>;
}

/** Keeps the types of a kind's input together, and hides them from the registry. */
export function stepKind<Input>(kind: StepKind<Input>): StepKind {
  return kind;
}

/** How events, keys and webhooks name a step of an enrolment. */
export function stepRef(enrolmentId: string, stepId: string): string {
  return `workflow:${enrolmentId}:${stepId}`;
}

/** The workflow that made an act; null if none did. */
export function workflowOfRef(ref: string | undefined): string | null {
  return /^workflow:([^:]+)(:|$)/.exec(ref ?? '')?.[1] ?? null;
}

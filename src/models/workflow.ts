/** Workflows: their state, the draft that staff edit, and their published versions. */
import mongoose, { Schema, type Model } from 'mongoose';

/**
 * `STARTING`: a job notes who meets the trigger already, and steps run. `PAUSED`: contacts are enrolled, and no step runs. `OFF`: contacts under way have left, and
 * nobody is enrolled.
 */
export const workflowStates = ['DRAFT', 'STARTING', 'ACTIVE', 'PAUSED', 'OFF'] as const;
export type WorkflowState = (typeof workflowStates)[number];

export interface Workflow {
  _id: string;
  name: string;
  /** The units that it belongs to; null means the whole account. It reaches no contact and no type of another unit. */
  unitIds: number[] | null;
  state: WorkflowState;
  /** The published version; 0 before the first. */
  version: number;
  /** The plan that staff edit (`domain/workflows/plan.ts`); null if the published one is not being edited. */
  draft: unknown;
  /** While `STARTING`: whether contacts that meet the trigger already are enrolled. */
  enrolsNow: boolean;
  /** The job that notes who meets the trigger already, until it is done. Absent in workflows of older releases. */
  startJob?: string | null;
  /** When that job was done. */
  notedAt?: Date | null;
  /** The version to which a job moves the contacts under way, until it is done. */
  movesTo?: number | null;
  /** No published version enrols a contact again, so each contact has one enrolment, with a known id. Absent before the first version, and in older releases. */
  enrolsOnce?: boolean;
  /** When a step last failed, and when staff were last told so. */
  failedAt?: Date | null;
  mailedAt?: Date | null;
  /** The day for which filters with relative days were last evaluated. */
  evaluatedOn: string | null;
  /** Raised by each change of this document. */
  revision: number;
  createdAt: Date;
  /** `user:<id>`, or `key:<id>` for the API */
  createdBy: string;
  /** When its trigger was published: earlier events enrol nobody. Null before the first activation. */
  activatedAt: Date | null;
}

export const workflowSchema = new Schema<Workflow>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    unitIds: { type: Schema.Types.Mixed, default: null },
    state: { type: String, required: true },
    version: { type: Number, required: true },
    draft: { type: Schema.Types.Mixed, default: null },
    enrolsNow: { type: Boolean, default: false },
    startJob: String,
    notedAt: Date,
    movesTo: Number,
    enrolsOnce: Boolean,
    failedAt: Date,
    mailedAt: Date,
    evaluatedOn: { type: String, default: null },
    revision: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    createdBy: { type: String, required: true },
    activatedAt: { type: Date, default: null },
  },
  { collection: 'workflows', minimize: false, versionKey: false },
);
workflowSchema.index({ state: 1 });

export type WorkflowModel = Model<Workflow>;

/** A published plan. It never changes. */
export interface WorkflowVersion {
  /** `<workflow>:<number>` */
  _id: string;
  workflowId: string;
  number: number;
  plan: unknown;
  publishedAt: Date;
  /** `user:<id>`, or `key:<id>` for the API */
  publishedBy: string;
}

export const workflowVersionSchema = new Schema<WorkflowVersion>(
  {
    _id: { type: String, required: true },
    workflowId: { type: String, required: true },
    number: { type: Number, required: true },
    plan: { type: Schema.Types.Mixed, required: true },
    publishedAt: { type: Date, required: true },
    publishedBy: { type: String, required: true },
  },
  { collection: 'workflow_versions', minimize: false, versionKey: false },
);

export function versionId(workflowId: string, number: number): string {
  return `${workflowId}:${number}`;
}

/** Workflows whose triggers count. */
export const enrolling = ['STARTING', 'ACTIVE', 'PAUSED'] as const;
/** Workflows whose steps run. */
export const running = ['STARTING', 'ACTIVE'] as const;

/** True until all contacts that met the trigger at its activation are known, also while the workflow is paused. */
export function isNoting({ state, startJob }: Pick<Workflow, 'state' | 'startJob'>): boolean {
  return state === 'STARTING' || (startJob ?? null) !== null;
}

export async function findWorkflowsIn(
  model: WorkflowModel,
  states: readonly WorkflowState[],
): Promise<Workflow[]> {
  return model.find({ state: mongoose.trusted({ $in: [...states] }) }).lean<Workflow[]>();
}

/**
 * Which triggers a contact met when it was last evaluated, so that "starts to meet" can be told from "meets". A contact that has never met one has
 * no document.
 */
export interface WorkflowStanding {
  /** The contact's id. */
  _id: string;
  /** Raised by each write. An evaluation of an older state of the contact never replaces a newer one. */
  revision: number;
  /** Ids of the workflows whose trigger it met. */
  meets: string[];
  /** By workflow: how often it has started to meet the trigger. */
  starts: Record<string, number>;
}

export const workflowStandingSchema = new Schema<WorkflowStanding>(
  {
    _id: { type: String, required: true },
    revision: { type: Number, required: true },
    meets: { type: [String], required: true },
    starts: { type: Schema.Types.Mixed, required: true },
  },
  { collection: 'workflow_standings', minimize: false, versionKey: false },
);
workflowStandingSchema.index({ meets: 1, _id: 1 });

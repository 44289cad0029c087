/** Endpoints that receive reports: one a provider's webhook, and one each for reports by mail and by the API. */
import { Schema } from 'mongoose';
import type { CountedReport } from '../vocabulary/bounces.js';

export interface ReportEndpoint {
  /** Random; `mime` and `api` for the two that always exist. */
  _id: string;
  /** Name of a provider, `mime` or `api`. */
  provider: string;
  /** Null for reports by mail and by the API. */
  unitId: number | null;
  /** Secret part of the URL, sealed. */
  secret: string | null;
  /** Key that checks signatures, sealed. */
  key: string | null;
  /** Topics whose messages are accepted (Amazon SNS). */
  topics: string[];
  counts: Partial<Record<CountedReport, number>>;
  lastEventAt: Date | null;
  lastTestAt: Date | null;
  /** The last call that had the right secret and was refused. */
  problem: { at: Date; sentence: string } | null;
  createdAt: Date;
  /** `user:<id>` */
  createdBy: string | null;
  version: number;
}

export const reportEndpointSchema = new Schema<ReportEndpoint>(
  {
    _id: { type: String, required: true },
    provider: { type: String, required: true },
    unitId: { type: Number, default: null },
    secret: { type: String, default: null },
    key: { type: String, default: null },
    topics: { type: [String], default: [] },
    counts: { type: Schema.Types.Mixed, default: {} },
    lastEventAt: { type: Date, default: null },
    lastTestAt: { type: Date, default: null },
    problem: { type: Schema.Types.Mixed, default: null },
    createdAt: { type: Date, required: true },
    createdBy: { type: String, default: null },
    version: { type: Number, default: 1 },
  },
  { collection: 'report_endpoints', minimize: false, versionKey: false },
);

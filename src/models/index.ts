/** Creates every model of one connection. */
import type { Connection } from 'mongoose';
import { apiKeySchema, type ApiKey } from './api-key.js';
import { archivedEventSchema, type ArchivedEvent } from './archived-event.js';
import { auditEntrySchema, type AuditEntry } from './audit-entry.js';
import { bounceReportSchema, type BounceReport } from './bounce-report.js';
import { businessUnitSchema, type BusinessUnitDocument } from './business-unit.js';
import { changeModel } from './change.js';
import { contactPropertySchema, type ContactProperty } from './contact-property.js';
import { contactSchema, type Contact } from './contact.js';
import { enrolmentSchema, type Enrolment } from './enrolment.js';
import { feedCursorSchema, type FeedCursor } from './feed-cursor.js';
import { importPartSchema, type ImportPart } from './import-part.js';
import { importSchema, type Import } from './import.js';
import { jobChunkSchema, type JobChunk } from './job-chunk.js';
import { jobSchema, type Job } from './job.js';
import { dayCountSchema, type DayCount } from './day-count.js';
import { keptCallSchema, type KeptCall } from './kept-call.js';
import { listSchema, type List } from './list.js';
import { mailSchema, type Mail } from './mail.js';
import { rateLimitSchema, type RateLimit } from './rate-limit.js';
import { reportEndpointSchema, type ReportEndpoint } from './report-endpoint.js';
import { savedViewSchema, type SavedView } from './saved-view.js';
import { sessionSchema, type SessionDocument } from './session.js';
import { settingSchema, type SettingDocument } from './setting.js';
import { sourceSchema, type Source } from './source.js';
import { storedChunkSchema, storedFileSchema, type StoredChunk, type StoredFile } from './stored-file.js';
import { subscriberSchema, type Subscriber } from './subscriber.js';
import { subscriptionTypeSchema, type SubscriptionTypeDocument } from './subscription-type.js';
import { unsentFormSchema, type UnsentForm } from './unsent-form.js';
import { unsubscribeReasonSchema, type UnsubscribeReason } from './unsubscribe-reason.js';
import { userSchema, type User } from './user.js';
import { webhookDeliverySchema, type WebhookDelivery } from './webhook-delivery.js';
import { webhookEndpointSchema, type WebhookEndpoint } from './webhook-endpoint.js';
import { wordingSchema, type WordingDocument } from './wording.js';
import { workflowSchema, workflowStandingSchema, workflowVersionSchema } from './workflow.js';
import type { Workflow, WorkflowStanding, WorkflowVersion } from './workflow.js';

export function createModels(connection: Connection) {
  return {
    subscribers: connection.model<Subscriber>('Subscriber', subscriberSchema),
    archivedEvents: connection.model<ArchivedEvent>('ArchivedEvent', archivedEventSchema),
    changes: changeModel(connection),
    feedCursors: connection.model<FeedCursor>('FeedCursor', feedCursorSchema),
    contacts: connection.model<Contact>('Contact', contactSchema),
    contactProperties: connection.model<ContactProperty>('ContactProperty', contactPropertySchema),
    lists: connection.model<List>('List', listSchema),
    savedViews: connection.model<SavedView>('SavedView', savedViewSchema),
    units: connection.model<BusinessUnitDocument>('BusinessUnit', businessUnitSchema),
    types: connection.model<SubscriptionTypeDocument>('SubscriptionType', subscriptionTypeSchema),
    settings: connection.model<SettingDocument>('Setting', settingSchema),
    wordings: connection.model<WordingDocument>('Wording', wordingSchema),
    unsubscribeReasons: connection.model<UnsubscribeReason>('UnsubscribeReason', unsubscribeReasonSchema),
    mails: connection.model<Mail>('Mail', mailSchema),
    dayCounts: connection.model<DayCount>('DayCount', dayCountSchema),
    rateLimits: connection.model<RateLimit>('RateLimit', rateLimitSchema),
    users: connection.model<User>('User', userSchema),
    sessions: connection.model<SessionDocument>('Session', sessionSchema),
    unsentForms: connection.model<UnsentForm>('UnsentForm', unsentFormSchema),
    auditEntries: connection.model<AuditEntry>('AuditEntry', auditEntrySchema),
    apiKeys: connection.model<ApiKey>('ApiKey', apiKeySchema),
    keptCalls: connection.model<KeptCall>('KeptCall', keptCallSchema),
    imports: connection.model<Import>('Import', importSchema),
    importParts: connection.model<ImportPart>('ImportPart', importPartSchema),
    jobs: connection.model<Job>('Job', jobSchema),
    storedFiles: connection.model<StoredFile>('StoredFile', storedFileSchema),
    storedChunks: connection.model<StoredChunk>('StoredChunk', storedChunkSchema),
    jobChunks: connection.model<JobChunk>('JobChunk', jobChunkSchema),
    bounceReports: connection.model<BounceReport>('BounceReport', bounceReportSchema),
    sources: connection.model<Source>('Source', sourceSchema),
    workflows: connection.model<Workflow>('Workflow', workflowSchema),
    workflowVersions: connection.model<WorkflowVersion>('WorkflowVersion', workflowVersionSchema),
    workflowStandings: connection.model<WorkflowStanding>('WorkflowStanding', workflowStandingSchema),
    enrolments: connection.model<Enrolment>('Enrolment', enrolmentSchema),
    webhookEndpoints: connection.model<WebhookEndpoint>('WebhookEndpoint', webhookEndpointSchema),
    webhookDeliveries: connection.model<WebhookDelivery>('WebhookDelivery', webhookDeliverySchema),
    reportEndpoints: connection.model<ReportEndpoint>('ReportEndpoint', reportEndpointSchema),
  };
}

export type Models = ReturnType<typeof createModels>;

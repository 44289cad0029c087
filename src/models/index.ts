/** Creates every model of one connection. */
import type { Connection } from 'mongoose';
import { apiKeyModel } from './api-key.js';
import { archivedEventModel } from './archived-event.js';
import { auditEntryModel } from './audit-entry.js';
import { businessUnitModel } from './business-unit.js';
import { changeModel } from './change.js';
import { contactPropertyModel } from './contact-property.js';
import { contactModel } from './contact.js';
import { feedCursorModel } from './feed-cursor.js';
import { jobChunkModel } from './job-chunk.js';
import { jobModel } from './job.js';
import { dailyCountModel } from './daily-count.js';
import { mailModel } from './mail.js';
import { rateLimitModel } from './rate-limit.js';
import { savedViewModel } from './saved-view.js';
import { sessionModel } from './session.js';
import { settingModel } from './setting.js';
import { storedChunkModel, storedFileModel } from './stored-file.js';
import { subscriberModel } from './subscriber.js';
import { subscriptionTypeModel } from './subscription-type.js';
import { unsentFormModel } from './unsent-form.js';
import { unsubscribeReasonModel } from './unsubscribe-reason.js';
import { userModel } from './user.js';
import { wordingModel } from './wording.js';

export function createModels(connection: Connection) {
  return {
    subscribers: subscriberModel(connection),
    archivedEvents: archivedEventModel(connection),
    changes: changeModel(connection),
    feedCursors: feedCursorModel(connection),
    contacts: contactModel(connection),
    contactProperties: contactPropertyModel(connection),
    savedViews: savedViewModel(connection),
    units: businessUnitModel(connection),
    types: subscriptionTypeModel(connection),
    settings: settingModel(connection),
    wordings: wordingModel(connection),
    unsubscribeReasons: unsubscribeReasonModel(connection),
    mails: mailModel(connection),
    dailyCounts: dailyCountModel(connection),
    rateLimits: rateLimitModel(connection),
    users: userModel(connection),
    sessions: sessionModel(connection),
    unsentForms: unsentFormModel(connection),
    auditEntries: auditEntryModel(connection),
    apiKeys: apiKeyModel(connection),
    jobs: jobModel(connection),
    jobChunks: jobChunkModel(connection),
    storedFiles: storedFileModel(connection),
    storedChunks: storedChunkModel(connection),
  };
}

export type Models = ReturnType<typeof createModels>;

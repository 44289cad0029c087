/** Every model of one connection, made together. */
import type { Connection } from 'mongoose';
import { archivedEventModel } from './archived-event.js';
import { businessUnitModel } from './business-unit.js';
import { mailModel } from './mail.js';
import { rateLimitModel } from './rate-limit.js';
import { settingModel } from './setting.js';
import { subscriberModel } from './subscriber.js';
import { subscriptionTypeModel } from './subscription-type.js';
import { unsubscribeReasonModel } from './unsubscribe-reason.js';
import { wordingModel } from './wording.js';

export function createModels(connection: Connection) {
  return {
    subscribers: subscriberModel(connection),
    archivedEvents: archivedEventModel(connection),
    units: businessUnitModel(connection),
    types: subscriptionTypeModel(connection),
    settings: settingModel(connection),
    wordings: wordingModel(connection),
    unsubscribeReasons: unsubscribeReasonModel(connection),
    mails: mailModel(connection),
    rateLimits: rateLimitModel(connection),
  };
}

export type Models = ReturnType<typeof createModels>;

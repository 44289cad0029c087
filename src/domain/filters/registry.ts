/** Every kind of condition. A new one is a definition in `conditions/` and a line here. */
import type { ConditionKind } from './condition-kind.js';
import {
  cannotReceive,
  optedOut,
  outOfAll,
  statusBy,
  statusSince,
  subscriptionStatus,
} from './conditions/consent.js';
import { email, emailDomain, hasAddress, language, name, phone } from './conditions/identity.js';
import { marketingStatus, untilUpdate } from './conditions/marketing.js';
import { property } from './conditions/property.js';
import { listMembership } from './conditions/list.js';
import { businessUnit, created, processingBasis, source, updated } from './conditions/record.js';

export const conditionKinds: readonly ConditionKind[] = [
  ...[name, email, emailDomain, phone, language, hasAddress],
  ...[businessUnit, source, created, updated, processingBasis, listMembership],
  ...[marketingStatus, untilUpdate],
  ...[subscriptionStatus, optedOut, outOfAll, cannotReceive, statusSince, statusBy],
  property,
];

/** All operations of the API. Routing, the OpenAPI document and the reference read them here. */
import { contactOperations } from './hubspot/contact-operations.js';
import { statusOperations } from './hubspot/status-operations.js';
import type { Operation } from './operation.js';
import { accountOperations } from './operations/account.js';
import { bulkOperations } from './operations/bulk.js';
import { unitOperations } from './operations/business-units.js';
import { typeOperations } from './operations/subscription-types.js';
import { changeOperations } from './operations/changes.js';
import { ownContactOperations } from './operations/contacts.js';
import { eligibilityOperations } from './operations/eligibility.js';
import { exportOperations } from './operations/exports.js';
import { importOperations } from './operations/imports.js';
import { jobOperations } from './operations/jobs.js';
import { keyOperations } from './operations/keys.js';
import { linkOperations } from './operations/links.js';
import { listOperations } from './operations/lists.js';
import { peopleOperations } from './operations/people.js';
import { propertyOperations } from './operations/properties.js';
import { reportOperations } from './operations/reports.js';
import { subscriberOperations } from './operations/subscribers.js';
import { webhookDeliveryOperations } from './operations/webhook-deliveries.js';
import { webhookOperations } from './operations/webhooks.js';
import { workflowEnrolmentOperations } from './operations/workflow-enrolments.js';
import { workflowPlanOperations } from './operations/workflow-plans.js';
import { workflowOperations } from './operations/workflows.js';

export const operations: readonly Operation[] = [
  ...keyOperations,
  ...linkOperations,
  ...eligibilityOperations,
  ...subscriberOperations,
  ...typeOperations,
  ...unitOperations,
  ...ownContactOperations,
  ...bulkOperations,
  ...propertyOperations,
  ...accountOperations,
  ...reportOperations,
  ...importOperations,
  ...exportOperations,
  ...changeOperations,
  ...webhookOperations,
  ...webhookDeliveryOperations,
  ...listOperations,
  ...peopleOperations,
  ...jobOperations,
  ...workflowOperations,
  ...workflowPlanOperations,
  ...workflowEnrolmentOperations,
  ...statusOperations,
  ...contactOperations,
];

/** All routes of the record. `/contacts/new` comes before `/contacts/:contact`, which also matches it. */
import type { Deps } from '../../../deps.js';
import type { StaffRoute } from '../route.js';
import { propertyRoutes } from './all-properties.js';
import { clearingRoutes } from './clearings.js';
import { communicationRoutes } from './communications.js';
import { contactFormRoutes } from './contact-form.js';
import { contactListRoutes } from './contact-lists.js';
import { correctionRoutes } from './corrections.js';
import { historyRoutes } from './history.js';
import { liftingRoutes } from './liftings.js';
import { linkRoutes } from './links.js';
import { machineOptOutRoutes } from './machine-opt-outs.js';
import { optOutRoutes } from './opt-outs.js';
import { overrideRoutes } from './overrides.js';
import { personDataRoutes } from './person-data.js';
import { previewRoutes } from './preview.js';
import { recordRoutes } from './record.js';
import { removalRoutes } from './removal.js';

export function contactRoutes(deps: Deps): StaffRoute[] {
  return [
    contactFormRoutes,
    recordRoutes,
    propertyRoutes,
    contactListRoutes,
    historyRoutes,
    overrideRoutes,
    optOutRoutes,
    liftingRoutes,
    correctionRoutes,
    clearingRoutes,
    communicationRoutes,
    linkRoutes,
    previewRoutes,
    removalRoutes,
    personDataRoutes,
    machineOptOutRoutes,
  ].flatMap((of) => of(deps));
}

/** The shapes of HubSpot's communication preferences, as schemas: requests ignore unknown fields, and answers send null for what is absent. */
import { z } from 'zod';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { channels, legalBases, subscriptionStatuses } from '../../../vocabulary/terms.js';

const time = z.iso.datetime();
const channel = z.enum(channels);
const basis = {
  legalBasis: z.enum(legalBases).nullable(),
  legalBasisExplanation: z.string().nullable(),
};
const basisGiven = {
  legalBasis: z.enum(legalBases).nullish(),
  legalBasisExplanation: z.string().max(longestExplanation).nullish(),
  consentedAt: z.iso.datetime({ offset: true }).nullish().meta({
    description:
      'Beyond HubSpot: when the person consented. v4 and `resubscribe` opt in after the contact’s own opt-out only with a consent that is later.',
  }),
};
/** An id of a type: a number in v4, a text in v3. Both are read in both. */
const typeId = z
  .union([z.int().min(0).max(999_999_999), z.string().regex(/^\d{1,9}$/)])
  .transform(Number)
  .meta({ type: 'integer' });
const subscriber = z.string().min(1).max(400);

/** HubSpot's clients send at most 100 inputs in a batch. */
export const mostInputs = 1000;

export const v3Change = z
  .object({ emailAddress: subscriber, subscriptionId: typeId, ...basisGiven })
  .meta({ id: 'PublicUpdateSubscriptionStatusRequest' });
export type V3Change = z.output<typeof v3Change>;
export const partialChange = z
  .object({ channel, statusState: z.enum(subscriptionStatuses), subscriptionId: typeId, ...basisGiven })
  .meta({ id: 'PartialPublicStatusRequest' });
export type PartialChange = z.output<typeof partialChange>;
const change = partialChange.extend({ subscriberIdString: subscriber }).meta({ id: 'PublicStatusRequest' });
export type StatusChange = z.output<typeof change>;
export const changes = z
  .object({ inputs: z.array(change).min(1).max(mostInputs) })
  .meta({ id: 'BatchInputPublicStatusRequest' });
export const addresses = z
  .object({ inputs: z.array(z.string().max(400)).min(1).max(mostInputs) })
  .meta({ id: 'BatchInputString' });
export const linkWish = z
  .object({
    subscriberIdString: subscriber,
    language: z.string().max(40).nullish(),
    subscriptionId: typeId.nullish(),
  })
  .meta({ id: 'LinkGenerationRequest' });
export type LinkWish = z.output<typeof linkWish>;

export const v3Status = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), description: z.string() },
    status: z.enum(['SUBSCRIBED', 'NOT_SUBSCRIBED']),
    sourceOfStatus: z.enum(['PORTAL_WIDE_STATUS', 'BRAND_WIDE_STATUS', 'SUBSCRIPTION_STATUS']),
    ...{ brandId: z.int().nullable(), preferenceGroupName: z.string().nullable(), ...basis },
  })
  .meta({ id: 'PublicSubscriptionStatus' });
export type V3Status = z.infer<typeof v3Status>;
export const v3Statuses = z
  .strictObject({ recipient: z.string(), subscriptionStatuses: z.array(v3Status) })
  .meta({ id: 'PublicSubscriptionStatusesResponse' });

const publicStatus = z
  .strictObject({
    ...{ subscriberIdString: z.string(), channel, subscriptionId: z.int() },
    ...{ subscriptionName: z.string().nullable(), businessUnitId: z.int().nullable() },
    ...{ status: z.enum(subscriptionStatuses), timestamp: time, source: z.string(), ...basis },
    setStatusSuccessReason: z
      .enum([
        ...(['NO_STATUS_CHANGE', 'REQUESTED_CHANGE_OCCURRED', 'RESUBSCRIBE_OCCURRED'] as const),
        'UNSUBSCRIBE_FROM_ALL_OCCURRED',
      ])
      .nullable(),
  })
  .meta({ id: 'PublicStatus' });
export type PublicStatus = z.infer<typeof publicStatus>;
const wideStatus = z
  .strictObject({
    ...{ subscriberIdString: z.string(), channel, businessUnitId: z.int().nullable() },
    ...{ status: z.enum(subscriptionStatuses), timestamp: time },
    wideStatusType: z.enum(['PORTAL_WIDE', 'BUSINESS_UNIT_WIDE']),
  })
  .meta({ id: 'PublicWideStatus' });
export type WideStatus = z.infer<typeof wideStatus>;

const translation = z
  .strictObject({
    ...{ subscriptionId: z.int(), languageCode: z.string(), name: z.string(), description: z.string() },
    ...{ createdAt: z.int(), updatedAt: z.int() },
  })
  .meta({ id: 'PublicSubscriptionTranslation' });
export const definition = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), description: z.string() },
    ...{ isActive: z.boolean(), isDefault: z.boolean(), isInternal: z.boolean() },
    ...{ purpose: z.string().nullable(), communicationMethod: z.string().nullable() },
    ...{ businessUnitId: z.int().nullable(), createdAt: time, updatedAt: time },
    subscriptionTranslations: z.array(translation).nullable(),
  })
  .meta({ id: 'SubscriptionDefinition' });
export type Definition = z.infer<typeof definition>;
export const v3Definitions = z
  .strictObject({ subscriptionDefinitions: z.array(definition) })
  .meta({ id: 'SubscriptionDefinitionsResponse' });

/** One failed part of a batch. */
export const standardError = z
  .strictObject({
    ...{ status: z.string(), id: z.string().nullable(), category: z.string(), message: z.string() },
    subCategory: z.null(),
    context: z.record(z.string(), z.array(z.string())),
    errors: z.array(z.looseObject({ message: z.string() })),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'StandardError' });
const envelope = {
  status: z.enum(['PENDING', 'PROCESSING', 'CANCELED', 'COMPLETE']),
  ...{ requestedAt: time.nullable(), startedAt: time, completedAt: time },
  links: z.record(z.string(), z.string()).nullable(),
};
const failures = { numErrors: z.int(), errors: z.array(standardError) };
const resultsOf = <T extends z.ZodType>(result: T) => ({ ...envelope, results: z.array(result) });

const bulkStatus = z
  .strictObject({ subscriberIdString: z.string(), statuses: z.array(publicStatus) })
  .meta({ id: 'PublicStatusBulkResponse' });
const bulkWide = z
  .strictObject({ subscriberIdString: z.string(), wideStatuses: z.array(wideStatus) })
  .meta({ id: 'PublicWideStatusBulkResponse' });
const bulkOptOut = z
  .strictObject({ subscriberIdString: z.string(), statuses: z.array(publicStatus) })
  .meta({ id: 'PublicBulkOptOutFromAllResponse' });

const answer = <T extends z.ZodType>(id: string, result: T) =>
  z.strictObject({ ...resultsOf(result), ...failures }).meta({ id });
export const answers = {
  definitions: answer('ActionResponseWithResultsSubscriptionDefinition', definition),
  statuses: answer('ActionResponseWithResultsPublicStatus', publicStatus),
  wide: answer('ActionResponseWithResultsPublicWideStatus', wideStatus),
  written: answer('BatchResponsePublicStatus', publicStatus),
  optedOut: answer('BatchResponsePublicBulkOptOutFromAllResponse', bulkOptOut),
  bulk: z.strictObject(resultsOf(bulkStatus)).meta({ id: 'BatchResponsePublicStatusBulkResponse' }),
  bulkPartly: answer('BatchResponsePublicStatusBulkResponseWithErrors', bulkStatus),
  bulkWide: z.strictObject(resultsOf(bulkWide)).meta({ id: 'BatchResponsePublicWideStatusBulkResponse' }),
  bulkWidePartly: answer('BatchResponsePublicWideStatusBulkResponseWithErrors', bulkWide),
  links: z
    .strictObject({
      ...{ subscriberIdString: z.string(), managePreferencesUrl: z.url(), unsubscribeAllUrl: z.url() },
      unsubscribeSingleUrl: z.url().nullable(),
    })
    .meta({ id: 'LinkGenerationResponse' }),
  businessUnits: z
    .strictObject({
      results: z.array(
        z
          .strictObject({
            ...{ id: z.string(), name: z.string() },
            logoMetadata: z
              .strictObject({
                ...{ logoAltText: z.string(), logoUrl: z.url(), resizedUrl: z.url() },
              })
              .nullable()
              .meta({ id: 'PublicBusinessUnitLogoMetadata' }),
          })
          .meta({ id: 'PublicBusinessUnit' }),
      ),
    })
    .meta({ id: 'CollectionResponsePublicBusinessUnitNoPaging' }),
};

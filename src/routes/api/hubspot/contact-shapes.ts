/** The shapes of HubSpot's contacts and their properties, as schemas. */
import { z } from 'zod';
import { mostInputs, standardError } from './status-shapes.js';

const time = z.iso.datetime();
const value = z.union([z.string().max(2000), z.number(), z.boolean()]).nullable();
const given = z.record(z.string().max(100), value);
const ref = z
  .union([z.string().min(1).max(400), z.number()])
  .transform(String)
  .meta({ type: 'string' });
const idProperty = z.enum(['email', 'hs_object_id']).nullish();
export type IdProperty = z.output<typeof idProperty>;
const names = z.array(z.string().max(100)).max(200).nullish();

const batchOf = <T extends z.ZodType>(id: string, input: T) =>
  z.object({ inputs: z.array(input).min(1).max(mostInputs) }).meta({ id });

export const contactInput = z.object({ properties: given }).meta({ id: 'SimplePublicObjectInput' });
export const contactCreates = batchOf(
  'BatchInputSimplePublicObjectInputForCreate',
  z.object({ properties: given }),
);
const update = z.object({ id: ref, idProperty, properties: given });
export type ContactUpdate = z.output<typeof update>;
export const contactUpdates = batchOf('BatchInputSimplePublicObjectBatchInput', update);
export const contactUpserts = batchOf('BatchInputSimplePublicObjectBatchInputUpsert', update.extend({}));
export const contactRefs = batchOf('BatchInputSimplePublicObjectId', z.object({ id: ref }));
export const contactReads = contactRefs
  .extend({ properties: names, idProperty })
  .meta({ id: 'BatchReadInputSimplePublicObjectId' });
export const erasure = z.object({ objectId: ref, idProperty }).meta({ id: 'PublicGdprDeleteInput' });

const filter = z.object({
  propertyName: z.string().min(1).max(100),
  operator: z.enum([
    ...(['EQ', 'NEQ', 'LT', 'LTE', 'GT', 'GTE', 'BETWEEN', 'IN', 'NOT_IN'] as const),
    ...(['HAS_PROPERTY', 'NOT_HAS_PROPERTY', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN'] as const),
  ]),
  value: z.coerce.string().max(200).nullish(),
  values: z.array(z.coerce.string().max(200)).max(50).nullish(),
  highValue: z.coerce.string().max(200).nullish(),
});
export type SearchFilter = z.output<typeof filter>;
const direction = z.enum(['ASCENDING', 'DESCENDING']).default('ASCENDING');
/** HubSpot's own clients send sorts as texts: `-createdate` is descending. */
const sort = z.union([
  z.object({ propertyName: z.string().max(100), direction }),
  z
    .string()
    .max(100)
    .transform((text): { propertyName: string; direction: z.output<typeof direction> } => ({
      propertyName: text.replace(/^-/, ''),
      direction: text.startsWith('-') ? 'DESCENDING' : 'ASCENDING',
    })),
]);
/** HubSpot's limits. */
export const mostFound = 10_000;
const position = z.union([z.int().min(0).max(mostFound), z.string().regex(/^\d{0,5}$/)]).transform(Number);
export const search = z
  .object({
    filterGroups: z
      .array(z.object({ filters: z.array(filter).max(18) }))
      .max(5)
      .nullish(),
    sorts: z.array(sort).max(1).nullish(),
    query: z.string().max(200).nullish(),
    properties: names,
    limit: z.int().min(0).max(200).nullish(),
    after: position.nullish().meta({ type: 'string' }),
  })
  .meta({ id: 'PublicObjectSearchRequest' });
export type Search = z.output<typeof search>;

const contact = {
  ...{ id: z.string(), properties: z.record(z.string(), z.string().nullable()) },
  ...{ createdAt: time, updatedAt: time, archived: z.boolean() },
};
export const contactAnswer = z.strictObject(contact).meta({ id: 'SimplePublicObject' });
const paging = z.strictObject({ next: z.strictObject({ after: z.string() }) }).meta({ id: 'ForwardPaging' });
export const contactsPage = z
  .strictObject({ results: z.array(contactAnswer), paging: paging.optional() })
  .meta({ id: 'CollectionResponseSimplePublicObject' });
export const contactsFound = z
  .strictObject({ total: z.int(), results: z.array(contactAnswer), paging: paging.optional() })
  .meta({ id: 'CollectionResponseWithTotalSimplePublicObject' });

const envelope = {
  ...{ status: z.literal('COMPLETE'), links: z.null() },
  ...{ requestedAt: time, startedAt: time, completedAt: time },
};
const failures = { numErrors: z.int(), errors: z.array(standardError) };
const upserted = z.strictObject({ ...contact, new: z.boolean() }).meta({ id: 'SimplePublicUpsertObject' });
export const contactBatch = z
  .strictObject({ ...envelope, results: z.array(contactAnswer) })
  .meta({ id: 'BatchResponseSimplePublicObject' });
export const contactBatchPartly = z
  .strictObject({ ...envelope, results: z.array(contactAnswer), ...failures })
  .meta({ id: 'BatchResponseSimplePublicObjectWithErrors' });
export const upsertBatch = z
  .strictObject({ ...envelope, results: z.array(upserted) })
  .meta({ id: 'BatchResponseSimplePublicUpsertObject' });
export const upsertBatchPartly = z
  .strictObject({ ...envelope, results: z.array(upserted), ...failures })
  .meta({ id: 'BatchResponseSimplePublicUpsertObjectWithErrors' });

const option = z.strictObject({
  ...{ label: z.string(), value: z.string(), displayOrder: z.int(), hidden: z.boolean() },
  description: z.string().nullable(),
});
export const property = z
  .strictObject({
    ...{ name: z.string(), label: z.string(), type: z.string(), fieldType: z.string() },
    ...{ groupName: z.string(), description: z.string(), displayOrder: z.int() },
    ...{ hidden: z.boolean(), formField: z.boolean(), hasUniqueValue: z.boolean() },
    ...{ calculated: z.boolean(), externalOptions: z.boolean(), hubspotDefined: z.boolean() },
    ...{ archived: z.boolean(), options: z.array(option) },
    modificationMetadata: z.strictObject({
      ...{ archivable: z.boolean(), readOnlyDefinition: z.boolean(), readOnlyValue: z.boolean() },
    }),
  })
  .meta({ id: 'Property' });
export const properties = z
  .strictObject({ results: z.array(property) })
  .meta({ id: 'CollectionResponseProperty' });

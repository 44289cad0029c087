/** Schemas that several operations of the API share. */
import { z } from 'zod';
import { unitId } from '../../domain/catalogue/fields.js';
import { locales } from '../../vocabulary/locales.js';
import { publicEvent } from '../../domain/changes/public-event.js';
import { rowRefusals } from '../../vocabulary/refusal-codes.js';
import { channels } from '../../vocabulary/terms.js';

/** ISO 8601 in UTC, as every answer writes it. */
export const time = z.iso.datetime();

export const id = z.string().min(1).max(200);
export const idParams = z.strictObject({ id });

/** An event, as the list of changes and webhooks have it. */
export const event = publicEvent.meta({ id: 'Event' });

export const channel = z.enum(channels);
export const address = z
  .string()
  .min(1)
  .max(400)
  .meta({ description: 'An e-mail address, or a phone number with its country code.' });

/** Null: all business units. */
export const unitIds = z.array(z.int()).nullable();
/** Those of a new list or workflow. */
export const givenUnitIds = z.array(unitId).min(1).max(1000).nullable().optional().meta({
  description: 'Null: all, for keys that reach all. Absent in a new one: those of the key.',
});
/** Of a change: with it, nothing is changed if somebody else was faster. */
export const revision = z.int().optional().meta({
  description: 'With it, a workflow that somebody else has changed is refused with 409.',
});

/** A whole number in a query. */
export const queryNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'is not a whole number')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, maximum: 999_999_999 });

/** The number of a unit or a type in a path. */
export const numberParams = z.strictObject({ id: queryNumber });

/** Of translated words. */
export const byLanguage = { description: 'By language. A change replaces all of them.' };

/** A list in pages. The rest of its answer is `pageOf`. */
export const pageQuery = z.strictObject({
  limit: queryNumber.pipe(z.number().min(1).max(500)).default(100),
  after: z.string().max(2000).optional().meta({ description: '`after` of the page ahead of it.' }),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    results: z.array(item),
    after: z.string().nullable().meta({ description: 'Null on the last page.' }),
  });

/** A list in pages of a fixed size, newest first. The rest of its answer has `nextBefore`. */
export const beforeQuery = z.strictObject({
  before: z.string().max(2000).optional().meta({ description: '`before` of the page ahead of it.' }),
});
export const nextBefore = z.string().nullable().meta({ description: 'Null on the last page.' });

/** E-mail addresses of contacts. */
export const someEmails = z.array(z.string().min(1).max(400)).min(1).max(500);

/** An outcome for each of them, in their order. */
export const outcomes = z
  .strictObject({
    results: z.array(
      z.strictObject({ email: z.string(), outcome: z.enum(['CHANGED', 'NO_CHANGE', ...rowRefusals]) }),
    ),
  })
  .meta({ id: 'Outcomes' });

/** Also each line of a batch, which its handler parses. */
export const linkRequest = z
  .strictObject({
    address,
    businessUnitId: z.int(),
    typeId: z.int().optional().meta({
      description: 'The type of the mail. Its unsubscribe link and header then end this type only.',
    }),
    channel: channel.optional().meta({ description: 'Absent: that of the type, or EMAIL.' }),
    locale: z.enum(locales).optional(),
    campaign: z.string().max(40).optional().meta({ description: 'Recorded with what the contact does.' }),
  })
  .meta({ id: 'LinkRequest' });

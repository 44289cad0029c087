/** Keeps a form that was sent after its session had ended, for its user alone (decision 0564). */
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Models } from '../../models/index.js';
import type { UnsentForm } from '../../models/unsent-form.js';
import { derivedKey, seal, unseal } from './secrets.js';

interface UnsentFormDeps {
  config: Pick<Config, 'subscriberIdKey'>;
  models: Pick<Models, 'unsentForms'>;
  clock: () => Date;
}

/** Which form it is, and its fields as they were sent. */
const content = z.object({
  pattern: z.string(),
  params: z.record(z.string(), z.string()),
  fields: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
export type TypedForm = z.infer<typeof content>;

const minutes = 60;
/** Maximum length in characters. A larger form is not kept. */
const longest = 250_000;

/** Keeps a form in place of an earlier one. @returns false if it is too large, or is not a form of the portal */
export async function keepUnsentForm(
  { config, models, clock }: UnsentFormDeps,
  userId: string,
  form: unknown,
): Promise<boolean> {
  const { data } = content.safeParse(form);
  const text = JSON.stringify(data) ?? '';
  if (!data || text.length > longest) return false;
  const sealed = seal(keyOf(config), userId, text);
  const expires = new Date(clock().getTime() + minutes * 60_000);
  await models.unsentForms.updateOne({ _id: userId }, { $set: { sealed, expires } }, { upsert: true });
  return true;
}

/** The form of a user; null if none is kept, or it has expired. */
export async function findUnsentForm(
  { config, models, clock }: UnsentFormDeps,
  userId: string,
): Promise<TypedForm | null> {
  const kept = await models.unsentForms.findById(userId).lean<UnsentForm>();
  if (!kept || kept.expires <= clock()) return null;
  return content.parse(JSON.parse(unseal(keyOf(config), userId, kept.sealed)));
}

function keyOf(config: Pick<Config, 'subscriberIdKey'>): Buffer {
  return derivedKey(config, 'unsent forms');
}

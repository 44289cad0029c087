/** The set-up link in the log of a portal without accounts, with which the first account is created. Every server loads this file, so it imports little. */
import { z } from 'zod';
import type { Models } from '../../models/index.js';
import { hashOfLinkToken, newLinkToken } from './secrets.js';

export interface SetUpDeps {
  models: Pick<Models, 'users' | 'settings'>;
  clock: () => Date;
}

const setUpMinutes = 60;
/** Maximum number of links: each process adds one of its own. */
const mostLinks = 50;

const kept = z.object({ links: z.array(z.object({ hash: z.string(), until: z.date() })) });

/** Creates a link that works for an hour, in addition to those of other processes. @returns its token; null if an account exists */
export async function offerSetUp({ models, clock }: SetUpDeps): Promise<string | null> {
  if (await hasUsers(models)) return null;
  const token = newLinkToken();
  const until = new Date(clock().getTime() + setUpMinutes * 60_000);
  await models.settings.updateOne(
    { _id: 'set-up' },
    { $push: { 'value.links': { $each: [{ hash: hashOfLinkToken(token), until }], $slice: -mostLinks } } },
    { upsert: true },
  );
  return token;
}

/** Whether a link still works. No link works once any account exists. */
export async function isSetUpLink({ models, clock }: SetUpDeps, token: string): Promise<boolean> {
  const setting = await models.settings.findById('set-up').lean();
  const { data } = kept.safeParse(setting?.value);
  const hash = hashOfLinkToken(token);
  const isKnown = data?.links.some((link) => link.hash === hash && link.until > clock()) ?? false;
  return isKnown && !(await hasUsers(models));
}

async function hasUsers(models: Pick<Models, 'users'>): Promise<boolean> {
  return (await models.users.findOne({}, { _id: 1 }).lean()) !== null;
}

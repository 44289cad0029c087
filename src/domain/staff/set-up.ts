/** The first account: where nobody can sign in yet, a one-time link lets whoever reads the log make it. */
import { z } from 'zod';
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import type { User } from '../../models/user.js';
import { normaliseAddress } from '../consent/address.js';
import { hashOfLinkToken, newLinkToken } from './one-time-links.js';
import { createUser } from './users.js';

interface SetUpDeps {
  models: Pick<Models, 'users' | 'settings'>;
  clock: () => Date;
}

const setUpMinutes = 60;
/** Of so many processes at once each keeps its own link. */
const mostLinks = 50;

const kept = z.object({ links: z.array(z.object({ hash: z.string(), until: z.date() })) });

/** Makes a link that works for an hour, beside those of other processes. @returns its token; null where somebody has an account */
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

/** Whether a link still makes the first account: it is dead once anybody has one, however that came to be. */
export async function isSetUpLink({ models, clock }: SetUpDeps, token: string): Promise<boolean> {
  const setting = await models.settings.findById('set-up').lean();
  const { data } = kept.safeParse(setting?.value);
  const hash = hashOfLinkToken(token);
  const isKnown = data?.links.some((link) => link.hash === hash && link.until > clock()) ?? false;
  return isKnown && !(await hasUsers(models));
}

/**
 * Makes the first account, an admin without limits. The links of all processes are taken away in one write before, so of two that are
 * used at the same moment one makes an account.
 * @throws DomainError `INVALID_TOKEN` where the link does not work any more, `INVALID_ADDRESS`
 */
export async function setUp(
  deps: SetUpDeps,
  token: string,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<User> {
  // Before the links are gone: a slip of the pen must not cost them.
  normaliseAddress('EMAIL', email);
  if (!(await isSetUpLink(deps, token))) throw new DomainError('INVALID_TOKEN');
  const taken = await deps.models.settings.updateOne(
    { _id: 'set-up', 'value.links.hash': hashOfLinkToken(token) },
    { $set: { 'value.links': [] } },
  );
  if (taken.modifiedCount === 0) throw new DomainError('INVALID_TOKEN');
  return createUser(deps, { email, name, role: 'admin', scope: null, password });
}

async function hasUsers(models: Pick<Models, 'users'>): Promise<boolean> {
  return (await models.users.findOne({}, { _id: 1 }).lean()) !== null;
}

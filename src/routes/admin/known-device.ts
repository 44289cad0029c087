/**
 * Devices on which a user signed in before. Wrong guesses from elsewhere do not count against them (decision 0563). A cookie marks such a device, but
 * does not sign anyone in.
 */
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import type { Guesser } from '../../domain/staff/guessing.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import { sealedCookie } from './sealed-cookie.js';

type DeviceDeps = Pick<Deps, 'config' | 'clock'>;

/** Lifetime after the last sign-in on the device, in days. */
const days = 180;
/** Maximum number of accounts of one device. */
const mostAccounts = 8;

const cookie = sealedCookie({
  name: 'device',
  audience: 'known device',
  seconds: days * 24 * 3600,
  sameSite: 'strict',
  content: z.object({ device: z.string(), userIds: z.array(z.string()) }),
});

/** Remembers that the user signed in on this device. */
export async function rememberDevice(
  deps: DeviceDeps,
  request: Request,
  response: Response,
  { _id }: Pick<User, '_id'>,
): Promise<void> {
  const known = await cookie.read(deps, request);
  const others = known?.userIds.filter((id) => id !== _id) ?? [];
  const device = known?.device ?? randomBytes(12).toString('base64url');
  await cookie.set(deps, response, { device, userIds: [_id, ...others].slice(0, mostAccounts) });
}

/** The source of a guess: a device on which this account signed in before, or a network. @param user null for an unknown address */
export async function guesserOf(
  deps: DeviceDeps,
  request: Request,
  user: Pick<User, '_id'> | null,
): Promise<Guesser> {
  const known = await cookie.read(deps, request);
  if (known && user && known.userIds.includes(user._id)) return { kind: 'DEVICE', device: known.device };
  return { kind: 'NETWORK', network: networkOf(request.ip ?? '') };
}

/** Whether any user signed in on this device before. */
export async function isKnownDevice(deps: DeviceDeps, request: Request): Promise<boolean> {
  return (await cookie.read(deps, request)) !== null;
}

/** The key of a count for requests that name no account: a known device, or the network. */
export async function deviceOrNetwork(deps: DeviceDeps, request: Request): Promise<string> {
  const known = await cookie.read(deps, request);
  return known ? `device:${known.device}` : networkOf(request.ip ?? '');
}

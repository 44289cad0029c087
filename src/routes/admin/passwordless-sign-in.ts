/** Ways to sign in without a password, and their messages. */
import { adminPaths } from '../../admin-paths.js';
import type { Config } from '../../config.js';
import { passkeyPlaceOf } from '../../domain/staff/passkeys.js';
import type { Panel } from '../../views/admin-form-page.js';
import { actView } from './kit/form.js';
import type { Sayings } from './frame.js';
import { present } from './present.js';

/** @param next path of an admin page to show after the sign-in */
export function otherWaysIn(config: Config, next: string): Panel[] {
  const hidden = [{ name: 'next', value: next }];
  const passkey = { way: 'show', challenges: adminPaths.passkeySignInChallenges() } as const;
  return present([
    config.oidc && { link: { href: adminPaths.oidc({ next }), text: `Sign in with ${config.oidc.name}` } },
    passkeyPlaceOf(config) && {
      form: { ...actView(adminPaths.passkeySignIns(), 'Sign in with a passkey', hidden), passkey },
    },
  ]);
}

export const sayingsOfOtherWays: Sayings = {
  // The same for an unknown passkey, a closed account, and a passkey that may be a copy.
  'passkey-refused': {
    tone: 'stop',
    strong: 'This passkey does not belong to an account here.',
    sentence: 'Use another one, or sign in with your password.',
  },
  'passkey-late': { tone: 'warn', strong: 'That took too long.', sentence: 'Please try the passkey again.' },
  'oidc-away': {
    tone: 'warn',
    strong: 'The sign-in provider cannot be reached.',
    sentence: 'Please try again in a minute, or sign in another way.',
  },
  'oidc-late': { tone: 'warn', strong: 'That took too long.', sentence: 'Please begin again from here.' },
  'oidc-refused': {
    tone: 'stop',
    strong: 'The sign-in failed.',
    sentence: 'You were not signed in. Please begin again from here.',
  },
  'oidc-unknown': {
    tone: 'stop',
    strong: 'You have no account here.',
    sentence:
      'You signed in at your provider. An admin can invite you here with the e-mail address that it has verified.',
  },
};

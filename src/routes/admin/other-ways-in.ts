/** What the sign-in page offers besides a password, and what it says of those ways. */
import { adminPaths } from '../../admin-paths.js';
import type { Config } from '../../config.js';
import { passkeyPlaceOf } from '../../domain/staff/passkeys.js';
import type { AdminSignInPage } from '../../views/admin-pages.js';
import type { Sayings } from './frame.js';

export function otherWaysIn(config: Config): Pick<AdminSignInPage, 'passkey'> {
  return passkeyPlaceOf(config)
    ? {
        passkey: { action: adminPaths.passkeySignIns(), challenges: adminPaths.passkeySignInChallenges() },
      }
    : {};
}

export const sayingsOfOtherWays: Sayings = {
  // The same for a key that nobody has, a closed account, and a key that may be a copy.
  'passkey-refused': {
    tone: 'stop',
    strong: 'That passkey does not open an account here.',
    sentence: 'Use another one, or sign in with your password.',
  },
  'passkey-late': { tone: 'warn', strong: 'That took too long.', sentence: 'Please try the passkey again.' },
};

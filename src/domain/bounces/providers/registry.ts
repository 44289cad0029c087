/** All mail providers: a new one is one file and one line here. */
import type { BounceProvider } from './contract.js';
import { postmark } from './postmark.js';
import { sendgrid } from './sendgrid.js';

export const bounceProviders: readonly BounceProvider[] = [sendgrid, postmark];

export function providerOf(id: string): BounceProvider | undefined {
  return bounceProviders.find((provider) => provider.id === id);
}

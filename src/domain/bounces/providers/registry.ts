/** All mail providers: a new one is one file and one line here. */
import type { BounceProvider } from './contract.js';
import { mailgun } from './mailgun.js';
import { postmark } from './postmark.js';
import { sendgrid } from './sendgrid.js';
import { ses } from './ses.js';

export const bounceProviders: readonly BounceProvider[] = [ses, sendgrid, postmark, mailgun];

export function providerOf(id: string): BounceProvider | undefined {
  return bounceProviders.find((provider) => provider.id === id);
}

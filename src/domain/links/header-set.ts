/** The two headers that make one-click unsubscribe work in any mail client (RFC 2369, RFC 8058). */
import type { Config } from '../../config.js';
import { paths } from '../../paths.js';
import { shortToken } from '../../tokens/short-token.js';

export interface HeaderSet {
  'List-Unsubscribe': string;
  'List-Unsubscribe-Post': string;
}

/**
 * Makes the header set of one mail.
 * @param config `baseUrl` is where the POST goes, `unsubscribeMailto` the inbox whose mails are read
 * @param token a token of the kind `unsubscribe`; the subject of the mail has it in its short spelling (decision 0532)
 * @returns each value in one line; the sender of the mail folds it after the comma, and signs both (RFC 8058, section 4)
 */
export function unsubscribeHeaders(
  config: Pick<Config, 'baseUrl' | 'unsubscribeMailto'>,
  token: string,
): HeaderSet {
  const url = `${config.baseUrl}${paths.oneClick(token)}`;
  const subject = encodeURIComponent(`opt-out ${shortToken(token)}`);
  const mailto = `mailto:${encodedAddress(config.unsubscribeMailto)}?subject=${subject}`;
  return {
    'List-Unsubscribe': `<${url}>, <${mailto}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** RFC 6068, section 2: the "@" stays, and what the URL syntax or the comma of the header needs is escaped. */
function encodedAddress(address: string): string {
  return address.split('@').map(encodeURIComponent).join('@');
}

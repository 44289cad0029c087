/** Opting out by an unsubscribe link: by the header's POST, the page's button, or a mail. It is never refused. */
import { changeConsent, refusalOf } from '../../domain/consent/change.js';
import type { ConsentInput, ConsentResult } from '../../domain/consent/change.js';
import type { Circumstances, Wish } from '../../vocabulary/terms.js';
import type { Deps } from '../../deps.js';
import type { TokenClaims } from '../../tokens/kinds.js';

/**
 * Opts out of the link's target: one type, or all of one unit. If the type is unknown (a database restored from before it was created), the contact
 * is opted out of all of the unit.
 * @throws DomainError `DATABASE_AWAY`, `OUTCOME_UNKNOWN`
 */
export async function optOutByLink(
  deps: Deps,
  claims: TokenClaims['unsubscribe'],
  act: { ref: string; circumstances: Circumstances; lastSave?: ConsentInput['lastSave'] },
): Promise<ConsentResult> {
  const input = (wish: Wish): ConsentInput => ({
    subscriberId: claims.subscriberId,
    channel: 'EMAIL',
    actor: { kind: 'ONE_CLICK', ref: act.ref },
    wishes: [wish],
    circumstances: act.circumstances,
    ...(act.lastSave ? { lastSave: act.lastSave } : {}),
  });
  const ofUnit: Wish = { kind: 'OPT_OUT_OF_ALL', unitId: claims.unitId };
  if (claims.typeId === undefined) return changeConsent(deps, input(ofUnit));
  const result = await changeConsent(deps, input({ kind: 'OPT_OUT', typeId: claims.typeId }));
  return refusalOf(result) ? changeConsent(deps, input(ofUnit)) : result;
}

/** The details recorded with any act by a link: the browser, the campaign of its mail, and whether it looked automated. */
export function linkCircumstances(
  claims: { campaign?: string },
  userAgent: string | undefined,
  isMachine: boolean,
): Circumstances {
  return {
    ...(userAgent ? { userAgent } : {}),
    ...(claims.campaign ? { campaign: claims.campaign } : {}),
    ...(isMachine ? { isMachine: true } : {}),
  };
}

/** The details recorded with a save of the preference page: language, wording, browser, and whether it looked automated. */
import type { Request } from 'express';
import type { ConsentInput } from '../../domain/consent/change.js';
import { reading } from '../../domain/consent/durability.js';
import type { Circumstances } from '../../vocabulary/terms.js';
import type { Deps } from '../../deps.js';
import type { OpenedLink } from './link.js';
import { linkCircumstances } from './opt-out.js';
import type { PreferencesForm } from './preferences-form.js';
import { pageWording, shownWording, wordingOf, type Worded } from '../../domain/wordings/wording.js';

type Link = OpenedLink<'preferences'>;

/** How an act was done. */
export interface Manner {
  isMachine: boolean;
  isAsFound: boolean;
  posted: Pick<PreferencesForm, 'wording'>;
  /** The page of the act, if it was not the preference page. */
  page?: Worded | undefined;
  onlyAfter?: number;
  describe: NonNullable<ConsentInput['lastSave']>['describe'];
}

/** The details recorded with a contact's own act. A wording is named only if its text is certainly stored. */
export async function circumstancesOf(
  deps: Deps,
  link: Link,
  request: Request,
  manner: Manner,
): Promise<Circumstances> {
  return {
    locale: link.words.locale,
    legalBasis: 'CONSENT_WITH_NOTICE',
    ...(await wordingOfAct(deps, link, manner)),
    ...linkCircumstances(link.claims, request.get('user-agent'), manner.isMachine),
  };
}

/** The wording that the form names: of its page, or of a stored preference page; else none. */
async function wordingOfAct(
  deps: Deps,
  link: Link,
  { posted, page }: Manner,
): Promise<Pick<Circumstances, 'wording'>> {
  const shown = posted.wording;
  if (shown === undefined) return {};
  if (page && shown === pageWording(page).hash)
    return shownWording(deps, shown, { page, locale: link.words.locale });
  await reading(() => deps.keepWordings(link.catalogue));
  const current = wordingOf(link.catalogue, link.subscriber.channel, link.words.locale).hash;
  const isKept =
    shown === current || (await reading(() => deps.models.wordings.exists({ _id: shown }))) !== null;
  return isKept ? { wording: shown } : {};
}

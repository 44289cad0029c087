/** The preference page: `GET /p/:token` shows it, `POST` saves and leads back to it with what changed. */
import express, { type Router } from 'express';
import { mayUndoByCopy } from '../../domain/consent/undo-save.js';
import { changeConsent, type ConsentResult } from '../../domain/consent/change.js';
import { reading } from '../../domain/consent/durability.js';
import type { Catalogue, Wish } from '../../vocabulary/terms.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { paths, patterns } from '../../paths.js';
import { catalogueForm } from './catalogue-form.js';
import { expiredPage } from './expired-page.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import { messageOf, sendMessage, withLocale } from './frame.js';
import { chosenLocale, contactOf, openLink, type LinkExchange } from './link.js';
import { mailAgain, mailFreshLink } from './link-mails.js';
import { noticeOf, noticeWords, restoredBy, saveOf, undoWishes, undoingOf } from './notice.js';
import {
  hasUnknownOptOut,
  isTicked,
  readPreferencesForm,
  readStopForm,
  wishesOf,
  type PreferencesForm,
  type StopForm,
} from './preferences-form.js';
import { preferencesPage, type Draft } from './preferences-page.js';
import { refusalFaults } from './refusals.js';
import { changesOf, isJustNow, isRepeatOf } from './save-changes.js';
import { circumstancesOf, type Manner } from './save-circumstances.js';
import { namesOf, undoPage } from './undo-page.js';
import type { Visits } from './visits.js';
import { withWording } from '../../domain/wordings/wording.js';
import { newId } from '../../new-id.js';

type Exchange = LinkExchange<'preferences'>;

export function preferencesRoutes(deps: Deps, visits: Visits): Router {
  const form = catalogueForm(deps);
  const router = express.Router();
  router.get(patterns.preferences, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    visits.noteOpened(request, link.claims.subscriberId, 'p');
    show({ deps, visits, link, request, response });
  });
  router.post(patterns.preferences, form, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    const exchange = { deps, visits, link, request, response };
    const stopped = readStopForm(request.body);
    if (stopped) return stop(exchange, stopped);
    const posted = readPreferencesForm(request.body);
    return posted.undo === undefined ? save(exchange, posted) : undo(exchange, posted);
  });
  router.post(patterns.freshLink, form, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    const page = await mailFreshLink(deps, link);
    sendMessage(deps, response, messageOf(link, paths.preferences(link.token), page));
  });
  return router;
}

function show({ deps, link, request, response }: Exchange): void {
  const { lang, saved } = request.query;
  const now = deps.clock();
  const lastSave = saveOf(link.subscriber, saved);
  if (!link.isFresh) {
    sendMessage(deps, response, withWording(expiredPage(link, { lang, lastSave, now })));
    return;
  }
  const undoAction = withLocale(paths.preferences(link.token), lang);
  const said = saidName(saidContext(deps, ''), request, saved);
  const context = { ...link, now, undoAction, isWaiting: said === 'waiting' };
  const hasNotice = said !== null || lastSave !== null;
  const notice = hasNotice ? { notice: noticeOf(link.subscriber, lastSave, context) } : {};
  response.send(deps.views.page('preferences', preferencesPage(link, now, { lang, ...notice })));
}

async function save(opened: Exchange, posted: PreferencesForm): Promise<void> {
  const { deps, visits, request } = opened;
  const { channel } = opened.link.subscriber;
  const exchange = await knowing(opened, (catalogue) => !hasUnknownOptOut(posted, catalogue, channel));
  if (!exchange) return refuse(opened, posted, [{ text: opened.link.words.t('unsureText'), href: '' }]);
  const { link } = exchange;
  const result = await act(exchange, wishesOf(posted, link.catalogue, channel), {
    isMachine: visits.isMachineLike(request, link.claims.subscriberId),
    posted,
    isAsFound: false,
    describe: (outcomes) => changesOf(outcomes, { now: deps.clock() }),
  });
  const faults = result.outcomes.flatMap((outcome) => refusalFaults(outcome, link));
  const isRefused = result.outcomes.some((outcome) => outcome.result === 'REFUSED');
  if (isRefused && link.isFresh && result.events.length === 0) return refuse(exchange, posted, faults);
  await mailAgain(deps, link, result.outcomes).catch((err: unknown) => {
    // The save itself is done, and the mail can be requested again. If nothing was saved, no page may say that a mail is on its way.
    if (result.events.length === 0) throw err;
    deps.log.warn({ err }, 'confirmation not queued again');
  });
  leadBack(exchange, result);
}

/**
 * An opt-out is never dropped because this process does not know its type or unit yet: the catalogue is read again.
 * @returns null if it is still unknown
 */
async function knowing(
  exchange: Exchange,
  knows: (catalogue: Catalogue) => boolean,
): Promise<Exchange | null> {
  const { deps, link } = exchange;
  if (knows(link.catalogue)) return exchange;
  // Any form can cause this, so it must cost little if nothing has changed.
  const catalogue = await reading(() => deps.recheckCatalogue());
  return knows(catalogue) ? { ...exchange, link: { ...link, catalogue } } : null;
}

/** The page again with the choices; nothing was saved. For an old link, which shows nothing about the contact, the page of expired links. */
function refuse(
  { deps, link, request, response }: Exchange,
  posted: PreferencesForm,
  faults: Draft['faults'],
): void {
  const { lang } = request.query;
  const now = deps.clock();
  if (!link.isFresh) {
    const page = { ...expiredPage(link, { lang, lastSave: null, now }), faults };
    return sendMessage(deps, response, withWording(page), 422);
  }
  const draft = { isOn: (typeId: number) => isTicked(posted, typeId), faults };
  response.status(422).send(deps.views.page('preferences', preferencesPage(link, now, { lang, draft })));
}

/** A button that acts at once: stop a unit, a type, or everything. It works with any link, regardless of age and of what its page had shown. */
async function stop(opened: Exchange, posted: StopForm): Promise<void> {
  const { deps, visits, request } = opened;
  const [what, id] = posted.stop.split('-');
  const unitId = what === 'unit' ? Number(id) : null;
  // Only the type of the link has such a button. No type that its page did not show is changed.
  if (what === 'type' && Number(id) !== opened.link.claims.typeId)
    throw new DomainError('INVALID_FORM', 'This link is about another type.');
  const exchange = await knowing(opened, ({ units, types }) =>
    what === 'type' ? types.has(Number(id)) : unitId === null || units.has(unitId),
  );
  if (!exchange) throw new DomainError('INVALID_FORM', 'There is no such unit or type.');
  const { link } = exchange;
  const wish: Wish =
    what === 'type' ? { kind: 'OPT_OUT', typeId: Number(id) } : { kind: 'OPT_OUT_OF_ALL', unitId };
  const now = deps.clock();
  const result = await act(exchange, [wish], {
    isMachine: visits.isMachineAsFound(request, link.claims.subscriberId, posted.renderedAt),
    posted,
    page: link.isFresh ? undefined : expiredPage(link, { lang: undefined, lastSave: null, now }),
    isAsFound: true,
    describe: (outcomes) =>
      wish.kind === 'OPT_OUT' ? changesOf(outcomes, { now: deps.clock() }) : [{ what: 'ALL', unitId }],
  });
  leadBack(exchange, result);
}

/** Undoes the last save. An act by a single button is undone only with a tick, so that a machine that presses every button opts no one in. */
async function undo(exchange: Exchange, posted: PreferencesForm): Promise<void> {
  const { deps, visits, link, request, response } = exchange;
  const { subscriber } = link;
  const lastSave = saveOf(subscriber, posted.undo);
  const wishes = lastSave ? undoWishes(subscriber, lastSave, { ...link, now: deps.clock() }) : [];
  if (!lastSave || wishes.length === 0)
    return leadTo(exchange, undoingOf(subscriber, posted.undo)?.nonce ?? markOf(exchange, 'nothing'));
  const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
  const about = { catalogue: link.catalogue, channel: subscriber.channel, now: deps.clock() };
  const names = namesOf(restoredBy(subscriber, about), link);
  const needsTick = names.count > 0 && (lastSave.isAsFound || isMachine);
  const hasBeenAsked = posted['asked'] !== undefined;
  const action = withLocale(paths.preferences(link.token), request.query['lang']);
  const page = undoPage(link, names, { action, nonce: lastSave.nonce, hasBeenAsked });
  if (needsTick && posted.sure === undefined)
    return sendMessage(deps, response, withWording(page), hasBeenAsked ? 422 : 200);
  const context = { ...link, now: deps.clock(), undoAction: action, isWaiting: false };
  const notice = noticeOf(subscriber, lastSave, context);
  const result = await act(exchange, wishes, {
    isMachine,
    posted,
    page: posted.sure === undefined ? noticeWords(notice) : page,
    isAsFound: false,
    describe: (_outcomes, before) => [{ what: 'UNDONE', of: lastSave.nonce }, ...restoredBy(before, about)],
  });
  // The second click of a double click, which came during the first.
  const first = result.events.length === 0 ? undoingOf(result.subscriber, posted.undo) : null;
  if (first) return leadTo(exchange, first.nonce);
  leadBack(exchange, result);
}

async function act(
  { deps, link, request }: Exchange,
  wishes: Wish[],
  manner: Manner,
): Promise<ConsentResult> {
  return changeConsent(deps, {
    subscriberId: link.claims.subscriberId,
    channel: link.subscriber.channel,
    actor: contactOf(link),
    wishes,
    found: link.found,
    linkEpoch: link.claims.epoch,
    ...chosenLocale(link, request),
    circumstances: await circumstancesOf(deps, link, request, manner),
    lastSave: {
      nonce: newId(),
      isAsFound: manner.isAsFound,
      describe: manner.describe,
    },
  });
}

/**
 * 303 to the page, which says what changed. The second click of a double click shows the result of the first. A form without wishes does not, or a
 * scanner that sends an unchanged form would get the Undo of a person's save. Nor does a link that staff copied, if it may not undo the save.
 */
function leadBack(exchange: Exchange, { events, outcomes, subscriber }: ConsentResult): void {
  const { lastSave } = subscriber;
  const isOthers = exchange.link.claims.copiedBy !== undefined && !mayUndoByCopy(subscriber);
  const isOfThisSave =
    lastSave !== null &&
    (events.length > 0 ||
      (!isOthers && isJustNow(lastSave.at, exchange.deps.clock()) && isRepeatOf(lastSave.changes, outcomes)));
  const isMailedAgain = outcomes.some(({ result }) => result === 'PENDING');
  const mark = markOf(exchange, isMailedAgain ? 'waiting' : 'nothing');
  leadTo(exchange, isOfThisSave ? lastSave.nonce : mark);
}

/** For an act that leaves no save to name. */
function markOf({ deps, link }: Exchange, name: 'waiting' | 'nothing'): string {
  return saidMark(saidContext(deps, ''), paths.preferences(link.token), name);
}

function leadTo({ link, request, response }: Exchange, saved: string): void {
  response.redirect(303, withLocale(paths.preferences(link.token), request.query['lang'], { saved }));
}

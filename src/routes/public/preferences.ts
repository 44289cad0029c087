/** The preference page: `GET /p/:token` shows it, `POST` saves and leads back to it with what changed. */
import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { changeConsent, type ConsentResult, type Outcome } from '../../domain/consent/change.js';
import { reading } from '../../domain/consent/durability.js';
import type { Wish } from '../../vocabulary/terms.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import type { SaveChange } from '../../models/subscriber.js';
import { paths, patterns } from '../../paths.js';
import { catalogueForm } from './catalogue-form.js';
import { expiredPage } from './expired-page.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import { messageOf, withLocale } from './frame.js';
import { chosenLocale, contactOf, openLink, type OpenedLink } from './link.js';
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

type Link = OpenedLink<'preferences'>;

export function preferencesRoutes(deps: Deps, visits: Visits): Router {
  const form = catalogueForm(deps);
  const router = express.Router();
  router.get(patterns.preferences, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    visits.noteOpened(request, link.claims.subscriberId, 'p');
    show(deps, link, request, response);
  });
  router.post(patterns.preferences, form, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    const stopped = readStopForm(request.body);
    if (stopped) return stop(deps, visits, link, stopped, request, response);
    const posted = readPreferencesForm(request.body);
    if (posted.undo !== undefined) return undo(deps, visits, link, posted, request, response);
    return save(deps, visits, link, posted, request, response);
  });
  router.post(patterns.freshLink, form, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    const page = await mailFreshLink(deps, link);
    response.send(deps.views.page('message', messageOf(link, paths.preferences(link.token), page)));
  });
  return router;
}

function show(deps: Deps, link: Link, request: Request, response: Response): void {
  const { lang, saved } = request.query;
  const lastSave = saveOf(link.subscriber, saved);
  if (!link.isFresh) {
    const page = withWording(expiredPage(link, { lang, lastSave, now: deps.clock() }));
    response.send(deps.views.page('message', page));
    return;
  }
  const context = { ...link, now: deps.clock(), undoAction: withLocale(paths.preferences(link.token), lang) };
  const said = saidName(saidContext(deps, ''), request, saved);
  const hasNotice = said !== null || lastSave !== null;
  const notice = hasNotice
    ? { notice: noticeOf(link.subscriber, lastSave, { ...context, isWaiting: said === 'waiting' }) }
    : {};
  response.send(deps.views.page('preferences', preferencesPage(link, deps.clock(), { lang, ...notice })));
}

async function save(
  deps: Deps,
  visits: Visits,
  opened: Link,
  posted: PreferencesForm,
  request: Request,
  response: Response,
): Promise<void> {
  const link = await knowing(
    deps,
    opened,
    (catalogue) => !hasUnknownOptOut(posted, catalogue, opened.subscriber.channel),
  );
  if (!link) {
    const faults = [{ text: opened.words.copy['unsureText'] ?? '', href: '' }];
    refuse(deps, opened, posted, faults, request, response);
    return;
  }
  const wishes = wishesOf(posted, link.catalogue, link.subscriber.channel);
  const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
  const result = await act(deps, link, request, wishes, {
    isMachine,
    posted,
    isAsFound: false,
    describe: (outcomes) => changesOf(outcomes, { now: deps.clock() }),
  });
  const refused = result.outcomes.filter((outcome) => outcome.result === 'REFUSED');
  if (refused.length > 0 && link.isFresh && result.events.length === 0) {
    refuse(
      deps,
      link,
      posted,
      refused.flatMap((outcome) => refusalFaults(outcome, link)),
      request,
      response,
    );
    return;
  }
  await mailAgain(deps, link, result.outcomes).catch((err: unknown) => {
    // The save itself is done, and the mail can be requested again. If nothing was saved, no page may say that a mail is on its way.
    if (result.events.length === 0) throw err;
    deps.log.warn({ err }, 'confirmation not queued again');
  });
  leadBack(deps, link, result, request, response);
}

/**
 * An opt-out is never dropped because this process does not know its type or unit yet: the catalogue is read again.
 * @returns null if it is still unknown
 */
async function knowing(
  deps: Deps,
  link: Link,
  knows: (catalogue: Link['catalogue']) => boolean,
): Promise<Link | null> {
  if (knows(link.catalogue)) return link;
  // Any form can cause this, so it must cost little if nothing has changed.
  const catalogue = await reading(() => deps.recheckCatalogue());
  return knows(catalogue) ? { ...link, catalogue } : null;
}

/** The page again with the choices; nothing was saved. For an old link, which shows nothing about the contact, the page of expired links. */
function refuse(
  deps: Deps,
  link: Link,
  posted: PreferencesForm,
  faults: Draft['faults'],
  request: Request,
  response: Response,
): void {
  const { lang } = request.query;
  if (!link.isFresh) {
    const page = { ...expiredPage(link, { lang, lastSave: null, now: deps.clock() }), faults };
    response.status(422).send(deps.views.page('message', withWording(page)));
    return;
  }
  const draft = { isOn: (typeId: number) => isTicked(posted, typeId), faults };
  response
    .status(422)
    .send(deps.views.page('preferences', preferencesPage(link, deps.clock(), { lang, draft })));
}

/** A button that acts at once: stop a unit, a type, or everything. It works with any link, regardless of age and of what its page had shown. */
async function stop(
  deps: Deps,
  visits: Visits,
  opened: Link,
  posted: StopForm,
  request: Request,
  response: Response,
): Promise<void> {
  const [what, id] = posted.stop.split('-');
  const unitId = what === 'unit' ? Number(id) : null;
  // Only the type of the link has such a button. No type that its page did not show is changed.
  if (what === 'type' && Number(id) !== opened.claims.typeId)
    throw new DomainError('INVALID_FORM', 'This link is about another type.');
  const link = await knowing(deps, opened, ({ units, types }) =>
    what === 'type' ? types.has(Number(id)) : unitId === null || units.has(unitId),
  );
  if (!link) throw new DomainError('INVALID_FORM', 'There is no such unit or type.');
  const wish: Wish =
    what === 'type' ? { kind: 'OPT_OUT', typeId: Number(id) } : { kind: 'OPT_OUT_OF_ALL', unitId };
  const isMachine = visits.isMachineAsFound(request, link.claims.subscriberId, posted.renderedAt);
  const describe = (outcomes: Outcome[]): SaveChange[] =>
    wish.kind === 'OPT_OUT' ? changesOf(outcomes, { now: deps.clock() }) : [{ what: 'ALL', unitId }];
  const page = link.isFresh
    ? undefined
    : expiredPage(link, { lang: undefined, lastSave: null, now: deps.clock() });
  const result = await act(deps, link, request, [wish], {
    isMachine,
    posted,
    page,
    isAsFound: true,
    describe,
  });
  leadBack(deps, link, result, request, response);
}

/** Undoes the last save. An act by a single button is undone only with a tick, so that a machine that presses every button opts no one in. */
async function undo(
  deps: Deps,
  visits: Visits,
  link: Link,
  posted: PreferencesForm,
  request: Request,
  response: Response,
): Promise<void> {
  const lastSave = saveOf(link.subscriber, posted.undo);
  const wishes = lastSave ? undoWishes(link.subscriber, lastSave, { ...link, now: deps.clock() }) : [];
  if (!lastSave || wishes.length === 0) {
    const saved = undoingOf(link.subscriber, posted.undo)?.nonce ?? markOf(deps, link, 'nothing');
    leadTo(link, request, response, saved);
    return;
  }
  const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
  const about = { catalogue: link.catalogue, channel: link.subscriber.channel, now: deps.clock() };
  const names = namesOf(restoredBy(link.subscriber, about), link);
  const needsTick = names.count > 0 && (lastSave.isAsFound || isMachine);
  const hasBeenAsked = posted['asked'] !== undefined;
  const action = withLocale(paths.preferences(link.token), request.query['lang']);
  const page = undoPage(link, names, { action, nonce: lastSave.nonce, hasBeenAsked });
  if (needsTick && posted.sure === undefined) {
    response.status(hasBeenAsked ? 422 : 200).send(deps.views.page('message', withWording(page)));
    return;
  }
  const context = { ...link, now: deps.clock(), undoAction: action, isWaiting: false };
  const notice = noticeOf(link.subscriber, lastSave, context);
  const result = await act(deps, link, request, wishes, {
    isMachine,
    posted,
    page: posted.sure === undefined ? noticeWords(notice) : page,
    isAsFound: false,
    describe: (_outcomes, before) => [{ what: 'UNDONE', of: lastSave.nonce }, ...restoredBy(before, about)],
  });
  // The second click of a double click, which came during the first.
  const first = result.events.length === 0 ? undoingOf(result.subscriber, posted.undo) : null;
  if (first) return leadTo(link, request, response, first.nonce);
  leadBack(deps, link, result, request, response);
}

async function act(
  deps: Deps,
  link: Link,
  request: Request,
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
      nonce: randomBytes(9).toString('base64url'),
      isAsFound: manner.isAsFound,
      describe: manner.describe,
    },
  });
}

/**
 * 303 to the page, which says what changed. The second click of a double click shows the result of the first. A form without wishes does not, or a
 * scanner that sends an unchanged form would get the Undo of a person's save.
 */
function leadBack(deps: Deps, link: Link, result: ConsentResult, request: Request, response: Response): void {
  const { events, outcomes, subscriber } = result;
  const { lastSave } = subscriber;
  const isOfThisSave =
    lastSave !== null &&
    (events.length > 0 || (isJustNow(lastSave.at, deps.clock()) && isRepeatOf(lastSave.changes, outcomes)));
  const saved = isOfThisSave
    ? lastSave.nonce
    : markOf(deps, link, isMailedAgain(result) ? 'waiting' : 'nothing');
  leadTo(link, request, response, saved);
}

/** For an act that leaves no save to name. */
function markOf(deps: Deps, { token }: Link, name: 'waiting' | 'nothing'): string {
  return saidMark(saidContext(deps, ''), paths.preferences(token), name);
}

function leadTo(link: Link, request: Request, response: Response, saved: string): void {
  response.redirect(303, withLocale(paths.preferences(link.token), request.query['lang'], { saved }));
}

function isMailedAgain({ outcomes }: ConsentResult): boolean {
  return outcomes.some(({ result }) => result === 'PENDING');
}

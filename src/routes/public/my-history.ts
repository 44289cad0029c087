/** "My data": the contact's view of the history, as a page and as a file, and erasure. */
import { cursorIn, cursorText } from '../../cursor.js';
import express, { type RequestHandler, type Router } from 'express';
import { maskAddress } from '../../domain/consent/shown-address.js';
import {
  everSubscribedTo,
  eventPlace,
  readEventsPage,
  type WantedEvents,
} from '../../domain/consent/newest-events.js';
import { DomainError } from '../../errors.js';
import type { Deps } from '../../deps.js';
import { paths, patterns } from '../../paths.js';
import type { Words } from '../../views/contract.js';
import type { MyHistoryPage } from '../../views/public-pages.js';
import { sendText } from '../send-text.js';
import { eventLine } from './event-line.js';
import { expiredPage } from './expired-page.js';
import { frameOf, sendMessage, withLocale } from './frame.js';
import { contactOf, openLink, type OpenedLink } from './link.js';
import { linkCircumstances } from './opt-out.js';
import type { Visits } from './visits.js';
import { pageWording, shownWording, withWording, type Worded } from '../../domain/wordings/wording.js';

type Link = OpenedLink<'preferences'>;

/** Events on one page. */
const pageSize = 50;

export function myHistoryRoutes(deps: Deps, visits: Visits, form: RequestHandler): Router {
  const router = express.Router();
  const expired = (link: Link, lang: unknown) =>
    withWording(expiredPage(link, { lang, lastSave: null, now: deps.clock() }));

  router.get(patterns.myHistory, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    visits.noteOpened(request, link.claims.subscriberId, 'p');
    const { lang } = request.query;
    if (!link.isFresh) return sendMessage(deps, response, expired(link, lang));
    const page = await pageOf(deps, link, { lang, from: request.query['before'] }, false);
    response.send(deps.views.page('my-history', page));
  });

  router.get(patterns.myHistoryFile, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    if (!link.isFresh) return sendMessage(deps, response, expired(link, request.query['lang']), 410);
    response.attachment('my-preferences.json').type('json');
    await sendText(response, fileOf(deps, link));
  });

  router.get(patterns.erasureReceipt, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    response.attachment('receipt.txt').type('text');
    response.send(await receiptOf(deps, link));
  });

  router.post(patterns.myHistory, form, async (request, response) => {
    const link = await openLink(deps, 'preferences', request);
    const { lang } = request.query;
    const isCopied = link.claims.copiedBy !== undefined;
    if (link.isFresh && (isCopied || Object(request.body)['sure'] !== 'yes')) {
      const page = await pageOf(deps, link, { lang }, !isCopied);
      response.status(isCopied ? 403 : 422).send(deps.views.page('my-history', page));
      return;
    }
    const shown = { page: eraseWords(link.words), locale: link.words.locale };
    const { subscriberId, epoch } = link.claims;
    // Contacts are loaded when they are first needed, so that pages are served sooner.
    const { erasePerson } = await import('../../domain/contacts/erase.js');
    if (link.isFresh)
      await erasePerson(deps, {
        id: subscriberId,
        link: { subscriberId, channel: link.subscriber.channel, epoch },
        actor: contactOf(link),
        circumstances: {
          ...(await shownWording(deps, Object(request.body)['wording'], shown)),
          locale: link.words.locale,
          ...linkCircumstances({}, request.get('user-agent'), false),
        },
      });
    response.redirect(303, withLocale(paths.preferences(link.token), lang));
  });
  return router;
}

/** The types that public pages name to the contact. */
async function shownTypes(deps: Deps, { subscriber, catalogue }: Link): Promise<ReadonlySet<number>> {
  const types = catalogue.orderedTypes.filter(({ isInternal }) => !isInternal);
  const archived = types.filter(({ isActive }) => !isActive).map(({ id }) => id);
  // An archived type is shown only to a contact that once had it.
  const had = await everSubscribedTo(deps.models, subscriber, archived);
  return new Set(types.filter(({ id, isActive }) => isActive || had.has(id)).map(({ id }) => id));
}

/** The events that the contact may see. */
function wantedOf({ subscriber }: Link, shown: ReadonlySet<number>): WantedEvents {
  return {
    subscriberIds: [subscriber._id],
    isShown: ({ change: { typeId } }) => typeId === null || shown.has(typeId),
  };
}

/** @param from the query's `before`: the end of the previous page */
async function pageOf(
  deps: Deps,
  link: Link,
  { lang, from }: { lang: unknown; from?: unknown },
  lacksTick: boolean,
): Promise<MyHistoryPage> {
  const { words, subscriber } = link;
  const before = cursorIn(from, eventPlace);
  const { currentData } = await import('./current-data.js');
  const shown = await shownTypes(deps, link);
  const wanted = { ...wantedOf(link, shown), before };
  const { events, next } = await readEventsPage(deps.models, wanted, pageSize);
  const path = paths.myHistory(link.token);
  const url = withLocale(path, lang);
  return {
    ...frameOf(link, words.t('myDataTitle'), path),
    who: maskAddress(subscriber.channel, subscriber.address),
    preferencesUrl: withLocale(paths.preferences(link.token), lang),
    fileUrl: paths.myHistoryFile(link.token),
    ...(link.claims.copiedBy === undefined ? { eraseAction: url } : {}),
    ...(before ? { newestUrl: url } : {}),
    ...(next ? { olderUrl: withLocale(path, lang, { before: cursorText(next) }) } : {}),
    wording: pageWording(eraseWords(words)).hash,
    faults: lacksTick ? [{ text: words.t('tickNeeded'), href: '#sure' }] : [],
    // On the first page only, since the others go on with the history.
    current: before ? [] : await currentData(deps, link, (typeId) => shown.has(typeId)),
    events: events.map((event) => eventLine(event, link)),
  };
}

/** The text that a contact reads before erasing everything. */
function eraseWords({ t }: Words): Worded {
  const tick = { name: 'sure', label: t('eraseTick'), isRequired: true };
  return {
    heading: t('eraseHeading'),
    sentences: [t('eraseText')],
    forms: [{ tick: [tick], button: t('eraseButton') }],
  };
}

/** The same data as staff download, with masked addresses: the link may have been forwarded (decision 0015). */
async function* fileOf(deps: Deps, link: Link): AsyncGenerator<string> {
  const subscriberId = link.subscriber._id;
  if (!link.found) return yield '{ "contact": null, "addresses": [], "mails": [], "history": [] }\n';
  const shown = await shownTypes(deps, link);
  const { isShown } = wantedOf(link, shown);
  const hasType = (typeId: number) => link.catalogue.types.get(typeId)?.isInternal === false;
  const { myData } = await import('../../domain/contacts/my-data.js');
  yield* myData(deps, { id: subscriberId, link: { subscriberId }, hasType, ...(isShown ? { isShown } : {}) });
}

/** The receipt of an erasure, in the reader's language. The link was revoked with it, and still leads here. */
async function receiptOf(deps: Deps, { claims, words }: Link): Promise<string> {
  const { findErasureReceipt } = await import('../../domain/contacts/erasure-receipt.js');
  const receipt = await findErasureReceipt(deps, [claims.subscriberId]);
  const [erased] = receipt?.addresses ?? [];
  if (!erased) throw new DomainError('NOT_FOUND');
  const { subscriberId, erasedAt, event } = erased;
  return [
    words.t('erasedHeading'),
    words.t('receiptTime', { when: words.moment(erasedAt) }),
    words.t('erasedText'),
    words.t('receiptCode', { id: subscriberId }),
    ...(event ? [words.t('receiptProof', { number: String(event.number), hash: event.hash })] : []),
    '',
  ].join('\n');
}

/** "Unsubscribe" in a footer: `GET` says what would stop, `POST` stops it, offers Undo, and only then asks for a reason. */
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { changeConsent, type Outcome } from '../../domain/consent/change.js';
import { writing } from '../../domain/consent/durability.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { reasons, recordReason } from '../../models/unsubscribe-reason.js';
import type { LastSave, SaveChange, SubscriberHead } from '../../models/subscriber.js';
import { paths, patterns } from '../../paths.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import { sendMessage, withLocale } from './frame.js';
import { openLink, type LinkExchange, type OpenedLink } from './link.js';
import { restoredBy, saveOf, undoWishes, undoingOf } from './notice.js';
import { linkCircumstances, optOutByLink } from './opt-out.js';
import { undoPage } from './undo-page.js';
import { askPage, donePage, tooLatePage, unsubscribedNames } from './unsubscribe-pages.js';
import type { Visits } from './visits.js';
import { shownWording, withWording } from '../../domain/wordings/wording.js';
import { newId } from '../../new-id.js';

type Link = OpenedLink<'unsubscribe'>;
type Exchange = LinkExchange<'unsubscribe'>;

const fields = z.object({
  wording: z.string().max(60).optional(),
  renderedAt: z.string().max(16).optional(),
  undo: z.string().max(40).optional(),
  asked: z.string().max(4).optional(),
  sure: z.literal('yes').optional(),
  reason: z.enum(reasons).optional(),
  of: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/)
    .optional(),
});
type Form = z.infer<typeof fields>;

/** Milliseconds for which the page after an unsubscription offers Undo. */
const undoableMs = 3_600_000;

/** Maximum wait for the form, in milliseconds: a slow sender must not delay the opt-out of its link. */
const patienceMs = 5000;
/** Its fields are few and short. */
const parseForm = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 50 });

export function unsubscribeRoutes(deps: Deps, visits: Visits): Router {
  const router = express.Router();
  const show = (kind: 'o' | 'u') => async (request: Request, response: Response) => {
    const link = await openLink(deps, 'unsubscribe', request);
    visits.noteOpened(request, link.claims.subscriberId, kind);
    const { lang, done, thanks } = request.query;
    const save = saveOf(link.subscriber, done);
    const now = deps.clock();
    const said = saidContext(deps, '');
    const isDone = save !== null || saidName(said, request, done) === 'already';
    const page = isDone
      ? donePage(link, save, {
          lang,
          mayUndo: save !== null && mayUndo(link, save, now),
          hasReason: saidName(said, request, thanks) === 'thanks',
        })
      : withWording(askPage(link, { lang, now }));
    sendMessage(deps, response, page);
  };
  router.get(patterns.oneClick, show('o'));
  router.get(patterns.unsubscribe, show('u'));
  router.post(patterns.unsubscribe, async (request, response) => {
    const link = await openLink(deps, 'unsubscribe', request);
    const exchange = { deps, visits, link, request, response };
    const body = await formOf(request, response);
    const posted = fields.safeParse(body);
    // A broken form must never lose an opt-out. Any other broken form is refused.
    const wanted: Form = posted.success ? posted.data : {};
    if (!posted.success && ('undo' in Object(body) || 'of' in Object(body)))
      throw new DomainError('INVALID_FORM');
    if (wanted.undo !== undefined) return undo(exchange, wanted);
    if (wanted.of !== undefined) return giveReason(exchange, wanted);
    return unsubscribe(exchange, wanted);
  });
  return router;
}

/** A body that cannot be read or does not arrive in time counts as an empty form: the link alone decides what to stop. */
function formOf(request: Request, response: Response): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      // The rest of the body would be read as the next request.
      response.set('Connection', 'close');
      resolve({});
    }, patienceMs);
    parseForm(request, response, (fault?: unknown) => {
      clearTimeout(giveUp);
      if (fault === undefined || isFaultOfRequest(fault)) resolve(request.body ?? {});
      else reject(fault);
    });
  });
}

function isFaultOfRequest(fault: unknown): boolean {
  const status: unknown = Object(fault)['status'];
  return typeof status === 'number' && status >= 400 && status < 500;
}

async function unsubscribe(exchange: Exchange, posted: Form): Promise<void> {
  const { deps, visits, link, request } = exchange;
  const isMachine = visits.isMachineAsFound(request, link.claims.subscriberId, posted.renderedAt);
  const page = askPage(link, { lang: undefined, now: deps.clock() });
  const result = await optOutByLink(deps, link.claims, {
    ref: 'unsubscribe link',
    circumstances: {
      ...(await shownWording(deps, posted.wording, { page, locale: link.words.locale })),
      ...linkCircumstances(link.claims, request.get('user-agent'), isMachine),
      locale: link.words.locale,
    },
    lastSave: {
      nonce: newNonce(),
      isAsFound: true,
      describe: (outcomes) => changesBy(link, outcomes),
    },
  });
  const nonce = result.events.length > 0 ? result.subscriber.lastSave?.nonce : undefined;
  leadTo(exchange, { done: nonce ?? markOf(exchange, 'already') });
}

async function undo(exchange: Exchange, posted: Form): Promise<void> {
  const { deps, visits, link, request, response } = exchange;
  const save = saveOf(link.subscriber, posted.undo);
  if (!save || !mayUndo(link, save, deps.clock())) return undoIsOver(exchange, link.subscriber, posted.undo);
  const hasBeenAsked = posted.asked !== undefined;
  const action = withLocale(paths.unsubscribe(link.token), request.query['lang']);
  const page = undoPage(link, unsubscribedNames(link), { action, nonce: save.nonce, hasBeenAsked });
  if (posted.sure === undefined)
    return sendMessage(deps, response, withWording(page), hasBeenAsked ? 422 : 200);
  const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
  // The link alone can only opt out. Undo is an act of the contact who has just seen the answer and ticked the box.
  const result = await changeConsent(deps, {
    subscriberId: link.claims.subscriberId,
    channel: link.subscriber.channel,
    actor: { kind: 'CONTACT', isLinkFresh: link.isFresh, ref: 'undo' },
    wishes: undoWishes(link.subscriber, save, { ...link, now: deps.clock() }),
    linkEpoch: link.claims.epoch,
    circumstances: {
      ...linkCircumstances(link.claims, request.get('user-agent'), isMachine),
      ...(await shownWording(deps, posted.wording, { page, locale: link.words.locale })),
      locale: link.words.locale,
      legalBasis: 'CONSENT_WITH_NOTICE',
    },
    lastSave: {
      nonce: newNonce(),
      isAsFound: true,
      describe: (_outcomes, before) => [
        { what: 'UNDONE', of: save.nonce },
        ...restoredBy(before, { ...link, channel: link.subscriber.channel, now: deps.clock() }),
      ],
    },
  });
  if (result.events.length === 0) return undoIsOver(exchange, result.subscriber, posted.undo);
  leadTo(exchange, { done: result.subscriber.lastSave?.nonce ?? '' });
}

/** The second click of a double click shows the result of the first. Otherwise it is too late. */
function undoIsOver(exchange: Exchange, subscriber: SubscriberHead, nonce: string | undefined): void {
  const done = undoingOf(subscriber, nonce)?.nonce;
  if (done) return leadTo(exchange, { done });
  sendMessage(exchange.deps, exchange.response, tooLatePage(exchange.link), 410);
}

async function giveReason(exchange: Exchange, { reason, of }: Form): Promise<void> {
  const { deps, link } = exchange;
  if (reason && of && saveOf(link.subscriber, of)) {
    const { unitId, typeId = null } = link.claims;
    const said = { _id: of, unitId, typeId, reason, at: deps.clock() };
    await writing(() => recordReason(deps.models.unsubscribeReasons, said));
  }
  leadTo(exchange, { done: of ?? '', ...(reason ? { thanks: markOf(exchange, 'thanks') } : {}) });
}

function newNonce(): string {
  return newId();
}

/** For an act that leaves no save to name: the page shows its result for some minutes, and only with this mark. */
function markOf({ deps, link }: Exchange, name: 'already' | 'thanks'): string {
  return saidMark(saidContext(deps, ''), paths.unsubscribe(link.token), name);
}

function changesBy({ claims: { unitId } }: Link, outcomes: Outcome[]): SaveChange[] {
  const { typeId } = { typeId: undefined, ...outcomes[0]?.wish };
  return typeId === undefined ? [{ what: 'ALL', unitId }] : [{ what: 'TYPE', typeId, outcome: 'OFF' }];
}

/** A link that staff revoked cannot opt in, not even by Undo. */
function mayUndo(link: Link, save: LastSave, now: Date): boolean {
  const isOver = now.getTime() - save.at.getTime() >= undoableMs;
  return link.isFresh && !isOver && undoWishes(link.subscriber, save, { ...link, now }).length > 0;
}

function leadTo({ link, request, response }: Exchange, query: Record<string, string>): void {
  response.redirect(303, withLocale(paths.unsubscribe(link.token), request.query['lang'], query));
}

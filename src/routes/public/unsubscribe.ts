/** "Unsubscribe" in a footer: `GET` says what would stop, `POST` stops it, offers Undo, and only then asks for a reason. */
import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { changeConsent, type Outcome } from '../../domain/consent/change.js';
import { writing } from '../../domain/consent/durability.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { reasons, recordReason } from '../../models/unsubscribe-reason.js';
import type { SaveChange } from '../../models/subscriber.js';
import { paths, patterns } from '../../paths.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import { withLocale } from './frame.js';
import { openLink, type OpenedLink } from './link.js';
import { restoredBy, saveOf, undoWishes, undoingOf } from './notice.js';
import { linkCircumstances, optOutByLink } from './opt-out.js';
import { undoPage } from './undo-page.js';
import { askPage, donePage, tooLatePage, unsubscribedNames } from './unsubscribe-pages.js';
import type { Visits } from './visits.js';
import { shownWording, withWording } from '../../domain/wordings/wording.js';

type Link = OpenedLink<'unsubscribe'>;

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
    const context = { lang, now: deps.clock() };
    const said = saidContext(deps, '');
    const page =
      save || saidName(said, request, done) === 'already'
        ? donePage(link, save, {
            ...context,
            mayUndo: save !== null && mayUndo(link, save, deps.clock()),
            hasReason: saidName(said, request, thanks) === 'thanks',
          })
        : withWording(askPage(link, context));
    response.send(deps.views.page('message', page));
  };
  router.get(patterns.oneClick, show('o'));
  router.get(patterns.unsubscribe, show('u'));
  router.post(patterns.unsubscribe, async (request, response) => {
    const link = await openLink(deps, 'unsubscribe', request);
    const body = await formOf(request, response);
    const posted = fields.safeParse(body);
    // A broken form must never lose an opt-out. Any other broken form is refused.
    const wanted: Form = posted.success ? posted.data : {};
    if (!posted.success && ('undo' in Object(body) || 'of' in Object(body)))
      throw new DomainError('INVALID_FORM');
    if (wanted.undo !== undefined) return undo(deps, visits, link, wanted, request, response);
    if (wanted.of !== undefined) return giveReason(deps, link, wanted, request, response);
    return unsubscribe(deps, visits, link, wanted, request, response);
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

async function unsubscribe(
  deps: Deps,
  visits: Visits,
  link: Link,
  posted: Form,
  request: Request,
  response: Response,
): Promise<void> {
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
  leadTo(link, request, response, { done: nonce ?? markOf(deps, link, 'already') });
}

async function undo(
  deps: Deps,
  visits: Visits,
  link: Link,
  posted: Form,
  request: Request,
  response: Response,
): Promise<void> {
  const save = saveOf(link.subscriber, posted.undo);
  if (!save || !mayUndo(link, save, deps.clock())) {
    const done = undoingOf(link.subscriber, posted.undo)?.nonce;
    if (done) return leadTo(link, request, response, { done });
    response.status(410).send(deps.views.page('message', tooLatePage(link)));
    return;
  }
  const wishes = undoWishes(link.subscriber, save, { ...link, now: deps.clock() });
  const hasBeenAsked = posted.asked !== undefined;
  const action = withLocale(paths.unsubscribe(link.token), request.query['lang']);
  const page = undoPage(link, unsubscribedNames(link), { action, nonce: save.nonce, hasBeenAsked });
  if (posted.sure === undefined) {
    response.status(hasBeenAsked ? 422 : 200).send(deps.views.page('message', withWording(page)));
    return;
  }
  const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
  // The link alone can only opt out. Undo is an act of the contact who has just seen the answer and ticked the box.
  const result = await changeConsent(deps, {
    subscriberId: link.claims.subscriberId,
    channel: link.subscriber.channel,
    actor: { kind: 'CONTACT', isLinkFresh: link.isFresh, ref: 'undo' },
    wishes,
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
  if (result.events.length === 0) {
    const done = undoingOf(result.subscriber, posted.undo)?.nonce;
    if (done) return leadTo(link, request, response, { done });
    response.status(410).send(deps.views.page('message', tooLatePage(link)));
    return;
  }
  leadTo(link, request, response, { done: result.subscriber.lastSave?.nonce ?? '' });
}

async function giveReason(
  deps: Deps,
  link: Link,
  posted: Form,
  request: Request,
  response: Response,
): Promise<void> {
  const { reason, of } = posted;
  if (reason && of && saveOf(link.subscriber, of)) {
    const { unitId, typeId } = link.claims;
    await writing(() =>
      recordReason(deps.models.unsubscribeReasons, {
        _id: of,
        unitId,
        typeId: typeId ?? null,
        reason,
        at: deps.clock(),
      }),
    );
  }
  leadTo(link, request, response, {
    done: of ?? '',
    ...(reason ? { thanks: markOf(deps, link, 'thanks') } : {}),
  });
}

function newNonce(): string {
  return randomBytes(9).toString('base64url');
}

/** For an act that leaves no save to name: the page shows its result for some minutes, and only with this mark. */
function markOf(deps: Deps, { token }: Link, name: 'already' | 'thanks'): string {
  return saidMark(saidContext(deps, ''), paths.unsubscribe(token), name);
}

function changesBy({ claims: { unitId } }: Link, outcomes: Outcome[]): SaveChange[] {
  const { typeId } = { typeId: undefined, ...outcomes[0]?.wish };
  return typeId === undefined ? [{ what: 'ALL', unitId }] : [{ what: 'TYPE', typeId, outcome: 'OFF' }];
}

function mayUndo(link: Link, save: NonNullable<ReturnType<typeof saveOf>>, now: Date): boolean {
  // A link that staff revoked cannot opt in, not even by Undo.
  if (!link.isFresh) return false;
  return (
    now.getTime() - save.at.getTime() < undoableMs &&
    undoWishes(link.subscriber, save, { ...link, now }).length > 0
  );
}

function leadTo(link: Link, request: Request, response: Response, query: Record<string, string>): void {
  response.redirect(303, withLocale(paths.unsubscribe(link.token), request.query['lang'], query));
}

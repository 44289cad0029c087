/**
 * Confirming a pending opt-in (double opt-in), or that mail is welcome after a complaint: `GET /c/:token` asks, `POST` confirms once the box is
 * ticked.
 */
import express, { type Router } from 'express';
import { noteClearing } from '../../domain/bounces/note-clearing.js';
import { changeConsent, refusalOf } from '../../domain/consent/change.js';
import { effectiveStatus } from '../../domain/consent/effective.js';
import type { Deps } from '../../deps.js';
import { complaintOf } from '../../mail/complaint-link.js';
import { paths, patterns } from '../../paths.js';
import type { MessagePage } from '../../views/public-pages.js';
import { messageOf, sendMessage, withLocale } from './frame.js';
import { chosenLocale, contactOf, openLink, type OpenedLink } from './link.js';
import { typeNames, unitName } from '../../domain/wordings/naming.js';
import { linkCircumstances } from './opt-out.js';
import type { Visits } from './visits.js';
import { shownWording, withWording } from '../../domain/wordings/wording.js';

type Link = OpenedLink<'confirm'>;

export function confirmRoutes(deps: Deps, visits: Visits, form: express.RequestHandler): Router {
  const router = express.Router();
  router.get(patterns.confirm, async (request, response) => {
    const link = await openLink(deps, 'confirm', request);
    visits.noteOpened(request, link.claims.subscriberId, 'c');
    const page = pageOf(link, { lang: request.query['lang'], lacksTick: false });
    sendMessage(deps, response, withWording(page));
  });
  router.post(patterns.confirm, form, async (request, response) => {
    const link = await openLink(deps, 'confirm', request);
    const lang = request.query['lang'];
    // A scanner that submits forms does not tick boxes. So no form opts anyone in without a tick.
    const isTicked = Object(request.body)['sure'] === 'yes';
    const complaint = complaintOf(link.claims.pendingId);
    const isAsked = complaint === null ? waitingOf(link) !== undefined : isComplaint(link, complaint);
    if (!isTicked && isAsked && link.isFresh)
      return sendMessage(deps, response, withWording(pageOf(link, { lang, lacksTick: true })), 422);
    const page = pageOf(link, { lang, lacksTick: false });
    const shown = { page, locale: link.words.locale };
    const isMachine = visits.isMachineLike(request, link.claims.subscriberId);
    if (complaint !== null && isAsked && link.isFresh) await noteClearing(deps, link.claims.subscriberId);
    const result = await changeConsent(deps, {
      subscriberId: link.claims.subscriberId,
      channel: link.subscriber.channel,
      actor: contactOf(link),
      linkEpoch: link.claims.epoch,
      ...chosenLocale(link, request),
      wishes: [
        complaint === null
          ? { kind: 'CONFIRM', pendingId: link.claims.pendingId }
          : { kind: 'CLEAR_UNDELIVERABLE', seq: complaint },
      ],
      circumstances: {
        ...linkCircumstances({}, request.get('user-agent'), isMachine),
        ...(await shownWording(deps, Object(request.body)['wording'], shown)),
        locale: link.words.locale,
        ...(complaint === null ? { legalBasis: 'CONSENT_WITH_NOTICE' } : {}),
      },
    });
    if (refusalOf(result)) return sendMessage(deps, response, pastPage(link), 410);
    response.redirect(303, withLocale(paths.confirm(link.token), lang));
  });
  return router;
}

function waitingOf(link: Link) {
  return link.subscriber.pending.find(({ id }) => id === link.claims.pendingId);
}

function pageOf(link: Link, { lang, lacksTick }: { lang: unknown; lacksTick: boolean }): MessagePage {
  const { words, catalogue, unit } = link;
  const complaint = complaintOf(link.claims.pendingId);
  if (complaint !== null) return complaintPage(link, complaint, { lang, lacksTick });
  const wish = waitingOf(link);
  const action = paths.confirm(link.token);
  // A contact who has opted out again since must not read that the type is on.
  const isOn = wish?.typeIds.some((id) => {
    const type = catalogue.types.get(id);
    return type && effectiveStatus(link.subscriber, type).status === 'SUBSCRIBED';
  });
  if (wish?.confirmedAt && link.isFresh && isOn) {
    return messageOf(link, action, {
      tone: 'good',
      heading: words.t('confirmedHeading'),
      sentences: [words.t('confirmedText')],
      // This link shows no preferences, so a contact who changes their mind requests another by mail.
      links: [{ href: paths.find(), text: words.t('findLink') }],
    });
  }
  if (!wish || wish.confirmedAt || !link.isFresh) return pastPage(link);
  const names = typeNames(catalogue, wish.typeIds, words.locale);
  const values = { names: words.list(names), count: names.length, unit: unitName(unit, words.locale) };
  return messageOf(link, action, {
    tone: 'plain',
    heading: words.t('confirmHeading'),
    sentences: [words.t('confirmText', values)],
    faults: lacksTick ? [{ text: words.t('tickNeeded'), href: '#sure' }] : [],
    forms: [sureForm(withLocale(action, lang), words, 'confirmTick')],
  });
}

function isComplaint({ subscriber: { undeliverable } }: Link, seq: number): boolean {
  return undeliverable?.reason === 'COMPLAINT' && undeliverable.seq === seq;
}

/** Asks a contact who complained whether mail is welcome again. */
function complaintPage(
  link: Link,
  seq: number,
  { lang, lacksTick }: { lang: unknown; lacksTick: boolean },
): MessagePage {
  const { words, unit, subscriber } = link;
  const action = paths.confirm(link.token);
  if (link.isFresh && !subscriber.undeliverable)
    return messageOf(link, action, {
      tone: 'good',
      heading: words.t('clearedHeading'),
      sentences: [words.t('clearedText')],
      links: [{ href: paths.find(), text: words.t('findLink') }],
    });
  if (!link.isFresh || !isComplaint(link, seq)) return pastPage(link);
  return messageOf(link, action, {
    tone: 'plain',
    heading: words.t('clearHeading'),
    sentences: [words.t('clearText', { unit: unitName(unit, words.locale) })],
    faults: lacksTick ? [{ text: words.t('tickNeeded'), href: '#sure' }] : [],
    forms: [sureForm(withLocale(action, lang), words, 'clearTick')],
  });
}

/** A button that works once its box is ticked. */
function sureForm(
  action: string,
  { t }: Link['words'],
  tick: 'confirmTick' | 'clearTick',
): MessagePage['forms'][number] {
  return {
    action,
    hidden: [],
    button: t('confirmButton'),
    look: 'main',
    tick: [{ name: 'sure', label: t(tick), isRequired: true }],
  };
}

function pastPage(link: Link): MessagePage {
  const { t } = link.words;
  const isUsed = waitingOf(link)?.confirmedAt && link.isFresh;
  return messageOf(link, paths.confirm(link.token), {
    tone: 'warn',
    heading: t(isUsed ? 'confirmUsedHeading' : 'confirmExpiredHeading'),
    sentences: [
      t(
        complaintOf(link.claims.pendingId) !== null
          ? 'clearExpiredText'
          : isUsed
            ? 'confirmUsedText'
            : 'confirmExpiredText',
      ),
    ],
    links: [{ href: paths.find(), text: t('findLink') }],
  });
}

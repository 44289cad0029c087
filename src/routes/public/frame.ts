/** The frame around every page: language, brand, stylesheets. */
import type { Response } from 'express';
import type { BusinessUnit, Catalogue } from '../../vocabulary/terms.js';
import { paths } from '../../paths.js';
import { locales } from '../../vocabulary/locales.js';
import type { Views, Words } from '../../views/contract.js';
import type { Frame, MessagePage, UnitFace } from '../../views/public-pages.js';
import { languageNames } from '../../vocabulary/locales.js';
import { unitIn } from '../../domain/wordings/naming.js';

/** The brand and the language of a page. */
export interface Speaker {
  words: Words;
  catalogue?: Catalogue;
  unit?: BusinessUnit;
}

/** The languages in the switch: one frozen list per language, which the views render once and cache. */
const languageChoices = new Map(
  locales.map((current) => [
    current,
    Object.freeze(locales.map((code) => ({ code, name: languageNames[code], isCurrent: code === current }))),
  ]),
);

/** The frame of a page. `title` is already in the reader's language; `action` is the target of the language switch. */
export function frameOf(speaker: Speaker, title: string, action: string, shown: BusinessUnit[] = []): Frame {
  const { words, unit, catalogue } = speaker;
  const units = new Set([...(unit ? [unit] : []), ...shown]);
  return {
    locale: words.locale,
    direction: words.direction,
    title,
    copy: words.copy,
    ...(unit && {
      unit: {
        ...faceOf(unit, words.locale, catalogue?.revision),
        postalAddress: unitIn(unit, words.locale).postalAddress,
        privacyPolicyUrl: unit.privacyPolicyUrl,
      },
    }),
    brandStyles: [...units].map(({ id }) => paths.brandStyle(id, catalogue?.revision ?? '')),
    languages: languageChoices.get(words.locale) ?? [],
    languageAction: action,
  };
}

/** @param revision of the catalogue, under which its logo is cached for a year */
export function faceOf(unit: BusinessUnit, locale: string, revision = ''): UnitFace {
  const { name } = unitIn(unit, locale);
  return {
    id: unit.id,
    name,
    initial: [...name][0]?.toUpperCase() ?? '',
    ...(unit.logo ? { logoUrl: paths.brandLogo(unit.id, revision) } : {}),
  };
}

/** A page with one message. */
export function messageOf(
  speaker: Speaker,
  action: string,
  says: Pick<MessagePage, 'heading' | 'sentences'> & Partial<MessagePage>,
): MessagePage {
  return {
    ...frameOf(speaker, says.heading, action),
    tone: 'plain',
    faults: [],
    forms: [],
    links: [],
    ...says,
  };
}

/** Answers with a page with one message. */
export function sendMessage(
  { views }: { views: Views },
  response: Response,
  page: MessagePage,
  status = 200,
): void {
  response.status(status).send(views.page('message', page));
}

/** Adds the chosen language to a path, if one was chosen on the page. */
export function withLocale(path: string, chosen: unknown, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    ...(typeof chosen === 'string' ? { lang: chosen.slice(0, 10) } : {}),
    ...more,
  });
  return query.size > 0 ? `${path}?${query}` : path;
}

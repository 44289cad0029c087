/**
 * The exact wording of a page, and its hash, which events name. The wording of the preference page is stored before a page shows it, others with the
 * act.
 */
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { isConfirmable } from '../consent/decide-opt-in.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';
import type { Logger } from '../../log.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { WordingDocument } from '../../models/wording.js';
import { locales, type Locale } from '../../vocabulary/locales.js';
import type { MessagePage } from '../../views/public-pages.js';
import { wordsFor } from '../../views/words.js';
import { publicTypes, typeIn, unitIn } from './naming.js';
import { stillArrives } from './still-arrives.js';

/** Stores one wording, so that events can name it. */
export type KeepWording = (wording: Wording, locale: string) => Promise<void>;

export interface Wording {
  hash: string;
  text: string;
}

const kept = new WeakMap<Catalogue, Map<string, Wording>>();

/** The wording of a channel's page in one language: hash and text, computed once a catalogue. */
export function wordingOf(catalogue: Catalogue, channel: Channel, locale: Locale): Wording {
  const known = kept.get(catalogue) ?? new Map<string, Wording>();
  kept.set(catalogue, known);
  const key = `${channel}:${locale}`;
  const found = known.get(key) ?? make(catalogue, channel, locale);
  known.set(key, found);
  return found;
}

function make(catalogue: Catalogue, channel: Channel, locale: Locale): Wording {
  const words = wordsFor(locale);
  const { copy, t } = words;
  const types = publicTypes(catalogue, channel);
  const units = [...catalogue.units.values()].filter((unit) =>
    types.some(({ unitId }) => unitId === unit.id),
  );
  const text = JSON.stringify({
    heading: copy['heading'],
    hint: copy['saveHint'],
    save: copy['save'],
    isPrivacyMode: catalogue.isPrivacyMode,
    units: units.map((unit) => ({
      id: unit.id,
      name: unitIn(unit, locale).name,
      stop: t('stopUnit', { unit: unitIn(unit, locale).name }),
      types: types
        .filter(({ unitId }) => unitId === unit.id)
        .map((type) => ({
          id: type.id,
          ...typeIn(type, locale),
          ...(isConfirmable(type, catalogue) ? {} : { notOffered: copy['notOffered'] }),
        })),
    })),
    stopAll: copy['stopAllBrands'],
    stillArrives: stillArrives(catalogue, { channel, unitId: null }, words),
  });
  return wordingOfText(text);
}

function wordingOfText(text: string): Wording {
  return { hash: createHash('sha256').update(text).digest('base64url'), text };
}

/** The text that a person reads before pressing the only button of a page. */
export type Worded = Pick<MessagePage, 'heading' | 'sentences'> & {
  forms: Pick<MessagePage['forms'][number], 'lead' | 'tick' | 'button' | 'choices'>[];
};

/** The wording of such a page: its heading, sentences, check boxes, and buttons. Faults are not part of it. */
export function pageWording({ heading, sentences, forms }: Worded): Wording {
  return wordingOfText(
    JSON.stringify({
      heading,
      sentences,
      forms: forms.map(({ lead, tick, button, choices }) => ({
        lead,
        ticks: tick?.map(({ label }) => label),
        choices: choices && { legend: choices.legend, options: choices.options.map(({ label }) => label) },
        button,
      })),
    }),
  );
}

/** The page, with the hash of its wording in each of its forms. */
export function withWording(page: MessagePage): MessagePage {
  const wording = { name: 'wording', value: pageWording(page).hash };
  return { ...page, forms: page.forms.map((form) => ({ ...form, hidden: [...form.hidden, wording] })) };
}

/**
 * The wording that an act names. The page is built again from the current state, and its hash is used only if the form sent the same one. Otherwise
 * the act names no wording. It never fails for that.
 */
export async function shownWording(
  deps: { keepWording: KeepWording; log: Logger },
  posted: unknown,
  { page, locale }: { page: Worded; locale: string },
): Promise<{ wording?: string }> {
  const wording = pageWording(page);
  if (posted !== wording.hash) return {};
  try {
    await deps.keepWording(wording, locale);
    return { wording: wording.hash };
  } catch (err) {
    deps.log.warn({ err }, 'wording not kept');
    return {};
  }
}

/** How many stored hashes a process remembers. */
const mostRemembered = 5000;

/** Makes the function that stores one wording, once. */
export function singleWordingKeeper(models: Pick<Models, 'wordings'>): KeepWording {
  const remembered = new Set<string>();
  return async ({ hash, text }, locale) => {
    if (remembered.has(hash)) return;
    await store(models, new Map([[hash, { _id: hash, locale, text }]]));
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.add(hash);
  };
}

/**
 * Makes the function that stores every wording that pages of a catalogue can show, once per catalogue; known ones are not stored again. A server
 * calls it before it listens and after every change of the catalogue. A save calls it before it names a wording. No page does.
 */
export function wordingKeeper(models: Pick<Models, 'wordings'>): (catalogue: Catalogue) => Promise<void> {
  let keptRevision: string | null = null;
  return async (catalogue) => {
    if (catalogue.revision === keptRevision) return;
    await store(models, wordingsOf(catalogue));
    keptRevision = catalogue.revision;
  };
}

function wordingsOf(catalogue: Catalogue): Map<string, WordingDocument> {
  const wordings = new Map<string, WordingDocument>();
  for (const channel of new Set(catalogue.orderedTypes.map((type) => type.channel))) {
    for (const locale of locales) {
      const { hash, text } = wordingOf(catalogue, channel, locale);
      wordings.set(hash, { _id: hash, locale, text });
    }
  }
  return wordings;
}

async function store(
  models: Pick<Models, 'wordings'>,
  wordings: Map<string, WordingDocument>,
): Promise<void> {
  const known = await models.wordings
    .find({ _id: mongoose.trusted({ $in: [...wordings.keys()] }) }, { _id: 1 })
    .lean();
  for (const { _id } of known) wordings.delete(_id);
  if (wordings.size === 0) return;
  try {
    await models.wordings.insertMany([...wordings.values()], { ordered: false });
  } catch (error) {
    // Another process with the same catalogue was faster.
    if (!isDuplicateKey(error)) throw error;
  }
}

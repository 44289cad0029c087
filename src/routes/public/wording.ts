/** The exact wording of the preference page, and its hash: kept once, before any page shows it, so that events can name it. */
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Catalogue, Channel } from '../../domain/consent/terms.js';
import { isDuplicateKey } from '../../domain/consent/durability.js';
import type { Models } from '../../models/index.js';
import type { WordingDocument } from '../../models/wording.js';
import { locales } from '../../views/contract.js';
import type { Locale } from '../../views/contract.js';
import { wordsFor } from '../../views/words.js';
import { publicTypes, typeIn, unitIn } from './naming.js';

interface Wording {
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
  const { copy, t } = wordsFor(locale);
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
        .map((type) => ({ id: type.id, ...typeIn(type, locale) })),
    })),
    stopAll: copy['stopAllBrands'],
    stillArrives: copy['stillArrives'],
  });
  return { hash: createHash('sha256').update(text).digest('base64url'), text };
}

/**
 * Makes the function that stores every wording that pages of a catalogue can show; once for each catalogue, and those known already are
 * left alone. A server calls it before it listens and whenever the catalogue has changed, and a save before it names a wording: no page does.
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
    // Another process of the same catalogue was quicker.
    if (!isDuplicateKey(error)) throw error;
  }
}

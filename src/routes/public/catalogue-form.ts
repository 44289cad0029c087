/** Reads the form of the preference page, whose size follows from the number of types that a page may show. */
import express from 'express';
import type { RequestHandler } from 'express';
import type { Deps } from '../../deps.js';

/** For everything but the types, and for types that another process knows and this one does not yet. */
const base = { bytes: 60_000, fields: 2000 };
/** Of one type: its state, its switch and its pause, percent-encoded, with the largest id. */
const ofEachType = { bytes: 64, fields: 2 };

/** @returns a handler that reads a form, or answers 413 to one that is larger than any page of this catalogue makes */
export function catalogueForm(deps: Pick<Deps, 'catalogue'>): RequestHandler {
  const parsers = new Map<number, RequestHandler>();
  const parserFor = (types: number) => {
    const known = parsers.get(types);
    if (known) return known;
    const parser = express.urlencoded({
      extended: false,
      limit: base.bytes + types * ofEachType.bytes,
      parameterLimit: base.fields + types * ofEachType.fields,
    });
    parsers.clear();
    parsers.set(types, parser);
    return parser;
  };
  return async (request, response, next) => {
    const { types } = await deps.catalogue();
    parserFor(types.size)(request, response, next);
  };
}

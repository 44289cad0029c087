/** Reads the form of the preference page, whose size depends on the number of types on the page. */
import express, { type RequestHandler } from 'express';
import type { Deps } from '../../deps.js';

/** For everything except the types, and for types that another process already knows. */
const base = { bytes: 60_000, fields: 2000 };
/** For one type: its state, switch and pause, percent-encoded, with the largest id. */
const ofEachType = { bytes: 64, fields: 2 };

/** @returns a handler that reads a form, or answers 413 if it is larger than any page of this catalogue allows */
export function catalogueForm(deps: Pick<Deps, 'catalogue'>): RequestHandler {
  return async (request, response, next) => {
    const { types } = await deps.catalogue();
    const parse = express.urlencoded({
      extended: false,
      limit: base.bytes + types.size * ofEachType.bytes,
      parameterLimit: base.fields + types.size * ofEachType.fields,
    });
    parse(request, response, next);
  };
}

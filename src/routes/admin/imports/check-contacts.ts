/** Takes the sent columns of a contact import, and starts its check. */
import { isDeepStrictEqual } from 'node:util';
import type { Deps } from '../../../deps.js';
import { mappableOf } from '../../../domain/imports/contact-choice.js';
import { changeImport, checkImport, inspectImport } from '../../../domain/imports/start.js';
import type { Import } from '../../../models/import.js';
import { textOf, type FieldFault } from '../form.js';
import type { Texts } from '../kit/fields.js';
import type { Ask } from '../route.js';
import { defineNew, readChoice, textsOfForm } from './contact-choice-form.js';
import { faultOf } from './page-fault.js';

/** @returns the typed values with their faults; null if the check has begun */
export async function checkContacts(
  deps: Deps,
  ask: Ask,
  one: Import,
): Promise<{ texts?: Texts; faults: FieldFault[] } | null> {
  const which = { id: one._id, scope: ask.scope };
  // The button that repeats a cancelled check sends no columns.
  if (textOf(ask.request, 'dateOrder', 10) === '') {
    const fault = await faultOf(() => checkImport(deps, which));
    return fault && { faults: [fault] };
  }
  const [{ guess }, known] = await Promise.all([inspectImport(deps, one), mappableOf(deps, one)]);
  const texts = textsOfForm(ask, guess);
  const { choice, news, faults } = readChoice(ask, texts, guess, known);
  if (faults.length > 0) return { texts, faults };
  // The choice comes first: a choice that is refused leaves no properties behind.
  const refused = await faultOf(async () => {
    // A check of the same choice counts still.
    if (!isDeepStrictEqual(choice, one.choice?.contacts))
      await changeImport(deps, which, { choice: { contacts: choice } });
  });
  const fault =
    refused ?? (await defineNew(deps, ask, news)) ?? (await faultOf(() => checkImport(deps, which)));
  return fault && { texts, faults: [fault] };
}

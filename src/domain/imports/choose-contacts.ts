/** The choice of a contact import by names of columns, as the API and the command line make it. */
import { DomainError } from '../../errors.js';
import type { ListGuess } from '../../list-files/contract.js';
import type { ContactChoice } from '../../models/contact-import.js';
import type { Import } from '../../models/import.js';
import type { GivenContactChoice } from './contact-choice.js';
import { targetOf } from './contact-columns.js';
import type { ImportDeps, WhichImport } from './contract.js';
import { requireImport } from './find.js';
import { changeImport, columnNamed, inspectImport } from './start.js';

/**
 * Chooses what is given; the rest stays as it is proposed.
 * @param columns the place of each column by the column's name, such as `{ "E-post": "email" }`; other columns are not imported
 * @throws DomainError `INVALID_FILE` with the names of the columns for an unknown one; `INVALID_FORM` for an unknown place; those of `changeImport`
 */
export async function chooseContacts(
  deps: ImportDeps,
  which: WhichImport,
  choice: Omit<GivenContactChoice, 'columns'>,
  columns?: Readonly<Record<string, string>>,
): Promise<Import> {
  const { guess } = await inspectImport(deps, await requireImport(deps, which));
  const contacts = { ...choice, ...(columns ? { columns: placed(guess, columns) } : {}) };
  return changeImport(deps, which, { choice: { contacts } });
}

function placed(guess: ListGuess, columns: Readonly<Record<string, string>>): ContactChoice['columns'] {
  return Object.entries(columns).map(([name, place]) => {
    const to = targetOf(place);
    if (!to)
      throw new DomainError(
        'INVALID_FORM',
        `A column cannot be mapped to “${place}”. Use a field, “units”, “property:<name>” or “subscription:<type id>”.`,
      );
    return { index: columnNamed(guess, name).index, to };
  });
}

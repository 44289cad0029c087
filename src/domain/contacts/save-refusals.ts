/** Why a contact is not saved: a code for programs, and faults for the form. */
import type { Contact } from '../../models/contact.js';
import { isAnyInScope, isInScope, type Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { Claim } from './claims.js';
import { identityFields, identityIsShared, readContactForm } from './contact-form.js';
import type { ContactDetails, ContactFault, ContactForm } from './contact-form.js';
import { isWhollyInScope } from './read.js';
import { displayName } from './words.js';

export type SaveRefusal =
  | 'INVALID_FORM'
  | 'NOT_FOUND'
  /** Somebody else changed the contact since the form was filled. */
  | 'STALE'
  /** Name, e-mail or phone of a contact that also has units out of reach. */
  | 'IDENTITY_SHARED'
  | 'ADDRESS_TAKEN'
  /** Somebody is saving a contact with the address at this moment. */
  | 'ADDRESS_BUSY';

/** `faults` say what is wrong with the form, for people. */
export interface RefusedContact {
  code: SaveRefusal;
  faults: ContactFault[];
}

/**
 * What saving a form would write to a contact, or why it is refused. Nothing is read or written, so addresses of other contacts are not noticed.
 * @param before the contact as it is; for a new one its blank
 */
export function readDetails(
  {
    scope,
    catalogue,
  }: { scope: Scope; catalogue: Pick<Catalogue, 'units' | 'defaultCountry' | 'properties'> },
  form: ContactForm,
  before: Contact,
): { details: ContactDetails } | RefusedContact {
  const unitsBeyond = before.unitIds.filter((id) => !isInScope(scope, id));
  const read = readContactForm(form, { catalogue, scope, unitsBeyond, properties: before.properties });
  if ('faults' in read) return { code: 'INVALID_FORM', faults: read.faults };
  if (!isWhollyInScope(scope, before)) {
    const [field] = identityFields.filter((name) => before[name] !== read.details[name]);
    if (field) return { code: 'IDENTITY_SHARED', faults: [{ field, message: identityIsShared }] };
  }
  return read;
}

/** Why a contact does not get its addresses: one fault for each field. */
export function refusalOf(claims: readonly Claim[], scope: Scope): RefusedContact {
  const faults = claims.flatMap((claim) => faultOf(claim, scope)).filter(isFirstOfItsField);
  const isTaken = claims.some(({ kind }) => kind === 'TAKEN');
  return { code: isTaken ? 'ADDRESS_TAKEN' : 'ADDRESS_BUSY', faults };
}

function faultOf(claim: Claim, scope: Scope): ContactFault[] {
  if (claim.kind === 'MINE' || claim.kind === 'LATER') return [];
  const [field, what] =
    claim.channel === 'EMAIL' ? (['email', 'e-mail address'] as const) : (['phone', 'phone number'] as const);
  if (claim.kind === 'BUSY')
    return [
      {
        field,
        message: `Somebody is saving a contact with this ${what} just now. Try again in half a minute.`,
      },
    ];
  const message = `There is a contact with this ${what} already`;
  // Of a contact outside the scope nothing is said: not its name, and not that it is of another unit.
  if (!isAnyInScope(scope, claim.by.unitIds)) return [{ field, message: `${message}.` }];
  const name = displayName(claim.by);
  return [{ field, message: `${message}${name ? `: ${name}` : ''}.`, contactId: claim.by._id }];
}

/** A phone number is refused for both its channels; once is enough. */
function isFirstOfItsField(fault: ContactFault, at: number, all: ContactFault[]): boolean {
  return all.findIndex(({ field }) => field === fault.field) === at;
}

/** A page that asks before something is done with a contact, and the fields that such pages share. */
import type { Response } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import { longestExplanation } from '../../../domain/contacts/bulk/bulk-edit.js';
import { figure } from '../../../vocabulary/words.js';
import type { Deps } from '../../../deps.js';
import type { ActField, AdminContactActPage } from '../../../views/admin-record-pages.js';
import { adminFrame } from '../frame.js';
import type { FieldFault } from '../form.js';
import type { Ask } from '../route.js';
import { basisOptions } from '../options.js';
import type { OpenedRecord } from './open-record.js';

/** What differs from page to page. */
export type ActParts = Pick<AdminContactActPage, 'heading'> &
  Partial<Pick<AdminContactActPage, 'sentences' | 'stands' | 'form' | 'links'>> & {
    title: string;
    faults?: FieldFault[];
  };

/** The page of one act on one record. */
export function actPage(ask: Ask, { id, name }: OpenedRecord, parts: ActParts): AdminContactActPage {
  return {
    ...adminFrame(ask, 'contacts', parts.title),
    sentences: [],
    stands: [],
    links: [],
    crumbs: [
      { href: adminPaths.contacts(), label: 'Contacts' },
      { href: adminPaths.contact(id), label: name },
    ],
    cancelUrl: adminPaths.contact(id),
    ...parts,
    faults: parts.faults ?? [],
  };
}

/** Shows the page: with 422 where something on it is to be mended. */
export function sendAct(deps: Deps, response: Response, page: AdminContactActPage): void {
  response.status(statusOf(page)).send(deps.views.page('admin-contact-act', page));
}

/** 422 where something is to be mended, 200 otherwise. */
export function statusOf({ faults }: { faults: readonly unknown[] }): number {
  return faults.length > 0 ? 422 : 200;
}

const isAt = (faults: readonly FieldFault[], id: string) => faults.some(({ href }) => href === `#${id}`);

/** Legal basis for communication. */
export function basisField(
  value: string,
  faults: readonly FieldFault[],
  { isRequired, hint }: { isRequired: boolean; hint?: string },
): ActField {
  return {
    kind: 'select',
    id: 'legal-basis',
    name: 'legalBasis',
    label: 'Legal basis for communication',
    ...(hint ? { hint } : {}),
    choices: basisOptions(value, isRequired ? 'Choose…' : 'None'),
    isRequired,
    isInvalid: isAt(faults, 'legal-basis'),
  };
}

export function explanationField(value: string, faults: readonly FieldFault[], hint: string): ActField {
  return {
    kind: 'area',
    id: 'explanation',
    name: 'explanation',
    label: 'Explanation',
    hint,
    value,
    isRequired: true,
    isInvalid: isAt(faults, 'explanation'),
  };
}

/** Asked for where the contact has none yet. */
export function processingField(value: string): ActField {
  return {
    kind: 'select',
    id: 'processing-basis',
    name: 'processingBasis',
    label: 'Legal basis for processing',
    hint: 'For keeping and using this contact’s data. None has been given yet.',
    choices: basisOptions(value, 'Not now'),
    isRequired: false,
    isInvalid: false,
  };
}

/** What is wrong with an explanation; empty if nothing is. */
export function explanationFaults(explanation: string): FieldFault[] {
  const href = '#explanation';
  if (!explanation) return [{ text: 'Say why: the explanation is kept with the change.', href }];
  if (explanation.length <= longestExplanation) return [];
  return [
    {
      text: `The explanation has ${figure(explanation.length)} characters, and at most ${figure(longestExplanation)} are kept. Shorten it.`,
      href,
    },
  ];
}

export const basisMissing: FieldFault = { text: 'Choose a legal basis.', href: '#legal-basis' };
export const choiceMissing: FieldFault = { text: 'Choose at least one.', href: '#types' };

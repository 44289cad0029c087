/** Faults of a form: sentences that link to their fields, from the schema and from concurrent changes. */
import type { z } from 'zod';
import { saidOf } from '../../../domain/catalogue/fields.js';
import { faultSentence } from '../../../vocabulary/fault-words.js';
import type { FieldFault } from '../form.js';
import { linesOf, plansIn, type FieldPlan, type GroupPlan, type Texts } from './fields.js';

/** One fault per field, since correcting one field is one step. */
export function faultsOf(error: z.ZodError, groups: readonly GroupPlan[]): FieldFault[] {
  const faults = error.issues.map((issue) => {
    const [first = '', locale, part] = issue.path.map(String);
    const name = first === 'translations' && locale && part ? `${part}.${locale}` : first;
    return { text: faultSentence(labelOf(groups, name), saidOf(issue)), href: `#${name}` };
  });
  return faults.filter(({ href }, at) => faults.findIndex((fault) => fault.href === href) === at);
}

function labelOf(groups: readonly GroupPlan[], name: string): string {
  const plan = plansIn(groups).find((one) => one.name === name);
  return plan?.short ?? plan?.label ?? name;
}

/** For a form that was changed by another user in the meantime: each field whose stored value differs from the typed one. */
export function staleFaults(groups: readonly GroupPlan[], typed: Texts, stored: Texts): FieldFault[] {
  const differing = plansIn(groups).filter(
    ({ kind, name }) => kind !== 'file' && name in stored && (typed[name] ?? '') !== (stored[name] ?? ''),
  );
  return [
    {
      text: 'Another user changed this in the meantime, so nothing was saved. Your values are kept below. If you save again, they replace the other user’s values.',
      href: '',
    },
    ...differing.map((plan) => ({
      text: `${labelOf(groups, plan.name)} ${nowOf(plan, stored[plan.name] ?? '')}.`,
      href: `#${plan.name}`,
    })),
  ];
}

function nowOf({ kind, options = [] }: FieldPlan, text: string): string {
  if (kind === 'tick') return text === 'yes' ? 'is now on' : 'is now off';
  if (text === '') return 'is now empty';
  const labels = linesOf(text.replaceAll('\t', ': ')).map(
    (one) => options.find(({ value }) => value === one)?.label ?? one,
  );
  return `is now “${labels.join(', ')}”`;
}

/** Pages for visitors who have not signed in: one short form in the middle. */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Deps } from '../../../deps.js';
import type { AdminNotice } from '../../../views/admin-frame.js';
import type { FormView, Panel } from '../../../views/admin-form-page.js';
import type { FieldFault } from '../form.js';
import { outsideFrame } from '../frame.js';
import { faultsOf } from './faults.js';
import { groupOf, textsIn, valuesOf, type GroupPlan, type Texts } from './fields.js';

export interface Door {
  title: string;
  heading?: string;
  lead?: string;
  notice?: AdminNotice;
  /** The first one contains the form whose faults are shown. */
  panels: Panel[];
  faults?: FieldFault[];
  status?: number;
}

export function sendDoor(deps: Pick<Deps, 'views'>, response: Response, door: Door): void {
  const {
    title,
    heading = title,
    notice,
    faults = [],
    status = faults.length > 0 ? 422 : 200,
    ...shown
  } = door;
  response.status(status).send(
    deps.views.page('admin-form', {
      ...outsideFrame(title),
      ...shown,
      ...(notice ? { notice } : {}),
      heading,
      crumbs: [],
      isNarrow: false,
      isDoor: true,
      faults,
    }),
  );
}

export function doorForm(
  groups: readonly GroupPlan[],
  { texts, faults }: { texts: Texts; faults: readonly FieldFault[] },
  view: Pick<FormView, 'action' | 'button'> & Partial<FormView>,
): FormView {
  const shown = groups.map((group) => groupOf(group, texts, faults));
  return { hidden: [], look: 'main', isReadOnly: false, hasFile: false, ...view, groups: shown };
}

/** Checks a form that was sent. */
export async function checkDoor<Values>(
  request: Request,
  groups: readonly GroupPlan[],
  schemaOf: (texts: Texts) => z.ZodType<Values>,
): Promise<{ texts: Texts } & ({ values: Values } | { faults: FieldFault[] })> {
  const texts = textsIn(request, groups, {});
  const checked = await schemaOf(texts).safeParseAsync(valuesOf(request, groups, texts), {
    reportInput: true,
  });
  return {
    texts,
    ...(checked.success ? { values: checked.data } : { faults: faultsOf(checked.error, groups) }),
  };
}

/** Enrols contacts in workflows: those that start to meet a trigger, and those to whom its event happens. It also takes out those that leave. */
import { refreshContacts } from '../../domain/contacts/project.js';
import { enrolling } from '../../models/workflow.js';
import mongoose from 'mongoose';
import type { Follower } from '../contract.js';
import { contactsBehind } from './facets.js';

export const workflowsFollower: Follower = {
  name: 'workflows',
  async follow(deps, entries) {
    const states = mongoose.trusted({ $in: [...enrolling] });
    if (!(await deps.models.workflows.exists({ state: states }))) return;
    // Triggers read the facets, and the follower that updates them may be behind this one.
    const behind = await contactsBehind(deps, entries);
    if (behind.length > 0) await refreshContacts(deps, behind);
    const { evaluateEntries } = await import('../../domain/workflows/evaluate.js');
    await evaluateEntries(deps, entries);
  },
};

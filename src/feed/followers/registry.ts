/** The followers of the change feed: one file and one line each. */
import type { Follower } from '../contract.js';
import { countsFollower } from './counts.js';
import { facetsFollower } from './facets.js';
import { workflowsFollower } from './workflows.js';

export const followers: readonly Follower[] = [countsFollower, facetsFollower, workflowsFollower];

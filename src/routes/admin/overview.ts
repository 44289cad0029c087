/** The overview: what a member of the staff sees first. */
import { adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { adminFrame } from './frame.js';
import type { AdminRoute } from './route.js';

export function overviewRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.overview,
      may: 'overview.read',
      about: 'nothing',
      handle: (ask, response) =>
        void response.send(deps.views.page('admin-overview', adminFrame(ask, 'overview', 'Overview'))),
    },
  ];
}

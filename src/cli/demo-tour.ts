/** `sayso demo --tour`: goes through the running portal by itself and tells each step. A part of the tour is one file and one line here. */
import { adminPaths } from '../admin-paths.js';
import { makeDemoStaff } from '../seed/demo-staff.js';
import type { Portal } from '../server.js';
import { tourApi } from './demo-tour-api.js';
import { browserAt } from './demo-tour-browser.js';
import { failTour } from './demo-tour-pages.js';
import { tourLists } from './demo-tour-lists.js';
import { tourMarketing } from './demo-tour-marketing.js';
import type { Tour, TourPart } from './demo-tour-part.js';
import { tourPreferences } from './demo-tour-preferences.js';
import { tourSource } from './demo-tour-source.js';
import { tourStaff } from './demo-tour-staff.js';
import { tourWorkflow } from './demo-tour-workflow.js';

const parts: readonly TourPart[] = [
  tourPreferences,
  tourStaff,
  tourLists,
  tourSource,
  tourWorkflow,
  tourMarketing,
  tourApi,
];

/** @throws DomainError `TOUR_FAILED` at the first unexpected result */
export async function takeTour({ deps, url }: Portal, say: (sentence: string) => void): Promise<void> {
  const staff = await makeDemoStaff(deps);
  const mark = String(deps.clock().getTime());
  let steps = 0;
  say('');
  const tour: Tour = {
    ...{ deps, url, mark },
    tell: (sentence) => say(`${(steps += 1)}. ${sentence}`),
    addressOf: (name) => `${name}-${mark}@example.com`,
    async signIn(role) {
      const { name, email, password } =
        staff.find((one) => one.role === role && !one.unit) ?? failTour(`there is no ${role} user`);
      const browser = browserAt(url);
      await browser.post(adminPaths.signIn(), { email, password });
      return { name, browser };
    },
  };
  for (const part of parts) await part(tour);
}

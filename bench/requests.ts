/** Requests that are sent once each: pages, saves that alter two types, and one-clicks, each by its own link. */
import type { Deps } from '../src/deps.js';
import { paths } from '../src/paths.js';
import type { LoadJob } from './load.js';
import type { Person } from './open.js';
import { acts, types } from './world.js';
import { userAgent } from './writes.js';

export const sceneNames = ['page', 'save', 'oneClick'] as const;
export type SceneName = (typeof sceneNames)[number];

type Requests = LoadJob['requests'];

const headers = { 'user-agent': userAgent };
const formHeaders = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };

/**
 * @param form the hidden fields of a page that the portal served
 * @returns one request for each person
 */
export async function requestsOf(
  deps: Deps,
  scene: SceneName,
  people: Person[],
  form: Record<string, string>,
): Promise<Requests> {
  const requests: Requests = [];
  for (let first = 0; first < people.length; first += 500) {
    const batch = people.slice(first, first + 500);
    requests.push(...(await Promise.all(batch.map((person) => requestOf(deps, scene, person, form)))));
  }
  return requests;
}

async function requestOf(
  deps: Deps,
  scene: SceneName,
  { id: subscriberId }: Person,
  form: Record<string, string>,
): Promise<Requests[number]> {
  const [type] = acts.oneClick.off;
  const claims = { subscriberId, unitId: type.unitId, typeId: type.id, epoch: 0 };
  if (scene === 'oneClick') {
    const token = await deps.tokens.mint('unsubscribe', claims, deps.clock());
    const body = 'List-Unsubscribe=One-Click';
    return { method: 'POST', path: paths.oneClick(token), headers: formHeaders, body };
  }
  const path = paths.preferences(await deps.tokens.mint('preferences', claims, deps.clock()));
  if (scene === 'page') return { method: 'GET', path, headers };
  return { method: 'POST', path, headers: formHeaders, body: saveBody(form) };
}

/** The form as a browser sends it: what is ticked, and what the page showed. */
function saveBody(form: Record<string, string>): string {
  const on = new Set(
    (form['shown'] ?? '')
      .split(',')
      .flatMap((pair) => (pair.endsWith(':1') ? [Number(pair.slice(0, -2))] : [])),
  );
  for (const { id } of acts.save.off) on.delete(id);
  for (const { id } of acts.save.on) on.add(id);
  const ticked = types.filter(({ id }) => on.has(id)).map(({ id }): [string, string] => [`type-${id}`, 'on']);
  return new URLSearchParams([...Object.entries(form), ...ticked]).toString();
}

/** The hidden fields of a served preference page. */
export function hiddenFieldsOf(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="(shown|wording|renderedAt)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}

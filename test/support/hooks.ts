/** An endpoint of a mail provider in a test portal, and calls of its URL. */
import { changeEndpoint, createEndpoint, findEndpoint } from '../../src/domain/bounces/endpoints.js';
import { decideEligibility } from '../../src/domain/consent/eligibility.js';
import { paths } from '../../src/paths.js';
import type { TestPortal } from './app.js';
import { northwind, trailNotes } from './people.js';

export interface TestEndpoint {
  id: string;
  path: string;
  /** Posts a body to the URL. @returns the status and the answer */
  call: (
    body: string | Buffer | FormData | URLSearchParams,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; text: string }>;
  counts: () => Promise<Partial<Record<string, number>>>;
}

export async function endpointOf(
  portal: TestPortal,
  provider: string,
  secrets: { key?: string; topics?: string[] } = {},
): Promise<TestEndpoint> {
  const { deps } = portal;
  const id = await createEndpoint(deps, { provider, unitId: northwind.id, by: 'user:test' });
  const { topics = [], ...key } = secrets;
  await changeEndpoint(deps, { id, version: 1 }, { ...key, topics });
  const found = await findEndpoint(deps, id, null);
  const path = paths.hook(provider, id, found?.opened.secret ?? '');
  return {
    id,
    path,
    call: (body, headers = {}) => post(portal, path, body, headers),
    counts: async () => (await deps.models.reportEndpoints.findById(id).lean())?.counts ?? {},
  };
}

export async function post(
  { url }: TestPortal,
  path: string,
  body: string | Buffer | FormData | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers,
    body: typeof body === 'string' || !Buffer.isBuffer(body) ? body : new Uint8Array(body),
  });
  return { status: response.status, text: await response.text() };
}

/** What is known of an address: why it cannot receive, its opt-outs, and whether it may be mailed. */
export async function stateOf(portal: TestPortal, address: string) {
  const head = await portal.subscriberOf({ address }).catch(() => null);
  const { isEligible, rule } = decideEligibility(
    head,
    trailNotes,
    { purpose: 'TRANSACTIONAL', now: portal.deps.clock() },
    await portal.deps.catalogue(),
  );
  return {
    cannot: head?.undeliverable?.reason ?? null,
    says: head?.undeliverable?.explanation ?? null,
    outOfUnit: head?.optOuts.units[northwind.id]?.map(({ by, ref }) => `${by} ${ref ?? ''}`) ?? [],
    outOfType: head?.optOuts.types[trailNotes.id]?.map(({ by }) => by) ?? [],
    mayReceive: isEligible,
    rule,
  };
}

/** HubSpot's communication preferences v4: statuses of one address or of many, opt-outs of all, and links. */
import type { Deps } from '../../../deps.js';
import { isCoveredByAll } from '../../../domain/consent/effective.js';
import { mintLink } from '../../../domain/links/mint-links.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { DomainError } from '../../../errors.js';
import { knownLocale, type Locale } from '../../../vocabulary/locales.js';
import type { Catalogue, Channel } from '../../../vocabulary/terms.js';
import type { Answer, Handler } from '../operation.js';
import { allOf, changeStatuses, optOutOfAll } from './change-statuses.js';
import { complete } from './envelope.js';
import { batchError, refusedStatus } from './refuse.js';
import type { LinkWish, PartialChange, StatusChange } from './status-shapes.js';
import { addressOf, catalogueOf, findAsked, type Asked } from './subscribers.js';
import { publicStatus, publicStatuses, typesOf, wideStatuses } from './statuses.js';

interface Query {
  channel: Channel;
  businessUnitId?: number | undefined;
  verbose?: boolean | undefined;
}
interface OfOne {
  params: { subscriberIdString: string };
  query: Query;
}
interface OfMany {
  query: Query;
  body: { inputs: readonly string[] };
}

/** Statuses of one address for every type of the business units asked for. */
export const showStatuses: Handler<OfOne> = async (deps, caller, { params, query }) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const asked = await findOne(deps, { text: params.subscriberIdString, channel: query.channel }, catalogue);
  return { body: complete(deps, startedAt, publicStatuses(asked, catalogue, startedAt), []) };
};

/** Changes one status. */
export const changeStatus: Handler<{ params: OfOne['params']; body: PartialChange }> = async (
  deps,
  caller,
  { params, body },
) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller);
  const [changed] = await changeStatuses(deps, { caller, version: 4, catalogue }, [{ ...body, ...params }]);
  if (!changed || 'error' in changed) throw changed?.error;
  const { asked, type, reason } = changed;
  return { body: complete(deps, startedAt, [publicStatus(asked, type, startedAt, reason)], []) };
};

/** The opt-outs of all of one address. */
export const showOptOutsOfAll: Handler<OfOne> = async (deps, caller, { params, query }) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const asked = await findOne(deps, { text: params.subscriberIdString, channel: query.channel }, catalogue);
  return { body: complete(deps, startedAt, wideStatuses(asked, catalogue), []) };
};

/** Opts one address out of all. */
export const unsubscribeAll: Handler<OfOne> = async (deps, caller, { params, query }) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const one = addressOf(deps, { channel: query.channel, text: params.subscriberIdString }, catalogue);
  const done = await optOutOfAll(deps, caller, {
    asked: [one],
    unitIds: allOf(caller, query.businessUnitId),
  });
  const results = query.verbose ? done.flatMap((each) => optedOutStatuses(each, catalogue, startedAt)) : [];
  return { body: complete(deps, startedAt, results, []) };
};

/** Statuses of many addresses, in one query. An invalid address is an error of its own. */
export const showManyStatuses: Handler<OfMany> = async (deps, caller, input) => {
  return showMany(deps, caller, input, (asked, catalogue, now) => ({
    subscriberIdString: asked.text,
    statuses: publicStatuses(asked, catalogue, now),
  }));
};

/** The opt-outs of all of many addresses, in the same way. */
export const showManyOptOutsOfAll: Handler<OfMany> = async (deps, caller, input) => {
  return showMany(deps, caller, input, (asked, catalogue) => ({
    subscriberIdString: asked.text,
    wideStatuses: wideStatuses(asked, catalogue),
  }));
};

/** Opts many addresses out of all. Always 200: the errors of single addresses are inside. */
export const unsubscribeAllOfMany: Handler<OfMany> = async (deps, caller, { query, body }) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const { valid, errors } = readAll(deps, query.channel, body.inputs, catalogue);
  const unitIds = allOf(caller, query.businessUnitId);
  const done = await optOutOfAll(deps, caller, { asked: valid, unitIds });
  const results = done.map((each) => ({
    subscriberIdString: each.asked.text,
    statuses: query.verbose ? optedOutStatuses(each, catalogue, startedAt) : [],
  }));
  return { body: complete(deps, startedAt, results, errors) };
};

/** Changes many statuses. Always 200: the errors of single changes are inside. */
export const changeManyStatuses: Handler<{ body: { inputs: readonly StatusChange[] } }> = async (
  deps,
  caller,
  { body },
) => {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller);
  const changes = await changeStatuses(deps, { caller, version: 4, catalogue }, body.inputs);
  const errors: object[] = [];
  const results = changes.flatMap((one, at) => {
    if (!('error' in one)) return [publicStatus(one.asked, one.type, startedAt, one.reason)];
    const { subscriberIdString = '', subscriptionId } = body.inputs[at] ?? {};
    const context = { subscriberIdString: [subscriberIdString], subscriptionId: [String(subscriptionId)] };
    errors.push(batchError(one.error, context));
    return [];
  });
  return { body: complete(deps, startedAt, results, errors) };
};

/** Links to the pages of one address. An unknown language falls back to that of the contact or the business unit. */
export const generateLinks: Handler<{ query: Query; body: LinkWish }> = async (
  deps,
  caller,
  { query, body },
) => {
  const { subscriberIdString, subscriptionId } = body;
  const { types, units } = await catalogueOf(deps, caller, query.businessUnitId);
  const type = types.get(subscriptionId ?? -1);
  if (typeof subscriptionId === 'number' && !type)
    throw refusedStatus('UNKNOWN_TYPE', { address: subscriberIdString, typeId: subscriptionId });
  const [first = 0] = units.keys();
  const locale = localeOf(body.language);
  const wish = {
    ...{ address: subscriberIdString, channel: query.channel },
    unitId: query.businessUnitId ?? type?.unitId ?? first,
    ...(type ? { typeId: type.id } : {}),
    ...(locale ? { locale } : {}),
  };
  const links = await mintLink(deps, wish).catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.code !== 'TYPE_ARCHIVED') throw error;
    throw refusedStatus('TYPE_ARCHIVED', { address: subscriberIdString, typeId: type?.id ?? 0 });
  });
  const { managePreferencesUrl, unsubscribeAllUrl, unsubscribeSingleUrl = null } = links;
  return { body: { subscriberIdString, managePreferencesUrl, unsubscribeAllUrl, unsubscribeSingleUrl } };
};

/** The language of the pages for a code such as `de` or `de-AT`. */
export function localeOf(code: string | null | undefined): Locale | undefined {
  const [primary = ''] = (code ?? '').toLowerCase().split(/[-_]/);
  return knownLocale(primary === 'no' ? 'nb' : primary);
}

async function findOne(
  deps: Deps,
  wanted: { text: string; channel: Channel },
  catalogue: Catalogue,
): Promise<Asked> {
  const one = addressOf(deps, wanted, catalogue);
  const [asked] = await findAsked(deps, [one]);
  return asked ?? { ...one, head: null };
}

function readAll(deps: Deps, channel: Channel, texts: readonly string[], catalogue: Catalogue) {
  const errors: object[] = [];
  const valid = texts.flatMap((text) => {
    try {
      return [addressOf(deps, { channel, text }, catalogue)];
    } catch (error) {
      errors.push(batchError(error, { subscriberIdString: [text] }));
      return [];
    }
  });
  return { valid, errors };
}

async function showMany(
  deps: Deps,
  caller: ApiCaller,
  { query, body }: OfMany,
  show: (asked: Asked, catalogue: Catalogue, now: Date) => object,
): Promise<Answer> {
  const startedAt = deps.clock();
  const catalogue = await catalogueOf(deps, caller, query.businessUnitId);
  const { valid, errors } = readAll(deps, query.channel, body.inputs, catalogue);
  const found = await findAsked(deps, valid);
  const results = found.map((asked) => show(asked, catalogue, startedAt));
  if (errors.length === 0) return { body: complete(deps, startedAt, results) };
  return { status: 207, body: complete(deps, startedAt, results, errors) };
}

function optedOutStatuses(
  { asked, isChanged }: { asked: Asked; isChanged: boolean },
  { orderedTypes }: Catalogue,
  now: Date,
): object[] {
  const reason = isChanged ? 'UNSUBSCRIBE_FROM_ALL_OCCURRED' : 'NO_STATUS_CHANGE';
  const covered = typesOf(asked, orderedTypes).filter(isCoveredByAll);
  return covered.map((type) => publicStatus(asked, type, now, reason));
}

/** The tab History: every event of a contact's addresses, newest first, with actor, basis and the wording that was shown. Also as a file. */
import { cursorIn, cursorText } from '../../../cursor.js';
import { trusted } from 'mongoose';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { newestEvents, eventPlace, readEventsPage } from '../../../domain/consent/newest-events.js';
import type { EventPlace, WantedEvents } from '../../../domain/consent/newest-events.js';
import type { Catalogue, ConsentEvent } from '../../../vocabulary/terms.js';
import { eventsOfRecord } from '../../../domain/contacts/history.js';
import { findActors, whoActed, type DoerOf } from '../../../domain/staff/names.js';
import type { Deps } from '../../../deps.js';
import type { WordingDocument } from '../../../models/wording.js';
import type { HistoryLine, WordingPart } from '../../../views/admin-record-pages.js';
import { sendCsv } from '../csv-file.js';
import { queryOf, textOf } from '../form.js';
import { get, post, type StaffRoute, type Ask } from '../route.js';
import { basisNames, channelNames, languageOf, momentOf } from '../../../vocabulary/words.js';
import { noteAct } from './act.js';
import { changeSentence, typeName, unitName } from './event-words.js';
import { filterBy, filterOf, openRecord, type OpenedRecord, type RecordFilter } from './open-record.js';
import { recordFrame } from './record-frame.js';
import { wordingParts } from './wording-parts.js';

const pageSize = 50;

export function historyRoutes(deps: Deps): StaffRoute[] {
  return [
    get(adminPatterns.contactHistory, { may: 'contacts.read', about: 'contact' }, async (ask, response) => {
      const record = await openRecord(deps, ask);
      const filter = filterOf(ask, record);
      const before = cursorIn(queryOf(ask.request, 'before'), eventPlace);
      const wanted = wantedOf(ask, record, filter, before);
      const { events, next } = await readEventsPage(deps.models, wanted, pageSize);
      const id = record.id;
      const query = { unit: filter.unitId ?? undefined, channel: filter.channel ?? undefined };
      response.send(
        deps.views.page('admin-contact-history', {
          ...recordFrame(ask, record, filter, 'history'),
          events: await linesOf(deps, record, events),
          fileAction: adminPaths.contactHistoryFile(id),
          fileFields: Object.entries(query).map(([name, value]) => ({ name, value: String(value ?? '') })),
          hasPages: before !== null || next !== null,
          ...(before ? { newerUrl: adminPaths.contactHistory(id, query) } : {}),
          ...(next && { olderUrl: adminPaths.contactHistory(id, { ...query, before: cursorText(next) }) }),
        }),
      );
    }),
    // A form and not a link, since the download adds an entry to the audit log.
    post(
      adminPatterns.contactHistoryFile,
      { may: 'contacts.read', about: 'contact' },
      async (ask, response) => {
        const record = await openRecord(deps, ask);
        const { request } = ask;
        const filter = filterBy(record, textOf(request, 'unit', 20), textOf(request, 'channel', 20));
        await noteAct(deps, ask, record, 'EXPORTED', { unitId: filter.unitId, detail: 'history' });
        const events = newestEvents(deps.models, wantedOf(ask, record, filter, null));
        await sendCsv(response, 'history.csv', columns, rowsOf(deps, events, record.catalogue));
      },
    ),
  ];
}

function wantedOf(
  { scope }: Ask,
  { channels: addresses }: OpenedRecord,
  filter: RecordFilter,
  before: EventPlace | null,
): WantedEvents {
  return eventsOfRecord({ scope, addresses, before, ...filter });
}

async function linesOf(
  deps: Deps,
  { catalogue, scope }: OpenedRecord,
  events: ConsentEvent[],
): Promise<HistoryLine[]> {
  const hashes = [...new Set(events.flatMap(({ wording }) => wording ?? []))];
  const [doerOf, wordings] = await Promise.all([
    findActors(deps, events),
    hashes.length === 0
      ? []
      : deps.models.wordings.find({ _id: trusted({ $in: hashes }) }).lean<WordingDocument[]>(),
  ]);
  // Many events have the same wording, so each is parsed once.
  const parts = new Map(
    wordings.map(({ _id, text }): [string, WordingPart[]] => [_id, wordingParts(text, scope)]),
  );
  return events.map((event) => lineOf(event, catalogue, doerOf, parts));
}

function lineOf(
  event: ConsentEvent,
  catalogue: Catalogue,
  doerOf: DoerOf,
  parts: ReadonlyMap<string, WordingPart[]>,
): HistoryLine {
  const wording = event.wording === undefined ? undefined : parts.get(event.wording);
  return {
    what: changeSentence(event.change, catalogue),
    channel: channelNames[event.channel],
    when: momentOf(event.at, catalogue.timeZone),
    isoTime: event.at.toISOString(),
    by: whoActed(event, doerOf),
    more: [
      ...(event.legalBasis ? [basisNames[event.legalBasis]] : []),
      ...(event.consentedAt ? [`consented ${momentOf(event.consentedAt, catalogue.timeZone)}`] : []),
      ...(event.change.op === 'STATUS' ? [unitName(catalogue, event.change.unitId)] : []),
      ...(event.locale ? [`page in ${languageOf(event.locale)}`] : []),
      ...(event.campaign ? [`campaign ${event.campaign}`] : []),
    ],
    ...(event.detail?.explanation ? { explanation: event.detail.explanation } : {}),
    isMachine: event.isMachine === true,
    ...(wording && wording.length > 0 ? { wording } : {}),
  };
}

const columns = [
  'at',
  'channel',
  'businessUnit',
  'type',
  'what',
  'by',
  'legalBasis',
  'explanation',
  'consentedAt',
  'language',
  'campaign',
  'lookedLikeMachine',
  'wording',
  'number',
] as const;

async function* rowsOf(
  deps: Deps,
  events: AsyncIterable<ConsentEvent>,
  catalogue: Catalogue,
): AsyncGenerator<string[]> {
  for await (const batch of inBatches(events)) {
    const doerOf = await findActors(deps, batch);
    for (const event of batch) {
      const row = rowOf(event, catalogue, doerOf);
      yield columns.map((column) => row[column]);
    }
  }
}

/** Groups events, so that the people behind them are looked up together. */
async function* inBatches(events: AsyncIterable<ConsentEvent>): AsyncGenerator<ConsentEvent[]> {
  let batch: ConsentEvent[] = [];
  for await (const event of events) {
    batch.push(event);
    if (batch.length < 200) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function rowOf(
  event: ConsentEvent,
  catalogue: Catalogue,
  doerOf: DoerOf,
): Record<(typeof columns)[number], string> {
  const { change } = event;
  return {
    at: event.at.toISOString(),
    channel: event.channel,
    businessUnit: unitName(catalogue, change.unitId),
    type: change.typeId === null ? '' : typeName(catalogue, change.typeId),
    what: changeSentence(change, catalogue),
    by: whoActed(event, doerOf),
    legalBasis: event.legalBasis ?? '',
    explanation: event.detail?.explanation ?? '',
    consentedAt: event.consentedAt?.toISOString() ?? '',
    language: event.locale ?? '',
    campaign: event.campaign ?? '',
    lookedLikeMachine: event.isMachine ? 'yes' : '',
    wording: event.wording ?? '',
    number: String(event.seq),
  };
}

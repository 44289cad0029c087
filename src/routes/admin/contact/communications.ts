/** A call or a one-to-one mail to a contact that opted out of all: the legal basis of this one communication, recorded before it is made. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { refusalOf } from '../../../domain/consent/change.js';
import type { DoerOf } from '../../../domain/staff/names.js';
import { DomainError } from '../../../errors.js';
import type { PersonalPurpose } from '../../../vocabulary/terms.js';
import { wholeOf } from '../form.js';
import { declareForm } from '../kit/form.js';
import type { FilterOption } from '../kit/list-page.js';
import type { StaffRoute } from '../route.js';
import { act, noteAct, type Reasons } from './act.js';
import { actRoutes, basisField, basisSchema, explanationField, explanationSchema } from './act-page.js';
import { overriding, type ActPage } from './act-page.js';
import { channelMatter, unitAndAddress } from './event-words.js';
import { whyNot } from './offered.js';
import { channelOf, doersOf, openForAct, optOutsOfAll, type OpenedRecord } from './open-record.js';
import { saidByAll, whatOf } from './record-page.js';

interface Communication {
  record: OpenedRecord;
  doerOf: DoerOf;
}

const purposes = [
  { value: 'CALL', label: 'A call' },
  { value: 'ONE_TO_ONE', label: 'A one-to-one mail or message' },
] as const satisfies (FilterOption & { value: PersonalPurpose })[];

const communicationForm = declareForm<Communication, Reasons & { purpose: PersonalPurpose; about: string }>({
  ...overriding,
  pattern: adminPatterns.communications,
  groups: ({ record }) => [
    {
      fields: [
        { kind: 'radios', name: 'purpose', label: 'What is it?', options: purposes },
        { kind: 'radios', name: 'about', label: 'For which business unit?', options: choicesOf(record) },
        basisField(true),
        explanationField('What is it about, and why may they be reached?'),
      ],
    },
  ],
  texts: ({ record }) => ({ purpose: 'CALL', about: choicesOf(record)[0]?.value ?? '' }),
  button: 'Record',
  schema: () =>
    z.object({
      purpose: z.enum(
        purposes.map(({ value }) => value),
        'Choose what it is.',
      ),
      about: z.string().min(1, 'Choose for which business unit.'),
      legalBasis: basisSchema(true),
      explanation: explanationSchema,
    }),
  save: async ({ deps, ask, subject: { record }, values: { purpose, about, ...reasons } }) => {
    const [channel = '', unit = ''] = about.split(':');
    const unitId = wholeOf(unit);
    if (unitId === null || !record.catalogue.units.has(unitId)) throw new DomainError('NOT_FOUND');
    const one = channelOf(record, channel);
    const wishes = [{ kind: 'RECORD_COMMUNICATION' as const, unitId, purpose }];
    const done = await act(deps, ask, { record, one }, { wishes, reasons });
    const refusal = done.kind === 'DONE' ? refusalOf(done.result) : null;
    if (refusal) return { faults: [{ text: whyNot(refusal, []), href: '#about' }] };
    const isRecorded = done.kind === 'DONE' && done.result.events.length > 0;
    if (isRecorded)
      await noteAct(deps, ask, record, 'OVERRIDE_MADE', { unitId, detail: 'RECORD_COMMUNICATION' });
    return { to: adminPaths.contact(record.id), said: isRecorded ? 'communicated' : 'needless' };
  },
});

export function communicationRoutes(deps: Deps): StaffRoute[] {
  return actRoutes(deps, communicationForm, {
    load: async (_deps, ask) => {
      const record = await openForAct(deps, ask);
      return { record, doerOf: await doersOf(deps, record) };
    },
    show: pageOf,
  });
}

function pageOf({ record, doerOf }: Communication): ActPage {
  const isOffered = choicesOf(record).length > 0;
  return {
    title: 'Call or one-to-one mail',
    heading: `Reach ${record.name} this once?`,
    isOffered,
    sentences: [
      isOffered
        ? 'A person who opted out of all may be reached only with a legal basis for this one time. It changes no subscription.'
        : 'They did not opt out of all, so no legal basis is needed for this.',
    ],
    points: record.channels.flatMap((one) =>
      optOutsOfAll(record, one).map(({ unitId, optOuts }) => ({
        tone: 'plain' as const,
        text: `Opted out of ${whatOf({ unitId, typeId: null }, record)} (${channelMatter[one.channel]}). ${saidByAll(record, one, optOuts, doerOf)}`,
      })),
    ),
  };
}

/** Each address and unit with an opt-out of all: `EMAIL:0`. */
function choicesOf(record: OpenedRecord): FilterOption[] {
  return record.channels.flatMap((one) => {
    const all = optOutsOfAll(record, one);
    const isOfAccount = all.some(({ unitId }) => unitId === null);
    const unitIds = isOfAccount ? [...record.catalogue.units.keys()] : all.map(({ unitId }) => unitId);
    return unitIds.map((unitId) => ({
      value: `${one.channel}:${unitId}`,
      label: unitAndAddress(record.catalogue, unitId, one),
    }));
  });
}

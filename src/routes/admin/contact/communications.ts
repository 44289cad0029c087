/** A call or a one-to-one mail to somebody who opted out of all: the legal basis of this one communication, recorded before it is made. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { PersonalPurpose, Wish } from '../../../vocabulary/terms.js';
import { refusalOf } from '../../../domain/consent/change.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import { textOf, wholeOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { act, legalBasisOf, noReasons, noteAct, reasonsOf, type Reasons } from './act.js';
import {
  actPage,
  basisField,
  basisMissing,
  explanationField,
  explanationFaults,
  sendAct,
} from './act-page.js';
import { channelMatter, unitAndAddress, unitName } from './event-words.js';
import { whyNot } from './offered.js';
import { channelOf, openForAct, doersOf, optOutsOfAll, type OpenedRecord } from './open-record.js';
import { saidByAll } from './record-page.js';

const purposes: Readonly<Record<PersonalPurpose, string>> = {
  CALL: 'A call',
  ONE_TO_ONE: 'A one-to-one mail or message',
};

interface Draft {
  purpose: string;
  /** `EMAIL:0`: address and unit. */
  about: string;
  reasons: Reasons;
  faults: FieldFault[];
}

export function communicationRoutes(deps: Deps): StaffRoute[] {
  const rule = { path: adminPatterns.communications, may: 'overrides.make', about: 'contact' } as const;
  return [
    {
      ...rule,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openForAct(deps, ask);
        const about = choicesOf(record)[0]?.value ?? '';
        await show(deps, ask, response, record, { purpose: 'CALL', about, reasons: noReasons, faults: [] });
      },
    },
    {
      ...rule,
      method: 'POST',
      handle: (ask, response) => record(deps, ask, response),
      showAgain: async (ask, response) =>
        show(deps, ask, response, await openForAct(deps, ask), { ...draftOf(ask), faults: [] }),
    },
  ];
}

/** Each address and unit with an opt-out of all. */
function choicesOf(of: OpenedRecord): { value: string; label: string }[] {
  return of.channels.flatMap((one) => {
    const all = optOutsOfAll(of, one);
    const isPortal = all.some(({ unitId }) => unitId === null);
    const unitIds = isPortal ? [...of.catalogue.units.keys()] : all.map(({ unitId }) => unitId);
    return unitIds.map((unitId) => ({
      value: `${one.channel}:${unitId}`,
      label: unitAndAddress(of.catalogue, unitId, one),
    }));
  });
}

function draftOf(ask: Ask): Omit<Draft, 'faults'> {
  const { request } = ask;
  return {
    purpose: textOf(request, 'purpose', 20),
    about: textOf(request, 'about', 40),
    reasons: reasonsOf(ask),
  };
}

async function record(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const opened = await openForAct(deps, ask);
  const { purpose, about, reasons } = draftOf(ask);
  const known = purpose === 'CALL' || purpose === 'ONE_TO_ONE' ? purpose : null;
  const faults = [
    ...(known ? [] : [{ text: 'Choose what it is.', href: '#purpose' }]),
    ...(about ? [] : [{ text: 'Choose for which business unit.', href: '#about' }]),
    ...(legalBasisOf(reasons.legalBasis) ? [] : [basisMissing]),
    ...explanationFaults(reasons.explanation),
  ];
  const again = (more: FieldFault[]) =>
    show(deps, ask, response, opened, { purpose, about, reasons, faults: more });
  if (!known || faults.length > 0) return again(faults);
  const [channel = '', unit = ''] = about.split(':');
  const unitId = wholeOf(unit);
  if (unitId === null || !opened.catalogue.units.has(unitId)) throw new DomainError('NOT_FOUND');
  const wishes: Wish[] = [{ kind: 'RECORD_COMMUNICATION', unitId, purpose: known }];
  const done = await act(deps, ask, { record: opened, one: channelOf(opened, channel) }, { wishes, reasons });
  if (done.kind === 'MOVED') return again([]);
  const refusal = refusalOf(done.result);
  if (refusal) return again([{ text: whyNot(refusal, []), href: '#about' }]);
  const isRecorded = done.result.events.length > 0;
  if (isRecorded)
    await noteAct(deps, ask, opened, 'OVERRIDE_MADE', { unitId, detail: 'RECORD_COMMUNICATION' });
  const said = isRecorded ? 'communicated' : 'needless';
  response.redirect(303, saying(ask, adminPaths.contact(opened.id), said));
}

async function show(
  deps: Deps,
  ask: Ask,
  response: Response,
  opened: OpenedRecord,
  { purpose, about, reasons, faults }: Draft,
): Promise<void> {
  const choices = choicesOf(opened);
  const doerOf = await doersOf(deps, opened);
  const radios = (id: string, label: string, of: { value: string; label: string }[], chosen: string) => ({
    kind: 'radios' as const,
    id,
    name: id,
    label,
    isInvalid: faults.some(({ href }) => href === `#${id}`),
    choices: of.map((choice) => ({
      ...choice,
      id: `${id}-${choice.value.replace(':', '-')}`,
      isSelected: choice.value === chosen,
    })),
  });
  const page = actPage(ask, opened, {
    title: 'Call or one-to-one mail',
    heading: `Reach ${opened.name} this once?`,
    sentences:
      choices.length > 0
        ? [
            'A person who opted out of all may be reached only with a legal basis for this one time. It changes no subscription.',
          ]
        : ['They did not opt out of all, so no legal basis is needed for this.'],
    stands: opened.channels.flatMap((one) =>
      optOutsOfAll(opened, one).map(({ unitId, optOuts }) => ({
        tone: 'plain' as const,
        text: `Opted out of ${unitId === null ? 'everything' : `all of ${unitName(opened.catalogue, unitId)}`} (${channelMatter[one.channel]}). ${saidByAll(opened, one, optOuts, doerOf)}`,
      })),
    ),
    faults,
    ...(choices.length > 0
      ? {
          form: {
            action: adminPaths.communications(opened.id),
            hidden: [],
            fields: [
              radios(
                'purpose',
                'What is it?',
                Object.entries(purposes).map(([value, label]) => ({ value, label })),
                purpose,
              ),
              radios('about', 'For which business unit?', choices, about),
              basisField(reasons.legalBasis, faults, { isRequired: true }),
              explanationField(reasons.explanation, faults, 'What is it about, and why may they be reached?'),
            ],
            button: 'Record',
            isStop: false,
          },
        }
      : {}),
  });
  sendAct(deps, response, page);
}

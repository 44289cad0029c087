/** The acts of each person of the demonstration world, with their times: `seed` performs them through `changeConsent`. */
import type { ConsentInput } from '../domain/consent/change.js';
import { alice, bob, charlie, dana, erin, fjell, northwind } from './world.js';
import { guestSurvey, offers, productNews, repairReminders, trailNotes, weekendLetters } from './world.js';
import type { Person } from './world.js';

/** One past act of a person: the input of `changeConsent`, and its time. `confirmsPending` confirms the pending opt-in. */
export interface Act extends Pick<ConsentInput, 'actor' | 'circumstances'> {
  at: Date;
  /** E-mail if absent. */
  channel?: 'SMS';
  wishes: ConsentInput['wishes'];
  confirmsPending?: true;
}

const contact = { kind: 'CONTACT', isLinkFresh: true, ref: 'seed' } as const;
const shop = { kind: 'API', version: 4, ref: 'seed-shop', scope: null } as const;
const staff = { kind: 'STAFF', isBulk: false, ref: 'seed-staff', scope: null } as const;
const ticked = {
  legalBasis: 'CONSENT_WITH_NOTICE',
  explanation: 'Ticked the box for letters at the checkout.',
} as const;

const optIn = (...typeIds: number[]) => typeIds.map((typeId) => ({ kind: 'OPT_IN', typeId }) as const);
const on = (day: string) => new Date(`${day}T09:30:00Z`);
const before = (now: Date, hours: number) => new Date(now.getTime() - hours * 3_600_000);

/** Past acts, by person. Only acts that must still be recent today are relative to `now`. */
export function actsOf(person: Person, now: Date): Act[] {
  switch (person) {
    case alice:
      return [
        { at: on('2025-03-14'), actor: contact, wishes: optIn(trailNotes.id, productNews.id) },
        { at: on('2025-05-02'), actor: contact, wishes: optIn(weekendLetters.id) },
        { at: on('2025-05-03'), actor: contact, wishes: [], confirmsPending: true },
        { at: on('2025-06-20'), actor: shop, circumstances: ticked, wishes: optIn(repairReminders.id) },
        {
          at: on('2025-07-01'),
          channel: 'SMS',
          actor: shop,
          circumstances: { ...ticked, explanation: 'Said yes at the reception desk.' },
          wishes: optIn(guestSurvey.id),
        },
        { at: on('2025-08-11'), actor: contact, wishes: [{ kind: 'OPT_OUT', typeId: offers.id }] },
        {
          at: before(now, 48),
          actor: contact,
          wishes: [{ kind: 'SNOOZE', typeId: repairReminders.id, days: 60 }],
        },
      ];
    case bob:
      return [{ at: before(now, 2), actor: contact, wishes: optIn(weekendLetters.id) }];
    case charlie:
      return [
        { at: on('2024-11-05'), actor: shop, circumstances: ticked, wishes: optIn(trailNotes.id, offers.id) },
        {
          at: on('2025-09-01'),
          actor: contact,
          wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }],
        },
      ];
    case dana:
      return [
        { at: on('2025-01-20'), actor: shop, circumstances: ticked, wishes: optIn(trailNotes.id) },
        {
          at: on('2025-07-07'),
          actor: staff,
          circumstances: { explanation: 'Asked on the telephone to get no more letters.' },
          wishes: [
            { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
            { kind: 'OPT_OUT_OF_ALL', unitId: fjell.id },
          ],
        },
      ];
    case erin:
      return [
        { at: on('2025-02-10'), actor: contact, wishes: optIn(trailNotes.id, offers.id) },
        {
          at: on('2025-10-03'),
          actor: { kind: 'SYSTEM', ref: 'seed-bounces' },
          wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }],
        },
      ];
    default:
      return [];
  }
}

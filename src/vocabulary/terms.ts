/** The terms of consent as types: channels, statuses, actors, legal bases, events and the resulting state. It is long because the terms refer to each other. */
import type { CannotReceive } from './bounces.js';
import type { Scope } from './scope.js';
import type { PropertyDefinition } from './properties.js';

export const channels = ['EMAIL', 'WHATSAPP', 'SMS'] as const;
export type Channel = (typeof channels)[number];

export const subscriptionStatuses = ['SUBSCRIBED', 'UNSUBSCRIBED', 'NOT_SPECIFIED'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

export const legalBases = [
  'LEGITIMATE_INTEREST_PQL',
  'LEGITIMATE_INTEREST_CLIENT',
  'LEGITIMATE_INTEREST_OTHER',
  'PERFORMANCE_OF_CONTRACT',
  'CONSENT_WITH_NOTICE',
  'NON_GDPR',
  'PROCESS_AND_STORE',
] as const;
export type LegalBasis = (typeof legalBases)[number];

export const actorKinds = ['CONTACT', 'ONE_CLICK', 'STAFF', 'IMPORT', 'WORKFLOW', 'API', 'SYSTEM'] as const;
export type ActorKind = (typeof actorKinds)[number];

/**
 * The actor of a change. `ref` names the user, key, job, import, workflow run or link; it is never an address. `by` names the user or key that started the
 * job: jobs are deleted after some months, events are not. `scope` is the business units that the actor may change; outside them nothing exists.
 * Bulk work takes time: it never overrides an opt-out that is newer than `decidedAt`, when it was decided on.
 */
export type Actor =
  /** `by` names the user who copied the acting link. */
  | { kind: 'CONTACT'; isLinkFresh: boolean; ref?: string; by?: string }
  | { kind: 'ONE_CLICK'; ref?: string }
  | { kind: 'STAFF'; isBulk: boolean; ref: string; scope: Scope; by?: string; decidedAt?: Date }
  /** `source` names the party, if it is not `ref`. `repeats`: the last list of the source had the address too. `mayOptIn`: an import of contacts. */
  | { kind: 'IMPORT'; ref: string; source?: string; by?: string; repeats?: boolean; mayOptIn?: true }
  | { kind: 'WORKFLOW'; ref: string; scope?: Scope }
  | { kind: 'API'; version: 3 | 4; ref: string; scope: Scope; by?: string; laterConsentAt?: Date }
  | { kind: 'SYSTEM'; ref?: string };

/** Whole days for which a contact may pause a type; 0 resumes it. */
export const snoozeDays = [0, 30, 60, 90] as const;
export type SnoozeDays = (typeof snoozeDays)[number];

/** A communication with one person, which a legal basis may allow once after an opt-out of all. */
export type PersonalPurpose = 'ONE_TO_ONE' | 'CALL';
export type UndeliverableReason = CannotReceive['reason'];

/** A requested change. `unitId: null` in an opt-out of all means portal-wide. */
export type Wish =
  | { kind: 'OPT_IN'; typeId: number }
  | { kind: 'OPT_OUT'; typeId: number }
  | { kind: 'SET_NOT_SPECIFIED'; typeId: number }
  | { kind: 'OPT_OUT_OF_ALL'; unitId: number | null }
  | { kind: 'LIFT_OPT_OUT_OF_ALL'; unitId: number | null }
  | { kind: 'SNOOZE'; typeId: number; days: SnoozeDays }
  | { kind: 'CONFIRM'; pendingId: string }
  | ({ kind: 'MARK_UNDELIVERABLE' } & CannotReceive)
  /** The address can receive again. `seq` is the event of the complaint that the contact's link is about. */
  | { kind: 'CLEAR_UNDELIVERABLE'; seq?: number }
  /** Removes the automated opt-out that event `seq` made. */
  | { kind: 'UNDO_MACHINE_OPT_OUT'; of: OptOutTarget & { seq: number } }
  /** Removes the opt-outs of the import that acts, wherever they are. */
  | { kind: 'UNDO_IMPORT' }
  /** The contact's Undo of its last save, named by the number of its first event. */
  | { kind: 'UNDO_SAVE'; save: number }
  | { kind: 'RECORD_COMMUNICATION'; unitId: number; purpose: PersonalPurpose }
  | { kind: 'REVOKE_LINKS' }
  | { kind: 'ERASE' };

/** Reasons and circumstances: recorded with the events of one act. */
export interface Circumstances {
  legalBasis?: LegalBasis;
  explanation?: string;
  locale?: string;
  /** SHA-256 of the wording on the page (base64url); the wording itself is stored under it. */
  wording?: string;
  userAgent?: string;
  isMachine?: boolean;
  /** Campaign label of the link, if it had one. */
  campaign?: string;
}

/** Actor, time and reason of a subscription or an opt-out. `seq` is the event that made it. */
export interface Standing {
  at: Date;
  by: ActorKind;
  seq: number;
  /** The actor's reference: which user, key, import, run or link. */
  ref?: string;
  isMachine?: boolean;
  legalBasis?: LegalBasis;
  /** Removed by an erasure, like every free text. */
  explanation?: string;
}

/** The party that an opt-out is attributed to (specification "Opt-outs by party"). */
export type Party = 'CONTACT' | 'AUTOMATED' | 'STAFF' | 'API' | 'WORKFLOW' | `IMPORT:${string}`;

/** One party's opt-out of a target: of a type, of all of a unit, or of the account. */
export type OptOut = Standing & { party: Party };

/** The target of an opt-out: a type, all of a unit, or (both ids null) the account. */
export interface OptOutTarget {
  unitId: number | null;
  typeId: number | null;
}

/** The opt-outs of one target, at most one per party; never empty. */
export type OptOutSet = readonly OptOut[];

/** Automated opt-outs in a subscriber's document: the newest time, and `all`, `portal` and the ids of their units. */
export interface MachineMade {
  at: Date;
  of: string[];
}

/** An opt-in that waits for its confirmation (double opt-in). It changes no status. */
export interface PendingWish {
  id: string;
  unitId: number;
  typeIds: number[];
  at: Date;
  expiresAt: Date;
  confirmedAt?: Date;
}

/** One target before a save; a type's has all three. */
export interface TargetState {
  optOuts: OptOutSet | null;
  subscription?: Standing | null;
  snooze?: { at: Date; until: Date } | null;
  ended?: EndedOptOut | null;
}

/** Numbers of events: when an opt-out of a target last ended, and when the contact itself last opted in to the type. */
export interface EndedOptOut {
  out?: number;
  in?: number;
}

export interface UndoableSave {
  /** Number of the save's first event. */
  save: number;
  /** By target: `portal`, `unit:0`, `type:3`. */
  before: Record<string, TargetState>;
}

/** The state of one subscriber, as replaying its history gives it. Keys of records are ids as strings. */
export interface ConsentState {
  /** Of types. A subscription counts again once the type's opt-outs have been removed. */
  subscriptions: Record<string, Standing>;
  /** A target without opt-outs has no set. */
  optOuts: {
    portal: OptOutSet | null;
    units: Record<string, OptOutSet>;
    types: Record<string, OptOutSet>;
  };
  snoozes: Record<string, { at: Date; until: Date }>;
  pending: PendingWish[];
  undeliverable: (Standing & CannotReceive) | null;
  /** The state before the contact's last save, which its Undo restores. Null if there is nothing to undo. */
  undoable: UndoableSave | null;
  /** Opt-outs that ended, by target as in `UndoableSave`. They bind workflows (decision 0722). Absent if there are none. */
  endedOptOuts?: Record<string, EndedOptOut>;
  /** Link epoch: a link with a lower one can only opt out. */
  epoch: number;
  erasedAt: Date | null;
}

/** The part of an event about opt-outs by party. */
export interface OptOutMarks {
  /** The party that opted out. Absent in events from before opt-outs by party: then the actor is the party. */
  party?: Party;
  /** The act removed only this party's entry. */
  removes?: Party;
  /** An opt-in lifted an opt-out of all, and its entries moved down to this target. */
  isMovedDown?: true;
  /** An Undo restored what the contact's last save had changed of this target. */
  isRestored?: true;
  /** Carried over from another spelling of the address: an opt-out that had ended. It changes no status. */
  isEnded?: true;
  /** In older events: the rest of a lifted opt-out of all. It was attributed to the actor. */
  isRemainder?: true;
  /** In older events: an automated opt-out was removed, and another party's remained. */
  isHandedBack?: true;
}

/** The change of an event. `typeId: null` means "all". */
export type Change =
  | ({
      op: 'STATUS';
      unitId: number;
      typeId: number;
      from: SubscriptionStatus;
      to: SubscriptionStatus;
    } & OptOutMarks)
  | ({
      op: 'OPT_OUT_OF_ALL';
      unitId: number | null;
      typeId: null;
      from: boolean;
      to: boolean;
    } & OptOutMarks)
  | ({ op: 'SNOOZE'; unitId: number; typeId: number; from: Date | null; to: Date | null } & Pick<
      OptOutMarks,
      'isRestored'
    >)
  | { op: 'PENDING'; unitId: number; typeId: null; pendingId: string; typeIds: number[]; expiresAt: Date }
  | { op: 'CONFIRMED'; unitId: number; typeId: null; pendingId: string }
  | ({ op: 'UNDELIVERABLE'; unitId: null; typeId: null } & CannotReceive)
  | { op: 'DELIVERABLE'; unitId: null; typeId: null; was: UndeliverableReason }
  | { op: 'ONE_TIME_BASIS'; unitId: number; typeId: null; purpose: PersonalPurpose }
  | { op: 'LINKS_REVOKED'; unitId: null; typeId: null; from: number; to: number }
  | { op: 'ERASED'; unitId: null; typeId: null };

/** The part of an event that may contain personal text. The chain covers its hash, so erasure can remove it. */
export interface EventDetail {
  salt: string;
  explanation?: string;
  userAgent?: string;
}

/** One recorded act. `hash` covers everything except `detail` itself, and `previous` is the hash of the event before. */
export interface ConsentEvent {
  seq: number;
  at: Date;
  channel: Channel;
  actor: { kind: ActorKind; ref?: string; by?: string; isBulk?: boolean };
  change: Change;
  legalBasis?: LegalBasis;
  locale?: string;
  wording?: string;
  campaign?: string;
  isMachine?: boolean;
  /** When the person consented, if an API request said so: evidence of a consent after an opt-out. */
  consentedAt?: Date;
  /** Subscriber id of another spelling of the address, if the act itself is in that history. */
  carriedFrom?: string;
  /** Number of the first event of the contact's save, if the save may be undone. */
  save?: number;
  detail: EventDetail | null;
  detailHash: string;
  previous: string;
  hash: string;
}

export const logoTypes = ['image/svg+xml', 'image/png', 'image/webp'] as const;

/** A unit's logo, stored here: pages load nothing from other servers. */
export interface Logo {
  contentType: (typeof logoTypes)[number];
  base64: string;
}

/** A business unit for the rules and the pages. */
export interface BusinessUnit {
  id: number;
  name: string;
  /** Whether there is one; the picture is read separately (`findLogo`). */
  logo?: Pick<Logo, 'contentType'>;
  /** Accent colours as #rrggbb, computed to reach 4.5:1 on paper, light and dark. */
  accent: { light: string; dark: string };
  senderName: string;
  senderAddress: string;
  postalAddress: string;
  privacyPolicyUrl: string;
  defaultLocale: string;
  hasDoubleOptIn: boolean;
  translations: Record<string, { name?: string; postalAddress?: string }>;
}

/** A business unit with its picture, as it is stored. */
export type StoredUnit = BusinessUnit & { logo?: Logo };

/** `TRANSACTIONAL`: receipts, security. An opt-out of all never covers such a type (decision 0571). */
export const typePurposes = ['MARKETING', 'TRANSACTIONAL'] as const;
export type TypePurpose = (typeof typePurposes)[number];

export interface SubscriptionType {
  id: number;
  unitId: number;
  channel: Channel;
  name: string;
  description: string;
  purpose: TypePurpose;
  communicationMethod: string;
  isActive: boolean;
  isInternal: boolean;
  isDefault: boolean;
  order: number;
  translations: Record<string, { name: string; description: string }>;
}

/** Units, types and settings that every page needs and that change seldom; kept in memory, refreshed within seconds. */
export interface Catalogue {
  units: ReadonlyMap<number, BusinessUnit>;
  types: ReadonlyMap<number, SubscriptionType>;
  /** Types in the order of the pages: by unit, then order, then id. */
  orderedTypes: readonly SubscriptionType[];
  isPrivacyMode: boolean;
  /** Country (ISO 3166-1 alpha-2) whose phone numbers may be written without their country code; null for none. */
  defaultCountry: string | null;
  /** IANA name of the time zone in which staff read days and moments. */
  timeZone: string;
  /** The tools whose new contacts are not marketing contacts. */
  nonMarketingSources: readonly ActorKind[];
  /** By lower-case name. */
  properties: ReadonlyMap<string, PropertyDefinition>;
  /** Changes with any of the above. */
  revision: string;
}

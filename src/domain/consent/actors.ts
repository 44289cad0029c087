/** The kinds of actors, one definition each: its row of the rules, the party and precedence of its opt-outs, its scope and its words. */
import type { Scope } from '../../vocabulary/scope.js';
import {
  actorKinds,
  type Actor,
  type ActorKind,
  type ConsentEvent,
  type Party,
} from '../../vocabulary/terms.js';
import type { RuleRow } from './rules.js';

interface ActorDefinition<Kind extends ActorKind> {
  /** Its row of the table of the rules. */
  row: RuleRow | ((actor: Extract<Actor, { kind: Kind }>) => RuleRow);
  /** The party of its opt-outs: an import's has its own id, and the contact's is `AUTOMATED` where a machine acted. */
  party: Exclude<Party, 'AUTOMATED' | `IMPORT:${string}`> | 'IMPORT';
  /** Of several opt-outs of one target, the lowest decides. Staff may remove their own, so it comes last. */
  precedence: number;
  /** Its name at the start of a line, where no person is known. */
  name: string;
  /** Its name within a sentence. */
  within: string;
}

/** A new kind of actor is one definition here, its row in `rules.ts`, its shape in `vocabulary/terms.ts`, and one phrase a language. */
const definitions: { readonly [Kind in ActorKind]: ActorDefinition<Kind> } = {
  CONTACT: {
    row: ({ isLinkFresh, by }) =>
      isLinkFresh ? (by ? 'CONTACT_COPIED' : 'CONTACT_FRESH') : 'CONTACT_EXPIRED',
    party: 'CONTACT',
    precedence: 0,
    name: 'Contact, preference page',
    within: 'the contact',
  },
  ONE_CLICK: {
    row: 'ONE_CLICK',
    party: 'CONTACT',
    precedence: 0,
    name: 'Contact, one-click',
    within: 'the contact',
  },
  STAFF: {
    row: ({ isBulk }) => (isBulk ? 'STAFF_BULK' : 'STAFF_SINGLE'),
    party: 'STAFF',
    precedence: 3,
    name: 'Staff',
    within: 'staff',
  },
  IMPORT: {
    row: ({ mayOptIn }) => (mayOptIn ? 'IMPORT_CONTACTS' : 'IMPORT_LIST'),
    party: 'IMPORT',
    precedence: 2,
    name: 'Import',
    within: 'an import',
  },
  WORKFLOW: { row: 'WORKFLOW', party: 'WORKFLOW', precedence: 2, name: 'Workflow', within: 'a workflow' },
  API: {
    row: ({ version }) => (version === 4 ? 'API_V4' : 'API_V3'),
    party: 'API',
    precedence: 2,
    name: 'API',
    within: 'the API',
  },
  // The system never opts out: the rules refuse it, so this party has no entries.
  SYSTEM: { row: 'SYSTEM', party: 'API', precedence: 2, name: 'Mail server', within: 'the mail server' },
};

/** The row of the rules for an actor. */
export function rowOf<Kind extends ActorKind>(actor: Extract<Actor, { kind: Kind }>): RuleRow {
  const { row }: ActorDefinition<Kind> = definitions[actor.kind];
  return typeof row === 'function' ? row(actor) : row;
}

/** The business units that an actor may change; outside them nothing exists. */
export function scopeOf(actor: Actor): Scope {
  return 'scope' in actor ? (actor.scope ?? null) : null;
}

/** The party that an opt-out by this actor is attributed to. All runs of a scheduled source (`source`) are one party. */
export function partyOf(
  {
    kind,
    ref = '',
    source = ref,
  }: { kind: ActorKind; ref?: string | undefined; source?: string | undefined },
  isMachine = false,
): Party {
  const { party } = definitions[kind];
  if (party === 'IMPORT') return `IMPORT:${source}`;
  return party === 'CONTACT' && isMachine ? 'AUTOMATED' : party;
}

const precedences = new Map<string, number>([
  ...actorKinds.map((kind) => [definitions[kind].party, definitions[kind].precedence] as const),
  ['AUTOMATED', 1],
]);

/** Which party's opt-out of a target decides: the one with the lowest number. */
export function precedenceOf(party: Party): number {
  return precedences.get(party.split(':')[0] ?? '') ?? 2;
}

/** The name of a kind of actor at the start of a line, where no person is known. */
export function nameOfKind(kind: ActorKind): string {
  return definitions[kind].name;
}

const copied = 'copied ';

/** The reference that events of an act keep: for a link that staff copied, it says so, since an opt-out keeps no more of its actor. */
export function recordedRef(actor: Actor | RecordedActor): string | undefined {
  if (!isByCopiedLink(actor) || isOfCopiedLink(actor)) return actor.ref;
  return `${copied}${actor.ref ?? 'link'}`;
}

/** True for what was done by a link that staff copied. In events of older releases, the reference does not say so. */
export function isOfCopiedLink({ ref }: { ref?: string }): boolean {
  return ref?.startsWith(copied) ?? false;
}

/** True for the contact by a link that staff copied: its holder may not be the contact. */
export function isByCopiedLink(actor: Actor | RecordedActor): boolean {
  return actor.kind === 'CONTACT' && Boolean(actor.by);
}

const namesOfLinks: Readonly<Record<string, string>> = {
  'preferences link': 'Contact, preference page',
  'unsubscribe link': 'Contact, unsubscribe link',
  'confirm link': 'Contact, confirmation mail',
  'copied preferences link': 'Contact, by a link that staff copied',
};

type RecordedActor = ConsentEvent['actor'];

/** The reference of the person or key behind an act. For bulk work, the person who started it. */
export function personRef({ ref, by }: RecordedActor): string | undefined {
  return by ?? ref;
}

/** The provider that reported an act: its reference is `reported:<provider>:<endpoint>`. */
function reporterOf(ref = ''): string | undefined {
  return /^reported:([^:]+)/.exec(ref)?.[1];
}

/** The actor in words, at the start of a line: "Staff, Ida Lund", "Contact, one-click". @param person the name behind `personRef`, if known */
export function actorName({ kind, ref, by, isBulk }: RecordedActor, person?: string): string {
  if (kind === 'CONTACT')
    return by
      ? `Contact, by a link that ${person ?? 'staff'} copied`
      : (namesOfLinks[ref ?? ''] ?? 'Contact');
  const reporter = reporterOf(ref);
  if (reporter) return kind === 'SYSTEM' ? `Mail provider, ${reporter}` : `Contact, reported by ${reporter}`;
  const { name } = definitions[kind];
  return `${person ? `${name}, ${person}` : name}${isBulk ? ', in bulk' : ''}`;
}

/** The same within a sentence: "the contact (one-click)", "staff, Ida Lund". */
export function actorWithin(actor: RecordedActor, person?: string): string {
  const [, ...how] = actorName(actor, person).split(', ');
  const who = definitions[actor.kind].within;
  if (actor.kind !== 'CONTACT' && person) return [who, ...how].join(', ');
  return how.length > 0 ? `${who} (${how.join(', ')})` : who;
}

/** Where the columns of a contact import can go, and a guess of it from their names in the eight languages of the public pages. */
import type { ListGuess } from '../../list-files/contract.js';
import { contactPlaces, type ColumnTarget, type ContactChoice } from '../../models/contact-import.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { PropertyDefinition } from '../../vocabulary/properties.js';
import type { Catalogue, SubscriptionType } from '../../vocabulary/terms.js';

/** A choice for a column. */
export interface OfferedTarget {
  to: ColumnTarget;
  label: string;
  group: 'Contact' | 'Properties' | 'Subscriptions';
}

/** What a file can be mapped to, within a scope. `properties` are names of known properties. */
export interface Mappable {
  catalogue: Pick<Catalogue, 'units' | 'orderedTypes'>;
  scope: Scope;
  properties: readonly string[];
}

type ContactPlace = (typeof contactPlaces)[number];

const fieldLabels: Readonly<Record<ContactPlace, string>> = {
  firstName: 'First name',
  lastName: 'Last name',
  email: 'E-mail',
  phone: 'Phone',
  locale: 'Language',
  processingBasis: 'Legal basis for processing',
  units: 'Business units',
  marketing: 'Marketing contact status',
};

/** Everything that a column can be mapped to, apart from new properties: `property:<name>`. */
export function offeredTargets({ catalogue, scope, properties }: Mappable): OfferedTarget[] {
  return [
    ...contactPlaces.map((to) => ({
      to,
      label: fieldLabels[to],
      group: 'Contact' as const,
    })),
    ...properties.map((name) => ({
      to: `property:${name}` as const,
      label: name,
      group: 'Properties' as const,
    })),
    ...typesWithin(catalogue, scope).map((type) => ({
      to: `subscription:${type.id}` as const,
      label: `Subscription to ${typeName(type, catalogue)}`,
      group: 'Subscriptions' as const,
    })),
  ];
}

/** A target as forms, the API and the command line name it; null for a text that names none. */
export function targetOf(text: string): ColumnTarget | null {
  const plain = contactPlaces.find((one) => one === text);
  if (plain) return plain;
  if (text.startsWith('property:')) return `property:${text.slice('property:'.length)}`;
  const id = /^subscription:(\d{1,9})$/.exec(text)?.[1];
  return id === undefined ? null : `subscription:${Number(id)}`;
}

/** The type of the property that a column fills; undefined for another place, and for a property that holds texts. */
export function typeOfPlace(
  to: string,
  { properties }: Pick<Catalogue, 'properties'>,
): PropertyDefinition | undefined {
  return to.startsWith('property:') ? properties.get(to.slice('property:'.length).toLowerCase()) : undefined;
}

/** The active types that an import may write. */
export function typesWithin(
  { orderedTypes }: Pick<Catalogue, 'orderedTypes'>,
  scope: Scope,
): SubscriptionType[] {
  return orderedTypes.filter(({ unitId, isActive }) => isActive && isInScope(scope, unitId));
}

/** As in filters and exports, so that an export can be imported again. */
function typeName({ name, unitId }: SubscriptionType, { units }: Pick<Catalogue, 'units'>): string {
  return units.size > 1 ? `${name} (${units.get(unitId)?.name ?? ''})` : name;
}

/** Names of columns, folded, in the languages of the public pages. The whole name must match. */
const names: Readonly<Record<ContactPlace, RegExp>> = {
  firstName:
    /^(first ?name|fname|given ?names?|forename|fornavn|f[öo]rnamn|tilltalsnamn|voornaam|vorname|pr[ée]nom|nombre( de pila)?|imi[ęe])$/u,
  lastName:
    /^(last ?name|lname|surname|family ?name|etternavn|efternavn|efternamn|achternaam|familienaam|nachname|familienname|nom( de famille)?|apellidos?|nazwisko)$/u,
  email:
    /^(e ?mail|e ?mail ?address|e ?post(adresse|adress)?|(e ?)?mail ?adres(se)?|adres e ?mail|courriel|adresse (e ?mail|courriel|[ée]lectronique)|correo( electr[óo]nico)?|sähköposti)$/u,
  phone:
    /^((mobile|cell|tele)? ?(phone|phone ?number)|mobile|mobile ?number|telefon(nummer|nr)?|mobil(telefon|nummer|nr)?|telefoon(nummer)?|mobiel( nummer)?|t[ée]l[ée]phone|portable|tel|tlf|tel[ée]fono|m[óo]vil|numer telefonu|kom[óo]rka|handy(nummer)?)$/u,
  locale: /^(language|preferred language|lang|locale|spr[åa]k|taal|sprache|langue|idioma|lengua|j[ęe]zyk)$/u,
  processingBasis:
    /^(legal basis for processing|processing basis|behandlingsgrunnlag|rättslig grund|rechtsgrundlage|base (juridique|légale|legal|jurídica)|rechtsgrond|grondslag|podstawa prawna)$/u,
  units:
    /^(business ?units?|brands?|forretningsenhet(er)?|merkevarer?|affärsenhet(er)?|varumärken?|bedrijfsonderdeel|bedrijfsonderdelen|merk(en)?|geschäftsbereiche?|marken?|unités? commerciales?|marques?|unidad(es)? de negocio|marcas?|jednostk[ai] biznesow[ae]|mark[ai])$/u,
  marketing: /^(marketing ?contact|marketing (contact )?status)$/u,
};

/** In the same languages. */
const optOutNames =
  /unsubscri|opt(ed)?[ _-]?out|do not (e-?mail|contact)|avmeld|avanmäl|avregistrer|abgemeldet|abbestellt|uitgeschreven|afgemeld|désabonn|désinscri|\bbaja\b|wypisan/iu;

/** Whether a column says who opted out, which is the opposite of a subscription column: "Unsubscribed from all email". */
export const saysWhoOptedOut = (name: string): boolean => optOutNames.test(name);

const fieldNames = Object.entries(names) as [ContactPlace, RegExp][];

/**
 * Guesses where columns go by their names. A column whose name says nothing is not mapped, and a target is guessed once: the first column has it. The
 * columns with most addresses and phone numbers are preferred.
 */
export function guessContactColumns(
  { columns, emailColumn, phoneColumn }: Pick<ListGuess, 'columns' | 'emailColumn' | 'phoneColumn'>,
  known: Mappable,
): ContactChoice['columns'] {
  const found: ContactChoice['columns'] = [];
  const add = (index: number, to: ColumnTarget | undefined) => {
    if (to && !found.some((one) => one.index === index || one.to === to)) found.push({ index, to });
  };
  if (emailColumn !== null) add(emailColumn, 'email');
  if (phoneColumn !== null) add(phoneColumn, 'phone');
  for (const { index, name } of columns) add(index, targetNamed(name, known));
  return found.sort((a, b) => a.index - b.index);
}

function targetNamed(name: string, { catalogue, scope, properties }: Mappable): ColumnTarget | undefined {
  const wanted = folded(name);
  const field = fieldNames.find(([, pattern]) => pattern.test(wanted))?.[0];
  if (field) return field;
  const property = properties.find((one) => folded(one) === wanted);
  if (property !== undefined) return `property:${property}`;
  const types = typesWithin(catalogue, scope).filter((type) => namesOf(type, catalogue).includes(wanted));
  // Two brands may have types of one name.
  const [type] = types;
  return type && types.length === 1 ? `subscription:${type.id}` : undefined;
}

function namesOf(type: SubscriptionType, catalogue: Pick<Catalogue, 'units'>): string[] {
  const translated = Object.values(type.translations).map(({ name }) => name);
  const own = typeName(type, catalogue);
  return [type.name, own, `Subscription to ${own}`, ...translated].map(folded);
}

/** Names that differ in case, accents' form, hyphens or spaces are the same. */
function folded(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_\-–:*]+/gu, ' ')
    .trim();
}

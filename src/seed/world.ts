/** The demonstration world as plain facts: two business units, their types, and five people whose roles never change. */
import type { StoredUnit, SubscriptionType } from '../vocabulary/terms.js';

/** A ridge and the north star over it. */
const northwindLogo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="#2f5d50"/>' +
  '<path d="M8 49 24 24l8.5 13L39 27.5 56 49z" fill="#f6f4f0"/><path d="m24 24 6.2 9.5-6 3.5-5.7-4.2z" fill="#8fc9b6"/>' +
  '<path d="m44 9 2 5.5 5.5 2-5.5 2-2 5.5-2-5.5-5.5-2 5.5-2z" fill="#f0cf7a"/></svg>';

/** The account's default unit. Without double opt-in. */
export const northwind: StoredUnit = {
  id: 0,
  name: 'Northwind Outdoors',
  logo: { contentType: 'image/svg+xml', base64: Buffer.from(northwindLogo).toString('base64') },
  accent: { light: '#2f5d50', dark: '#8fc9b6' },
  senderName: 'Northwind Outdoors',
  senderAddress: 'letters@northwind.example',
  postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norway',
  privacyPolicyUrl: 'https://northwind.example/privacy',
  defaultLocale: 'en',
  hasDoubleOptIn: false,
  translations: {
    nb: { postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo' },
    de: { postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norwegen' },
    fr: { postalAddress: 'Northwind Outdoors, Storgata 1, 0155 Oslo, Norvège' },
  },
};

/** With double opt-in. */
export const fjell: StoredUnit = {
  id: 1,
  name: 'Fjell Hotels',
  accent: { light: '#8a3f2a', dark: '#e9a78f' },
  senderName: 'Fjell Hotels',
  senderAddress: 'hello@fjell.example',
  postalAddress: 'Fjell Hotels, Bryggen 7, 5003 Bergen, Norway',
  privacyPolicyUrl: 'https://fjell.example/privacy',
  defaultLocale: 'nb',
  hasDoubleOptIn: true,
  translations: {
    nb: { name: 'Fjell Hoteller', postalAddress: 'Fjell Hoteller, Bryggen 7, 5003 Bergen' },
    sv: { name: 'Fjell Hotell', postalAddress: 'Fjell Hotell, Bryggen 7, 5003 Bergen, Norge' },
  },
};

export const units: readonly StoredUnit[] = [northwind, fjell];

const letter = {
  channel: 'EMAIL',
  purpose: 'MARKETING',
  communicationMethod: 'E-mail',
  isActive: true,
  isInternal: false,
  isDefault: false,
} as const;

export const trailNotes: SubscriptionType = {
  ...letter,
  id: 1,
  unitId: 0,
  name: 'Trail notes',
  description: 'Routes, seasons and gear that lasts. Twice a month.',
  isDefault: true,
  order: 1,
  translations: {
    nb: { name: 'Turnotater', description: 'Ruter, årstider og utstyr som varer. To ganger i måneden.' },
    sv: { name: 'Stigbrev', description: 'Leder, årstider och utrustning som håller. Två gånger i månaden.' },
    de: {
      name: 'Wegnotizen',
      description: 'Touren, Jahreszeiten und Ausrüstung, die hält. Zweimal im Monat.',
    },
    nl: {
      name: 'Routebrief',
      description: 'Routes, seizoenen en spullen die lang meegaan. Twee keer per maand.',
    },
    fr: {
      name: 'Carnet de sentiers',
      description: 'Itinéraires, saisons et matériel durable. Deux fois par mois.',
    },
    es: { name: 'Notas de sendero', description: 'Rutas, estaciones y equipo que dura. Dos veces al mes.' },
    pl: { name: 'Notatki ze szlaku', description: 'Trasy, pory roku i trwały sprzęt. Dwa razy w miesiącu.' },
  },
};

export const productNews: SubscriptionType = {
  ...letter,
  id: 2,
  unitId: 0,
  name: 'Product news',
  description: 'What is new in the shop, and when it arrives.',
  order: 2,
  translations: {
    nb: { name: 'Produktnytt', description: 'Hva som er nytt i butikken, og når det kommer.' },
    sv: { name: 'Produktnytt', description: 'Vad som är nytt i butiken, och när det kommer.' },
    de: { name: 'Neues im Laden', description: 'Was es Neues gibt, und wann es kommt.' },
    nl: { name: 'Nieuw in de winkel', description: 'Wat er nieuw is, en wanneer het er is.' },
    fr: { name: 'Nouveautés', description: 'Ce qui arrive en magasin, et quand.' },
    es: { name: 'Novedades', description: 'Qué hay de nuevo en la tienda y cuándo llega.' },
    pl: { name: 'Nowości', description: 'Co nowego w sklepie i kiedy się pojawi.' },
  },
};

export const offers: SubscriptionType = {
  ...letter,
  id: 3,
  unitId: 0,
  name: 'Offers and discounts',
  description: 'Sales, before they are on the site.',
  order: 3,
  translations: {
    nb: { name: 'Tilbud og rabatter', description: 'Salg, før de står på nettsiden.' },
    sv: { name: 'Erbjudanden och rabatter', description: 'Reor, innan de syns på webbplatsen.' },
    de: { name: 'Angebote und Rabatte', description: 'Aktionen, bevor sie auf der Website stehen.' },
    nl: { name: 'Aanbiedingen en kortingen', description: 'Acties, voordat ze op de site staan.' },
    fr: { name: 'Offres et remises', description: 'Les soldes, avant qu’elles soient sur le site.' },
    es: { name: 'Ofertas y descuentos', description: 'Rebajas, antes de que salgan en la web.' },
    pl: { name: 'Oferty i rabaty', description: 'Wyprzedaże, zanim trafią na stronę.' },
  },
};

export const repairReminders: SubscriptionType = {
  ...letter,
  id: 4,
  unitId: 0,
  name: 'Repair reminders',
  description: 'Once a year: wax it, patch it, keep it.',
  order: 4,
  translations: {
    nb: {
      name: 'Påminnelser om vedlikehold',
      description: 'En gang i året: voks det, lapp det, behold det.',
    },
    sv: { name: 'Påminnelser om vård', description: 'En gång om året: vaxa, laga, behåll.' },
    de: { name: 'Pflegeerinnerungen', description: 'Einmal im Jahr: wachsen, flicken, behalten.' },
    nl: { name: 'Onderhoudstips', description: 'Eén keer per jaar: waxen, herstellen, houden.' },
    fr: { name: 'Rappels d’entretien', description: 'Une fois par an : cirer, rapiécer, garder.' },
    es: { name: 'Recordatorios de cuidado', description: 'Una vez al año: encerar, remendar, conservar.' },
    pl: { name: 'Przypomnienia o naprawie', description: 'Raz w roku: nawoskuj, załataj, zachowaj.' },
  },
};

export const weekendLetters: SubscriptionType = {
  ...letter,
  id: 5,
  unitId: 1,
  name: 'Weekend letters',
  description: 'Quiet rooms, in the week that they are free.',
  order: 1,
  translations: {
    nb: { name: 'Helgebrev', description: 'Stille rom, i uken de er ledige.' },
    sv: { name: 'Helgbrev', description: 'Lugna rum, veckan då de är lediga.' },
    de: { name: 'Wochenendbriefe', description: 'Ruhige Zimmer, in der Woche, in der sie frei sind.' },
    nl: { name: 'Weekendbrief', description: 'Stille kamers, in de week dat ze vrij zijn.' },
    fr: { name: 'Lettres du week-end', description: 'Des chambres calmes, la semaine où elles sont libres.' },
    es: {
      name: 'Cartas de fin de semana',
      description: 'Habitaciones tranquilas, la semana en que quedan libres.',
    },
    pl: { name: 'Listy weekendowe', description: 'Ciche pokoje, w tygodniu, gdy są wolne.' },
  },
};

export const guestSurvey: SubscriptionType = {
  ...letter,
  id: 6,
  unitId: 1,
  channel: 'SMS',
  name: 'Guest survey',
  description: 'One question after a stay.',
  communicationMethod: 'Text message',
  order: 2,
  translations: {
    nb: { name: 'Gjesteundersøkelse', description: 'Ett spørsmål etter et opphold.' },
    sv: { name: 'Gästenkät', description: 'En fråga efter en vistelse.' },
    de: { name: 'Gästeumfrage', description: 'Eine Frage nach dem Aufenthalt.' },
    nl: { name: 'Gastenenquête', description: 'Eén vraag na een verblijf.' },
    fr: { name: 'Avis des clients', description: 'Une question après un séjour.' },
    es: { name: 'Encuesta a huéspedes', description: 'Una pregunta después de la estancia.' },
    pl: { name: 'Ankieta dla gości', description: 'Jedno pytanie po pobycie.' },
  },
};

/** Internal: never shown on a public page. */
export const orderNotices: SubscriptionType = {
  ...letter,
  id: 7,
  unitId: 0,
  name: 'Order notices',
  description: 'Receipts, deliveries and recalls.',
  purpose: 'TRANSACTIONAL',
  isInternal: true,
  order: 5,
  translations: {},
};

/** Archived: no longer sent, and nobody can opt in to it. */
export const winterCatalogue: SubscriptionType = {
  ...letter,
  id: 8,
  unitId: 0,
  name: 'Winter catalogue',
  description: 'The printed catalogue, as a letter.',
  isActive: false,
  order: 6,
  translations: {},
};

export const types: readonly SubscriptionType[] = [
  trailNotes,
  productNews,
  offers,
  repairReminders,
  weekendLetters,
  guestSurvey,
  orderNotices,
  winterCatalogue,
];

export interface Person {
  name: string;
  /** One sentence: what this person is for. */
  role: string;
  address: string;
}

export const alice: Person = { name: 'Alice', role: 'is subscribed', address: 'alice@example.com' };
export const bob: Person = { name: 'Bob', role: 'is pending', address: 'bob@example.com' };
export const charlie: Person = { name: 'Charlie', role: 'opted out himself', address: 'charlie@example.com' };
export const dana: Person = { name: 'Dana', role: 'was opted out by staff', address: 'dana@example.com' };
export const erin: Person = { name: 'Erin', role: 'bounced', address: 'erin@example.com' };

export const people: readonly Person[] = [alice, bob, charlie, dana, erin];

/** Names, towns and domains of the demonstration's contacts, by language. The domains end in `.example`, which nobody can own (RFC 2606). */
import type { Locale } from '../vocabulary/locales.js';

export interface NamesOf {
  /** How many contacts have this language. */
  contacts: number;
  /** Twelve first names and thirteen last names, so that the pairs repeat only after 156 contacts. */
  first: readonly string[];
  last: readonly string[];
  cities: readonly [string, ...string[]];
  domains: readonly [string, ...string[]];
  companies: readonly [string, ...string[]];
  /** The start of numbers that are reserved for fiction or not in use; two digits follow. */
  phone?: string;
}

const words = (text: string): readonly string[] => text.split(', ');

export const namesByLocale: Readonly<Record<Locale, NamesOf>> = {
  nb: {
    contacts: 88,
    first: words('Ingrid, Lars, Solveig, Øyvind, Kari, Magnus, Åse, Torbjørn, Silje, Håkon, Marit, Sindre'),
    last: words(
      'Hansen, Bakken, Solberg, Nygård, Haugen, Strand, Lien, Dahl, Kvamme, Østby, Myhre, Sætre, Fjeldstad',
    ),
    cities: ['Oslo', 'Bergen', 'Trondheim', 'Tromsø', 'Stavanger', 'Bodø'],
    domains: ['epost.example', 'fjordpost.example', 'nordlys.example'],
    companies: ['Lofoten Turlag', 'Bakken Sport', 'Vestland Fylke'],
    phone: '+47900001',
  },
  en: {
    contacts: 58,
    first: words('Olivia, James, Amelia, Callum, Niamh, Oscar, Priya, Ethan, Zara, Duncan, Grace, Kwame'),
    last: words(
      'Wilson, Mackenzie, Okafor, Patel, Hughes, Fairweather, Byrne, Singh, Ashworth, Campbell, Reid, Thornbury, O’Connor',
    ),
    cities: ['Edinburgh', 'London', 'Dublin', 'Bristol', 'Inverness'],
    domains: ['mail.example', 'post.example', 'highland.example'],
    companies: ['Cairngorm Guides', 'Harbour & Sons', 'Thornbury Books'],
    phone: '+4477009001',
  },
  de: {
    contacts: 44,
    first: words(
      'Hannah, Jürgen, Maximiliane, Björn, Annegret, Lukas, Käthe, Friedrich, Ilse, Sebastian, Ulrike, Jonas',
    ),
    last: words(
      'Müller, Schäfer, Hohenstein-Grünwald, Köhler, Weiß, Vogelsang, Krüger, Steinbrecher, Jäger, Brandstätter, Roth, Lindenbaum, Groß',
    ),
    cities: ['Hamburg', 'München', 'Garmisch-Partenkirchen', 'Köln', 'Zürich'],
    domains: ['briefkasten.example', 'werkstatt-koenig.example', 'alpenpost.example'],
    companies: ['Alpenverein Sektion Oberland', 'Werkstatt König GmbH & Co. KG', 'Reisebüro Sonnenschein'],
    phone: '+4917139200',
  },
  sv: {
    contacts: 40,
    first: words('Elsa, Gustav, Maja, Åke, Linnéa, Oskar, Ebba, Björn, Astrid, Viktor, Saga, Nils'),
    last: words(
      'Andersson, Lindqvist, Bergström, Åberg, Sjögren, Ekström, Nyström, Lundin, Hedlund, Öberg, Forsberg, Dahlgren, Wallin',
    ),
    cities: ['Göteborg', 'Stockholm', 'Kiruna', 'Malmö'],
    domains: ['brevlada.example', 'skargard.example'],
    companies: ['Friluftsfrämjandet Kiruna', 'Åbergs Järn'],
    phone: '+467017406',
  },
  nl: {
    contacts: 26,
    first: words('Sanne, Daan, Femke, Joris, Lieke, Bram, Maartje, Sven, Anouk, Thijs, Roos, Pieter'),
    last: words(
      'de Vries, van den Berg, Jansen, Bakker, Visser, van der Meer, Smit, Mulder, de Groot, Hendriks, Dekker, van Leeuwen, Kuipers',
    ),
    cities: ['Utrecht', 'Amsterdam', 'Groningen'],
    domains: ['postbus.example', 'grachten.example'],
    companies: ['Buitensport de Vries', 'Jansen Reizen'],
  },
  fr: {
    contacts: 24,
    first: words('Camille, Étienne, Chloé, Rémi, Léa, Benoît, Manon, Théo, Inès, François, Zoé, Gaël'),
    last: words(
      'Martin, Lefèvre, Dubois, Moreau, Girard, Rousseau, Béranger, Fontaine, Chevalier, Garnier, Marchand, Perrin, d’Arcy',
    ),
    cities: ['Grenoble', 'Lyon', 'Chamonix-Mont-Blanc', 'Paris'],
    domains: ['courrier.example', 'alpage.example'],
    companies: ['Club alpin de Grenoble', 'Librairie Béranger'],
    phone: '+336399800',
  },
  es: {
    contacts: 20,
    first: words('Lucía, Javier, Carmen, Álvaro, Marta, Iñaki, Elena, Pablo, Núria, Sergio, Inés, Raúl'),
    last: words(
      'García, Fernández, Muñoz, Ibáñez, Castaño, Romero, Núñez, Ortega, Vázquez, Serrano, Peña, Molina, Gil',
    ),
    cities: ['Madrid', 'Bilbao', 'Granada'],
    domains: ['correo.example', 'sierra.example'],
    companies: ['Senderos del Norte', 'Muñoz e Hijos'],
  },
  pl: {
    contacts: 22,
    first: words(
      'Zofia, Jakub, Małgorzata, Paweł, Agnieszka, Łukasz, Hanna, Michał, Ewa, Tomasz, Julia, Stanisław',
    ),
    last: words(
      'Nowak, Wójcik, Kowalczyk, Kaczmarek, Mazur, Krawczyk, Sikora, Dudek, Walczak, Szewczyk, Pietrzak, Ptak, Woźniak',
    ),
    cities: ['Kraków', 'Zakopane', 'Gdańsk', 'Wrocław'],
    domains: ['poczta.example', 'tatry.example'],
    companies: ['Schronisko Pod Świerkiem', 'Księgarnia Górska'],
  },
};

/** The imports of the demonstration: an opt-out list and a file of contacts, both with rejected rows. */
import { chooseContacts } from '../domain/imports/choose-contacts.js';
import type { ImportDeps } from '../domain/imports/contract.js';
import { requireImport } from '../domain/imports/find.js';
import { checkImport, confirmImport, startImport } from '../domain/imports/start.js';
import { recordAudit } from '../domain/staff/audit.js';
import { northwind } from './world.js';

/** As an older system wrote it. Ivar is a contact whom `demo-reports.ts` opted out before. */
const optOuts = `E-mail;Name;Unsubscribed on
astrid.solberg@example.com;Astrid Solberg;2023-04-02
bjorn.haugen@example.com;Bjørn Haugen;2023-05-19
cecilie.strand@example.org;Cecilie Strand;2023-09-30
david.myhre@example.org;David Myhre;2024-01-11
Astrid.Solberg@example.com;Astrid Solberg;2024-02-07
eva.lien@@example.com;Eva Lien;2024-02-20
frode.eide@example.com;Frode Eide;2024-06-03
+47 900 00 099;Gunn Moen;2024-08-15
henrik.bakken@example;Henrik Bakken;2024-11-26
ivar@example.com;Ivar Bakke;2025-01-08
;Ingrid Dale;2025-03-14
jon.hagen@example.com;Jon Hagen;2025-05-22
kari.vold@example.org;Kari Vold;2025-07-01
Total: 13;;
`;

/** Visitors of a fair stand, as somebody typed them. */
const visitors = `First name;Last name;Email;Phone;Language;City;Customer level
Beatriz;Aranda Quintanilla;beatriz.aranda@correo.example;;es;Granada;New
Theodor;von Hohenstein-Grünwald;theodor.hohenstein@briefkasten.example;;de;Garmisch-Partenkirchen;Gold
Aoife;O’Donnell;aoife.odonnell@mail.example;+44 7700 900198;en;Dublin;New
Wojciech;Brzęczyszczykiewicz;wojciech.b@poczta.example;;pl;Zakopane;Regular
Marie-Noëlle;de La Rochefoucauld;marie-noelle@courrier.example;;fr;Chamonix-Mont-Blanc;New
Sverre;Tangen;sverre.tangen(at)epost.example;;nb;Bodø;New
Lotte;van den Heuvel;lotte.vandenheuvel@postbus.example;;nl;Utrecht;Platinum
Åsa;Strömberg;asa.stromberg@brevlada.example;;sv;Kiruna;Regular
;;;;;Oslo;New
Gerd;Aune;gerd.aune@epost.example;12;nb;Trondheim;New
Ragnhild;Ødegård;ragnhild.odegard@epost.example;;nb;Tromsø;Gold
`;

export interface ImportWork {
  deps: ImportDeps;
  /** Runs the jobs that are due. */
  work: () => Promise<void>;
  /** The user who imports, as `user:<id>`. */
  by: string;
}

/** Uploads, checks and confirms both files, as staff do on the pages. */
export async function importDemoFiles({ deps, work, by }: ImportWork): Promise<void> {
  const lists = [
    { kind: 'OPT_OUTS', name: 'unsubscribed-in-the-old-system.csv', unitId: northwind.id, text: optOuts },
    { kind: 'CONTACTS', name: 'visitors-of-the-autumn-fair.csv', unitId: null, text: visitors },
  ] as const;
  for (const { text, ...list } of lists) {
    const { _id: id } = await startImport(
      deps,
      { ...list, channel: 'EMAIL', by, scope: null },
      bytesOf(text),
    );
    const which = { id, scope: null };
    const about = { kind: 'IMPORT_CHANGED', by, about: `import:${id}`, unitId: list.unitId } as const;
    await recordAudit(deps, { ...about, detail: 'file uploaded' });
    if (list.kind === 'CONTACTS')
      await chooseContacts(deps, which, { unitIds: [northwind.id], processingBasis: 'PROCESS_AND_STORE' });
    await checkImport(deps, which);
    await work();
    const { counts, revision } = await requireImport(deps, which);
    await confirmImport(deps, which, { number: counts?.distinct, revision });
    await recordAudit(deps, { ...about, detail: 'confirmed' });
    await work();
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

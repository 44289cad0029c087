/** Setup for imports of contacts: from the lines of a file to the result. */
import { beforeEach } from 'vitest';
import { changeImport, checkImport } from '../../src/domain/imports/start.js';
import type { ContactChoice } from '../../src/models/contact-import.js';
import type { Contact } from '../../src/models/contact.js';
import type { Import } from '../../src/models/import.js';
import { importPartyOf, openImportRoom, type ImportRoom } from './import-room.js';
import { given } from './judge.js';
import { northwind } from './people.js';

export { importPartyOf };

export interface ContactImportOptions extends Partial<ContactChoice> {
  scope?: number[];
}

export interface ContactImportRoom extends ImportRoom {
  /** Uploads and checks a file. By default, new contacts are Northwind's. */
  prepared: (lines: readonly string[], options?: ContactImportOptions) => Promise<Import>;
  /** The whole import of a file. */
  importedContacts: (lines: readonly string[], options?: ContactImportOptions) => Promise<Import>;
  contactOf: (address: string) => Promise<Contact | null>;
}

export const withBasis = { legalBasis: given.legalBasis, explanation: given.explanation };

export async function openContactImportRoom(): Promise<ContactImportRoom> {
  const room = await openImportRoom();
  const prepared: ContactImportRoom['prepared'] = async (lines, { scope, ...contacts } = {}) => {
    const more = { kind: 'CONTACTS', unitId: null, name: 'people.csv', ...(scope ? { scope } : {}) } as const;
    const { _id: id } = await room.upload(`${lines.join('\n')}\n`, more);
    const choice = { contacts: { unitIds: [northwind.id], ...contacts } };
    await changeImport(room.imports, { id, scope: scope ?? null }, { choice });
    await checkImport(room.imports, { id, scope: null });
    await room.workNow();
    return room.theImport(id);
  };
  return {
    ...room,
    prepared,
    async importedContacts(lines, options) {
      const one = await prepared(lines, options);
      await room.confirmed(one);
      await room.workNow();
      return room.theImport(one._id);
    },
    contactOf: (address) => room.models.contacts.findOne({ email: address }).lean<Contact>(),
  };
}

/** The rows of a CSV file whose cells have neither commas nor quotation marks. */
export async function rowsOfText(bytes: AsyncIterable<Uint8Array> | null): Promise<string[][]> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes ?? []) parts.push(part);
  const lines = Buffer.concat(parts).toString().replace('\uFEFF', '').trimEnd().split('\r\n');
  return lines.map((line) => line.split(','));
}

/** Addresses that each test of a file has for itself. @returns the address of a name */
export function addressesOfEachTest(): (name: string) => string {
  let count = 0;
  beforeEach(() => void (count += 1));
  return (name) => `${name}-${count}@example.com`;
}

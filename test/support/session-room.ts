/** Staff whose sessions end while a form is open: what they typed, and signing in again. */
import { adminPaths } from '../../src/admin-paths.js';
import type { Role } from '../../src/vocabulary/access.js';
import { openRecordRoom } from './record-room.js';
import type { RecordRoom } from './record-room.js';
import { passwordOfTheStaff, signedIn } from './staff.js';
import type { StaffVisitor } from './staff.js';
import type { Answer } from './visitor.js';

export interface SessionRoom extends RecordRoom {
  /** The same user for all tests; `opened` signs them in if necessary. */
  of: (role: Role) => StaffVisitor;
  /** Opens a page, signed in. */
  opened: (visitor: StaffVisitor, path: string) => Promise<Answer>;
  signIn: (visitor: StaffVisitor, page?: Answer) => Promise<Answer>;
  /** Ends all sessions. */
  endSessions: () => Promise<unknown>;
}

export async function openSessionRoom(): Promise<SessionRoom> {
  const room = await openRecordRoom();
  const visitors = new Map<Role, StaffVisitor>();
  for (const role of ['admin', 'support', 'marketer'] as const)
    visitors.set(role, await signedIn(room.portal, role));
  const signIn = async (visitor: StaffVisitor, page?: Answer) => {
    const form = page ?? (await visitor.open(adminPaths.signIn()));
    return visitor.press(form, /^Sign in$/, { email: visitor.user.email, password: passwordOfTheStaff });
  };
  return {
    ...room,
    signIn,
    of(role) {
      const visitor = visitors.get(role);
      if (!visitor) throw new Error(`There is no ${role}.`);
      return visitor;
    },
    async opened(visitor, path) {
      const page = await visitor.open(path);
      if (page.status !== 303) return page;
      await signIn(visitor);
      return visitor.open(path);
    },
    endSessions: () => room.portal.deps.models.sessions.deleteMany({}),
  };
}

/** Fields of the form with this button, without those that differ on each page. */
export function fieldsOf({ forms }: Answer, label: RegExp): [string, string][] {
  const form = forms.find(({ buttons }) => buttons.some((button) => label.test(button.label)));
  return (form?.fields ?? []).filter(([name]) => !['_csrf', 'shown'].includes(name));
}

/** The anti-forgery field of a page. */
export function csrfIn({ forms }: Answer): string {
  return forms.flatMap(({ fields }) => fields).find(([name]) => name === '_csrf')?.[1] ?? '';
}

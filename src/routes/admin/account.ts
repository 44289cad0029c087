/** The page of the own account: name, password, second step and sessions. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { roleMeanings } from '../../vocabulary/access.js';
import { hasOneTimeCodes } from '../../domain/staff/one-time-codes.js';
import { endOneSession, endSessionsOf, openSessionsOf } from '../../domain/staff/open-sessions.js';
import type { OpenSession } from '../../domain/staff/open-sessions.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import { changeName, changePassword } from '../../domain/staff/own-account.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { FormView, Panel } from '../../views/admin-form-page.js';
import { auditOwn } from './audit-by.js';
import { browserName } from './browser-names.js';
import { textOf } from './form.js';
import { saying, type Sayings } from './frame.js';
import { actView, declareForm } from './kit/form.js';
import { formRoutes } from './kit/form-page.js';
import { tableOf, type Column } from './kit/list-page.js';
import { nameSchema, passwordFields, passwordSchema } from './own-fields.js';
import { ownPasswordField, whyNotOwnPassword } from './own-password.js';
import { post, type Ask, type StaffRoute } from './route.js';
import { storedSessionId } from './session.js';
import { beginSession } from './who.js';
import { counted, dayOf, listOf, momentOf } from '../../vocabulary/words.js';

const sayings: Sayings = {
  name: { tone: 'good', strong: 'Your name is changed.' },
  password: { tone: 'good', strong: 'Your password is changed.', sentence: 'All other sessions have ended.' },
  'codes-removed': {
    tone: 'good',
    strong: 'One-time codes are off.',
    sentence: 'From now on you sign in with your password alone.',
  },
  ended: { tone: 'good', strong: 'That session has ended.' },
  'others-ended': { tone: 'good', strong: 'All other sessions have ended.' },
};

export const accountCrumbs = [{ href: adminPaths.account(), text: 'Your account' }];

interface Account {
  user: User;
  sessions: readonly OpenSession[];
  /** Id of this session. */
  own: string;
  units: string;
}

const rule = { may: 'signed-in', about: 'own' } as const;

const nameForm = declareForm<Account, { name: string }>({
  ...rule,
  pattern: adminPatterns.accountName,
  groups: () => [
    {
      fields: [
        {
          kind: 'text',
          name: 'name',
          label: 'Name',
          isRequired: true,
          autocomplete: 'name',
          most: 120,
          hint: 'Histories and the audit log show it with your e-mail address. Earlier entries keep the name that you had then.',
        },
      ],
    },
  ],
  texts: ({ user }) => ({ name: user.name }),
  button: 'Change name',
  look: 'plain',
  schema: () => z.object({ name: nameSchema }),
  save: async ({ deps, ask, values: { name } }) => {
    const fault = await changeName(deps, ask.user.id, name);
    if (fault) return { faults: [{ text: fault, href: '#name' }] };
    await auditOwn(deps, ask, { kind: 'USER_CHANGED', detail: 'own name' });
    return { to: adminPaths.account(), said: 'name' };
  },
});

/** This session continues under a new id, and all others end. */
const passwordForm = declareForm<Account, { present: string; next: string }>({
  ...rule,
  pattern: adminPatterns.accountPassword,
  isKept: false,
  groups: () => [{ fields: [ownPasswordField('present'), ...passwordFields('New password')] }],
  button: 'Change password',
  look: 'plain',
  more: ({ user }) => ({ username: user.email, note: 'All your other sessions end.' }),
  schema: ({ deps, subject: { user }, texts }) =>
    z.object({ present: z.string(), ...passwordSchema(deps, user, texts) }),
  save: async ({ deps, ask, response, subject: { user }, values: { present, next } }) => {
    const refusal = await whyNotOwnPassword(deps, ask, response, user, present);
    if (refusal) return { faults: [{ text: refusal.text, href: '#present' }], status: refusal.status };
    const changed = await changePassword(deps, user, next);
    const text = 'Your password was changed elsewhere in the meantime. Please sign in again.';
    if (!changed) return { faults: [{ text, href: '#present' }] };
    await beginSession(deps, ask.request, changed);
    await auditOwn(deps, ask, { kind: 'PASSWORD_CHANGED' });
    return { to: adminPaths.account(), said: 'password' };
  },
});

export function accountRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<Account>(deps, {
      pattern: adminPatterns.account,
      section: 'account',
      sayings,
      load: async (_deps, ask) => {
        const [user, { units }] = await Promise.all([ownUser(deps, ask), deps.catalogue()]);
        return {
          user,
          sessions: await openSessionsOf(deps, user),
          own: storedSessionId(ask.request.sessionID),
          units: user.unitIds ? listOf(user.unitIds.map((id) => units.get(id)?.name ?? `unit ${id}`)) : 'All',
        };
      },
      show: ({ ask, subject }, form) => ({
        title: 'Your account',
        isNarrow: true,
        panels: [
          aboutPanel(subject, form(nameForm)),
          ...(subject.user.passwordHash
            ? [{ heading: 'Password', form: form(passwordForm) }, codesPanel(ask, subject)]
            : []),
          passkeysPanel(subject),
          sessionsPanel(ask, subject),
        ],
      }),
      forms: [nameForm, passwordForm],
    }),
    post(adminPatterns.endedSessions, rule, async (ask, response) => {
      const session = textOf(ask.request, 'session', 100);
      if (session === '') throw new DomainError('INVALID_FORM');
      const isOthers = session === 'others';
      const own = storedSessionId(ask.request.sessionID);
      if (isOthers) await endSessionsOf(deps, ask.user.id, own);
      else if (session === own || !(await endOneSession(deps, ask.user.id, session)))
        throw new DomainError('NOT_FOUND');
      await auditOwn(deps, ask, { kind: 'SESSION_ENDED', detail: isOthers ? 'all others' : 'one' });
      response.redirect(303, saying(ask, adminPaths.account(), isOthers ? 'others-ended' : 'ended'));
    }),
  ];
}

/** @throws DomainError `NOT_FOUND` if the account no longer exists */
export async function ownUser({ models }: Pick<Deps, 'models'>, ask: Ask): Promise<User> {
  const user = await models.users.findById(ask.user.id).lean<User>();
  if (!user) throw new DomainError('NOT_FOUND');
  return user;
}

function aboutPanel({ user, units }: Account, form: FormView): Panel {
  return {
    heading: 'About you',
    facts: [
      { term: 'E-mail', text: shownAddress(user.email) },
      { term: 'Role', text: user.role, note: roleMeanings[user.role] },
      { term: 'Business units', text: units },
    ],
    form,
  };
}

function codesPanel({ zone }: Ask, { user }: Account): Panel {
  const heading = 'One-time codes';
  if (!user.totp?.confirmedAt || !hasOneTimeCodes(user))
    return {
      heading,
      state: { tone: 'none', words: 'Off' },
      sentences: [
        'An app on your telephone shows a new code every half minute. With one-time codes, a stolen password is not enough to sign in as you.',
      ],
      form: actView(adminPaths.codesSetUp(), 'Set up one-time codes'),
    };
  const left = user.recoveryCodes.length;
  return {
    heading,
    state: { tone: 'in', words: `On since ${dayOf(user.totp.confirmedAt, zone)}` },
    sentences: [
      'After your password, you are asked for a code of your app.',
      `${counted(left, 'recovery code')} left.${left < 3 ? ' Create new ones soon.' : ''}`,
    ],
    link: { href: adminPaths.oneTimeCodes(), text: 'Recovery codes and removal' },
  };
}

function passkeysPanel({ user: { passkeys } }: Account): Panel {
  const hasAny = passkeys.length > 0;
  return {
    heading: 'Passkeys',
    state: hasAny
      ? { tone: 'in', words: counted(passkeys.length, 'passkey') }
      : { tone: 'none', words: 'None' },
    sentences: [
      'With a passkey you sign in with your finger, your face or the PIN of your device. It needs no password and no code.',
    ],
    link: { href: adminPaths.passkeys(), text: hasAny ? 'Your passkeys' : 'Add a passkey' },
  };
}

function sessionsPanel({ zone }: Ask, { sessions, own }: Account): Panel {
  const heading = 'Where you are signed in';
  const action = adminPaths.endedSessions();
  const when = (at: Date | null) => (at ? momentOf(at, zone) : '–');
  const columns: Column<OpenSession>[] = [
    {
      heading: 'Browser',
      cell: ({ id, userAgent, network }) => ({
        text: browserName(userAgent),
        chips: id === own ? ['this one'] : [],
        note: `From ${network}`,
      }),
    },
    { heading: 'Since', cell: ({ signedInAt }) => ({ text: when(signedInAt) }) },
    { heading: 'Last seen', cell: ({ seenAt }) => ({ text: when(seenAt) }) },
    {
      heading: 'Action',
      cell: ({ id, userAgent, signedInAt }) => {
        const about = `${browserName(userAgent)}, since ${when(signedInAt)}`;
        return id === own ? {} : { act: { action, button: 'End', about, name: 'session', value: id } };
      },
    },
  ];
  const hidden = [{ name: 'session', value: 'others' }];
  return {
    heading,
    ...(sessions.some(({ id }) => id !== own) ? { form: actView(action, 'End all others', hidden) } : {}),
    table: tableOf(heading, columns, sessions),
  };
}

/** Passkeys of the own account: list, adding and removal. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import {
  addPasskey,
  longestPasskeyName,
  passkeyPlaceOf,
  passkeyToMake,
  removePasskey,
} from '../../domain/staff/passkeys.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { accountCrumbs, ownUser } from './account.js';
import { auditOwn } from './audit-by.js';
import { textOf } from './form.js';
import { saying, type Sayings } from './frame.js';
import { declareForm } from './kit/form.js';
import { formRoutes, htmlOf, type FormPage } from './kit/form-page.js';
import { tableOf, type Column } from './kit/list-page.js';
import { keepChallenge, takeChallenge } from './passkey-challenge.js';
import { ownPasswordField, whyNotOwnPassword } from './own-password.js';
import { post, type Ask, type StaffRoute } from './route.js';
import { dayOf, momentOf } from '../../vocabulary/words.js';

const noPlace =
  'Browsers offer passkeys only over https and for a host name. The address of this portal is an IP address or not https, so it has no passkeys: see BASE_URL.';

const sayings: Sayings = {
  added: { tone: 'good', strong: 'The passkey is added.', sentence: 'You can sign in with it from now on.' },
  removed: {
    tone: 'good',
    strong: 'The passkey is removed.',
    sentence: 'It no longer signs you in. You can delete it from your device, too.',
  },
};

const rule = { may: 'signed-in', about: 'own' } as const;

const newPasskey = declareForm<User, { name: string }>({
  ...rule,
  pattern: adminPatterns.passkeys,
  isKept: false,
  groups: ({ passwordHash }) => [
    {
      fields: [
        {
          kind: 'text',
          name: 'name',
          label: 'Name',
          autocomplete: 'off',
          most: longestPasskeyName,
          hint: 'The device that the passkey is on, such as “Work laptop”.',
        },
        ...(passwordHash ? [ownPasswordField('present')] : []),
      ],
    },
  ],
  button: 'Add a passkey',
  more: ({ passwordHash, email }) => ({
    passkey: { way: 'make', challenges: adminPaths.passkeyChallenges() },
    ...(passwordHash ? { username: email } : {}),
  }),
  schema: () => z.object({ name: z.string().overwrite(oneLine) }),
  save: async ({ deps, ask, values: { name } }) => {
    const place = passkeyPlaceOf(deps.config);
    if (!place) throw new DomainError('NOT_FOUND');
    const fault = (text: string) => ({ faults: [{ text, href: '#name' }] });
    const challenge = await takeChallenge(deps, ask.request, 'add');
    if (challenge === null) return fault('That took too long. Please try again.');
    if (name.length > longestPasskeyName)
      return fault(`A passkey's name has at most ${longestPasskeyName} characters.`);
    const answer = textOf(ask.request, 'credential', 40_000);
    try {
      await addPasskey(deps, place, { userId: ask.user.id, name, challenge, answer });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'INVALID_FORM') throw error;
      return fault(error.message);
    }
    await auditOwn(deps, ask, { kind: 'PASSKEY_CHANGED', detail: 'added' });
    return { to: adminPaths.passkeys(), said: 'added' };
  },
});

const passkeysPage: FormPage<User> = {
  section: 'account',
  sayings,
  load: ownUser,
  show: ({ deps, ask, subject }, form) => ({
    title: 'Passkeys',
    crumbs: accountCrumbs,
    isNarrow: true,
    lead: 'A passkey signs you in with your finger, your face or the PIN of your device. There is nothing to remember and nothing to type, and no fake page can ask for it.',
    panels: [
      {
        id: 'passkeys',
        heading: 'Your passkeys',
        ...(subject.passkeys.length > 0
          ? { table: tableOf('Your passkeys', columnsOf(ask, subject), subject.passkeys) }
          : { sentences: ['You have no passkey yet.'] }),
      },
      {
        heading: 'Add a passkey',
        ...(passkeyPlaceOf(deps.config) ? { form: form(newPasskey) } : { sentences: [noPlace] }),
      },
    ],
  }),
  forms: [newPasskey],
};

function columnsOf({ zone }: Ask, user: User): Column<User['passkeys'][number]>[] {
  return [
    { heading: 'Name', cell: ({ name }) => ({ text: name }) },
    { heading: 'Added', cell: ({ addedAt }) => ({ text: dayOf(addedAt, zone) }) },
    {
      heading: 'Last used',
      cell: ({ lastUsedAt }) => ({ text: lastUsedAt ? momentOf(lastUsedAt, zone) : 'not used yet' }),
    },
    {
      heading: 'Action',
      cell: ({ id, name }) =>
        isLastWayIn(user)
          ? { note: 'Your only way in' }
          : { act: { action: adminPaths.passkeyRemovals(id), button: 'Remove', about: name } },
    },
  ];
}

export function passkeyRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes(deps, passkeysPage),
    post(adminPatterns.passkeyChallenges, rule, async (ask, response) => {
      const place = passkeyPlaceOf(deps.config);
      if (!place) throw new DomainError('NOT_FOUND');
      const user = await ownUser(deps, ask);
      const refusal = user.passwordHash
        ? await whyNotOwnPassword(deps, ask, response, user, textOf(ask.request, 'present', 2000))
        : null;
      if (refusal) return void response.status(refusal.status).json({ refusal: refusal.text });
      const options = await passkeyToMake(place, user);
      await keepChallenge(deps, ask.request, 'add', options.challenge);
      response.json(options);
    }),
    post(adminPatterns.passkeyRemovals, rule, async (ask, response) => {
      const user = await ownUser(deps, ask);
      const passkey = user.passkeys.find(({ id }) => id === ask.request.params['passkey']);
      if (!passkey) throw new DomainError('NOT_FOUND');
      if (isLastWayIn(user)) {
        const text = 'This passkey is your only way in. Set a password, or add another passkey, first.';
        const faults = [{ text, href: '#passkeys' }];
        const html = await htmlOf(deps, ask, passkeysPage, user, undefined, faults);
        return void response.status(422).send(html);
      }
      await removePasskey(deps, user._id, passkey.id);
      await auditOwn(deps, ask, { kind: 'PASSKEY_CHANGED', detail: 'removed' });
      response.redirect(303, saying(ask, adminPaths.passkeys(), 'removed'));
    }),
  ];
}

/** Whether the account has no other way to sign in than its one passkey. */
function isLastWayIn({ passkeys, passwordHash, oidc }: User): boolean {
  return passkeys.length === 1 && passwordHash === null && oidc === null;
}

/** One-time codes of the own account: set-up, recovery codes and removal. */
import { encode } from 'uqr';
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import {
  beginOneTimeCodes,
  confirmOneTimeCodes,
  hasOneTimeCodes,
  removeOneTimeCodes,
  setUpOf,
  renewRecoveryCodes,
} from '../../domain/staff/one-time-codes.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { auditOwn } from './audit-by.js';
import { accountCrumbs, ownUser } from './account.js';
import { declareForm, type Form, type FormPlan, type Given, type Outcome } from './kit/form.js';
import { formRoutes, pageHtml, type Shown } from './kit/form-page.js';
import { ownPasswordField, whyNotOwnPassword } from './own-password.js';
import { post, type Ask, type StaffRoute } from './route.js';
import { tryGuess } from './try-guess.js';
import { counted, dayOf } from '../../vocabulary/words.js';

const rule = { may: 'signed-in', about: 'own' } as const;

export const codeField = {
  kind: 'code',
  name: 'code',
  label: 'Code of your app',
  autocomplete: 'one-time-code',
  most: 12,
} as const;

/** A form that asks for the password before its act. @param isFor whether the act applies to the account at all */
function withPassword(
  field: string,
  isFor: (user: User) => boolean,
  act: (given: Given<User, unknown>) => Promise<Outcome>,
  plan: Pick<FormPlan<User, unknown>, 'pattern' | 'button' | 'look'>,
  first?: typeof codeField & { hint: string; isRequired: true },
): Form<User> {
  return declareForm<User, Record<string, string>>({
    ...rule,
    ...plan,
    isKept: false,
    groups: () => [{ fields: [...(first ? [first] : []), ownPasswordField(field)] }],
    more: ({ email }) => ({ username: email }),
    schema: () => z.record(z.string(), z.string()),
    save: async (given) => {
      const { deps, ask, response, subject: user, values } = given;
      if (!isFor(user)) throw new DomainError('NOT_FOUND');
      const refusal = await whyNotOwnPassword(deps, ask, response, user, values[field] ?? '');
      if (refusal) return { faults: [{ text: refusal.text, href: `#${field}` }], status: refusal.status };
      return act(given);
    },
  });
}

/** Checks the first code, which proves that the app has the secret. */
const confirmationForm = withPassword(
  'present',
  () => true,
  async ({ deps, ask, response, subject: user, texts }) => {
    const tried = await tryGuess(
      deps,
      response,
      { what: 'code', guesser: { kind: 'OWNER' }, account: user._id },
      () => confirmOneTimeCodes(deps, user, texts['code'] ?? ''),
      {
        wrong: 'This code is wrong. Wait for the next code of your app, and enter that.',
        name: 'first one-time code',
        refused: (detail) => auditOwn(deps, ask, { kind: 'ACCESS_REFUSED', detail }),
      },
    );
    if ('refusal' in tried)
      return { faults: [{ text: tried.refusal.text, href: '#code' }], status: tried.refusal.status };
    await tell(deps, ask, 'one-time codes set up');
    return { html: codesPage(deps, ask, tried.right) };
  },
  {
    pattern: adminPatterns.codesConfirmation,
    button: 'Turn one-time codes on',
  },
  { ...codeField, isRequired: true, hint: 'Six digits. Nothing changes until you enter a right code.' },
);

const renewalForm = withPassword(
  'renewal',
  hasOneTimeCodes,
  async ({ deps, ask, subject: user }) => {
    const codes = await renewRecoveryCodes(deps, user._id);
    await tell(deps, ask, 'new recovery codes created');
    return { html: codesPage(deps, ask, codes) };
  },
  {
    pattern: adminPatterns.recoveryCodes,
    button: 'Create ten new codes',
    look: 'plain',
  },
);

const removalForm = withPassword(
  'removal',
  hasOneTimeCodes,
  async ({ deps, ask, subject: user }) => {
    await removeOneTimeCodes(deps, user._id);
    await tell(deps, ask, 'one-time codes removed');
    return { to: adminPaths.account(), said: 'codes-removed' };
  },
  {
    pattern: adminPatterns.codesRemoval,
    button: 'Turn one-time codes off',
    look: 'stop',
  },
);

export function oneTimeCodeRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<User>(deps, {
      ...rule,
      pattern: adminPatterns.oneTimeCodes,
      section: 'account',
      load: ownUser,
      // Without codes and without a set-up there is nothing to show.
      instead: ({ subject: user }) =>
        user.totp?.confirmedAt || setUpOf(deps, user) ? undefined : adminPaths.account(),
      show: ({ ask, subject: user }, form) => {
        const setUp = user.totp?.confirmedAt ? null : setUpOf(deps, user);
        return setUp ? codesSetUp(setUp, form) : codesInUse(ask, user, form);
      },
      forms: [confirmationForm, renewalForm, removalForm],
    }),
    post(adminPatterns.codesSetUp, rule, async (ask, response) => {
      const user = await ownUser(deps, ask);
      // The second step follows a password. Without a password there is none.
      if (!user.passwordHash) throw new DomainError('NOT_FOUND');
      await beginOneTimeCodes(deps, user._id);
      response.redirect(303, adminPaths.oneTimeCodes());
    }),
  ];
}

type FormOf = (form: Form<User>) => ReturnType<Parameters<Parameters<typeof formRoutes<User>>[1]['show']>[1]>;

function codesSetUp(setUp: { secret: string; uri: string }, form: FormOf): Shown {
  return {
    title: 'Set up one-time codes',
    crumbs: accountCrumbs,
    isNarrow: true,
    panels: [
      {
        heading: '1. Scan this with your app',
        sentences: ['Any authenticator app works. Choose “add account” or “scan a code” in it.'],
        qr: { ...qrOf(setUp.uri), ...setUp },
      },
      {
        heading: '2. Type the code that the app shows',
        form: { ...form(confirmationForm), cancelHref: adminPaths.account() },
      },
    ],
  };
}

function codesInUse({ zone }: Ask, { totp, recoveryCodes }: User, form: FormOf): Shown {
  return {
    title: 'One-time codes',
    crumbs: accountCrumbs,
    isNarrow: true,
    ...(totp?.confirmedAt && { state: { tone: 'in', words: `On since ${dayOf(totp.confirmedAt, zone)}` } }),
    panels: [
      {
        heading: 'Recovery codes',
        sentences: [
          `${counted(recoveryCodes.length, 'recovery code')} left. Each signs you in once when you do not have your telephone.`,
          'Ten new codes replace all old ones.',
        ],
        form: form(renewalForm),
      },
      {
        heading: 'Turn one-time codes off',
        sentences: [
          'Then you sign in with your password alone. To move to another telephone, turn them off and set them up again.',
        ],
        form: form(removalForm),
      },
    ],
  };
}

/** Shows the codes in the answer to the form, since a redirect could not carry them (decision 0444). */
function codesPage(deps: Deps, ask: Ask, codes: string[]): string {
  return pageHtml(
    deps,
    ask,
    { section: 'account' },
    {
      title: 'Your recovery codes',
      heading: 'Keep these recovery codes',
      crumbs: accountCrumbs,
      isNarrow: true,
      panels: [
        {
          sentences: [
            'They are shown once. Print them, or keep them where you keep your passwords. Each signs you in once when you do not have your telephone.',
          ],
          codes,
          link: { href: adminPaths.account(), text: 'I have kept them', isMain: true },
        },
      ],
    },
  );
}

/** The QR code as one path of unit squares, so that the template needs no raw markup. */
function qrOf(text: string): { box: string; path: string } {
  const { data, size } = encode(text, { border: 4, ecc: 'M' });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return { box: `0 0 ${size} ${size}`, path };
}

async function tell(deps: Deps, ask: Ask, detail: string): Promise<void> {
  await auditOwn(deps, ask, { kind: 'SECOND_FACTOR_CHANGED', detail });
}

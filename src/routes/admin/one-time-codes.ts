/** One-time codes of the own account: set-up, recovery codes and removal. */
import type { Response } from 'express';
import { encode } from 'uqr';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import {
  beginOneTimeCodes,
  confirmOneTimeCodes,
  hasOneTimeCodes,
  removeOneTimeCodes,
  setUpOf,
} from '../../domain/staff/one-time-codes.js';
import { renewRecoveryCodes } from '../../domain/staff/recovery-codes.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { auditOwn } from './audit-by.js';
import { ownUser } from './account.js';
import { textOf, wrongOf } from './form.js';
import type { FieldFault } from './form.js';
import { adminFrame, saying } from './frame.js';
import { whyNotOwnPassword } from './own-password.js';
import type { Ask, StaffRoute } from './route.js';
import { tryGuess } from './try-guess.js';
import type { GuessRefusal } from './try-guess.js';
import { counted, dayOf } from '../../vocabulary/words.js';

const rule = { may: 'signed-in', about: 'own' } as const;
const anybody = () => true;

export function oneTimeCodeRoutes(deps: Deps): StaffRoute[] {
  /** Checks the password in this field before the act. @param isFor whether the act applies to the account at all */
  const withPassword =
    (
      field: string,
      isFor: (user: User) => boolean,
      act: (ask: Ask, response: Response, user: User) => Promise<void>,
    ) =>
    async (ask: Ask, response: Response): Promise<void> => {
      const user = await ownUser(deps, ask);
      if (!isFor(user)) throw new DomainError('NOT_FOUND');
      const password = textOf(ask.request, field, 2000);
      const refusal = await whyNotOwnPassword(deps, ask, response, user, password);
      if (refusal) return refuse(deps, ask, response, user, { ...refusal, href: `#${field}` });
      await act(ask, response, user);
    };
  return [
    {
      ...rule,
      method: 'GET',
      path: adminPatterns.oneTimeCodes,
      handle: async (ask, response) => show(deps, ask, response, await ownUser(deps, ask)),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.codesSetUp,
      handle: async (ask, response) => {
        const user = await ownUser(deps, ask);
        // The second step follows a password. Without a password there is none.
        if (!user.passwordHash) throw new DomainError('NOT_FOUND');
        await beginOneTimeCodes(deps, user._id);
        response.redirect(303, adminPaths.oneTimeCodes());
      },
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.codesConfirmation,
      handle: withPassword('present', anybody, (ask, response, user) => confirm(deps, ask, response, user)),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.recoveryCodes,
      handle: withPassword('renewal', hasOneTimeCodes, async (ask, response, user) => {
        const codes = await renewRecoveryCodes(deps, user._id);
        await tell(deps, ask, 'recovery codes made anew');
        showOnce(deps, ask, response, codes);
      }),
    },
    {
      ...rule,
      method: 'POST',
      path: adminPatterns.codesRemoval,
      handle: withPassword('removal', hasOneTimeCodes, async (ask, response, user) => {
        await removeOneTimeCodes(deps, user._id);
        await tell(deps, ask, 'one-time codes removed');
        response.redirect(303, saying(ask, adminPaths.account(), 'codes-removed'));
      }),
    },
  ];
}

/** Checks the first code, which proves that the app has the secret. */
async function confirm(deps: Deps, ask: Ask, response: Response, user: User): Promise<void> {
  const tried = await tryGuess(
    deps,
    response,
    { what: 'code', guesser: { kind: 'OWNER' }, account: user._id },
    () => confirmOneTimeCodes(deps, user, textOf(ask.request, 'code', 60)),
    {
      wrong: 'That code is not right. Wait for the next one that your app shows, and type that.',
      name: 'first one-time code',
      refused: (detail) => auditOwn(deps, ask, { kind: 'ACCESS_REFUSED', detail }),
    },
  );
  if ('refusal' in tried)
    return refuse(deps, ask, response, await ownUser(deps, ask), { ...tried.refusal, href: '#code' });
  await tell(deps, ask, 'one-time codes set up');
  showOnce(deps, ask, response, tried.right);
}

function refuse(
  deps: Deps,
  ask: Ask,
  response: Response,
  user: User,
  { status, ...fault }: GuessRefusal & FieldFault,
): void {
  response.status(status);
  show(deps, ask, response, user, [fault]);
}

/** Shows the codes in use, or the set-up that waits for its first code. Without both it leads to the page of the account. */
function show(deps: Deps, ask: Ask, response: Response, user: User, faults: FieldFault[] = []): void {
  const page = { accountHref: adminPaths.account(), faults };
  if (user.totp?.confirmedAt)
    return void response.send(
      deps.views.page('admin-codes', {
        ...adminFrame(ask, 'account', 'One-time codes'),
        ...page,
        since: dayOf(user.totp.confirmedAt, ask.zone),
        left: counted(user.recoveryCodes.length, 'recovery code'),
        email: user.email,
        renewalAction: adminPaths.recoveryCodes(),
        removalAction: adminPaths.codesRemoval(),
        wrong: wrongOf(faults),
      }),
    );
  const setUp = setUpOf(deps, user);
  if (!setUp) return response.redirect(303, adminPaths.account());
  response.send(
    deps.views.page('admin-codes-set-up', {
      ...adminFrame(ask, 'account', 'Set up one-time codes'),
      ...page,
      ...setUp,
      qr: qrOf(setUp.uri),
      action: adminPaths.codesConfirmation(),
      email: user.email,
      wrong: wrongOf(faults),
    }),
  );
}

/** Shows them in the answer to the form, since a redirect could not carry them (decision 0444). */
function showOnce(deps: Deps, ask: Ask, response: Response, codes: string[]): void {
  response.send(
    deps.views.page('admin-recovery-codes', {
      ...adminFrame(ask, 'account', 'Your recovery codes'),
      accountHref: adminPaths.account(),
      codes,
    }),
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

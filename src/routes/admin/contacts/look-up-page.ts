/** The search of the contacts index. A name leads to the index, an address to its record, an unknown address to a page with actions. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { filterContext, findContacts } from '../../../domain/contacts/find.js';
import { lookUpAddress, openAddress, type LookedUp } from '../../../domain/contacts/look-up.js';
import { displayName } from '../../../domain/contacts/words.js';
import { mayRole } from '../../../vocabulary/access.js';
import { contactsCrumb } from '../contact/act-page.js';
import { channelMatter } from '../contact/event-words.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { textOf, textsOf } from '../form.js';
import { groupOf, type FieldPlan } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import { pageHtml, type Shown } from '../kit/form-page.js';
import { post, type Ask, type StaffRoute } from '../route.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { contactsHref, viewIn } from './filter-links.js';
import { sendsCondition, takeCondition } from './shown-filter.js';
import { contactsPage } from './index-page.js';
import { present } from '../present.js';

/** Maximum number of contacts that are offered because their addresses begin with the typed text. */
const mostSimilar = 5;

type Unknown = Extract<LookedUp, { kind: 'UNKNOWN' }>;

export function lookUpRoutes(deps: Deps): StaffRoute[] {
  return [
    // POST, so that no URL contains an address.
    // It writes nothing, so it can be repeated at once.
    post(
      adminPatterns.contactSearches,
      {
        may: 'contacts.read',
        about: 'nothing',
        showAgain: ({ notice: _, ...ask }, response) => search(deps, ask, response),
      },
      (ask, response) => search(deps, ask, response),
    ),
    post(adminPatterns.addresses, { may: 'contacts.change', about: 'nothing' }, async (ask, response) => {
      const id = await openAddress(deps, textOf(ask.request, 'address', 400));
      response.redirect(303, nextPage(id, textOf(ask.request, 'next', 40)));
    }),
  ];
}

async function search(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const { request, scope } = ask;
  const query = new URLSearchParams();
  for (const name of ['filter', 'f', 'q', 'sort', 'dir'])
    for (const text of textsOf(request, name, 50)) query.append(name, text);
  const view = viewIn(query);
  if (sendsCondition(request)) {
    const about = { view, context: await filterContext(deps, scope) };
    return takeCondition(ask, response, about, (faults, edited) =>
      contactsPage(deps, ask, query, { faults, ...(edited ? { edited } : {}) }),
    );
  }
  const found = await lookUpAddress(deps, { scope, text: view.search });
  if (!found) return response.redirect(303, contactsHref(view));
  if (found.kind !== 'UNKNOWN') return response.redirect(303, adminPaths.contact(found.recordId));
  response.send(await unknownAddressPage(deps, ask, found));
}

/** The page of each choice. Each of these pages has its own permission. */
function nextPage(id: string, next: string): string {
  const [act, channel = ''] = next.split(':');
  if (act === 'opt-out') return adminPaths.optOuts(id, { channel });
  if (act === 'contact') return adminPaths.newContact({ address: id });
  if (act === 'link') return adminPaths.linkMails(id);
  return adminPaths.contact(id);
}

/**
 * The page of an address of which nothing is known within the user's units. It is the same whether or not other units know the address.
 * Showing it writes nothing: the address is kept only once the user goes on.
 */
export async function unknownAddressPage(deps: Deps, ask: Ask, unknown: Unknown): Promise<string> {
  const { address } = unknown;
  const [catalogue, { contacts }] = await Promise.all([
    deps.catalogue(),
    findContacts(deps, { ...wholeIndex, scope: ask.scope, search: address, cursor: null }),
  ]);
  const options = optionsOf(ask, unknown, catalogueWithin(catalogue, ask.scope));
  const nobody = ask.scope === null ? 'No contact' : 'No contact in your business units';
  const fields: FieldPlan[] = [{ kind: 'radios', name: 'next', label: 'What do you want to do?', options }];
  const next = options[0]?.value ?? '';
  const form = {
    ...actView(adminPaths.addresses(), 'Continue', [{ name: 'address', value: address }], 'main'),
    groups: [groupOf({ fields }, { next }, [])],
    cancelHref: adminPaths.contacts(),
  };
  const page: Shown = {
    title: 'Look up an address',
    crumbs: [contactsCrumb],
    heading: 'Sayso knows nothing of this address yet',
    isNarrow: true,
    panels: [
      {
        sentences: [
          `${nobody} has ${shownAddress(address)}, and no subscription or opt-out is recorded for it.`,
          catalogue.isPrivacyMode
            ? 'Marketing may be sent to it only after an opt-in.'
            : 'Marketing may be sent to it until it is opted out.',
        ],
        ...(options.length > 0 ? { form } : {}),
        // What was typed may be the beginning of a longer address.
        ways: contacts.slice(0, mostSimilar).map((contact) => ({
          href: adminPaths.contact(contact._id),
          label: `Open ${[displayName(contact), shownAddress(contact.email ?? ''), contact.phone].filter(Boolean).join(', ')}`,
        })),
      },
    ],
  };
  return pageHtml(deps, ask, { section: 'contacts' }, page);
}

function optionsOf({ user }: Ask, { channels }: Unknown, { orderedTypes }: Catalogue) {
  const used = channels.filter((channel) => orderedTypes.some((type) => type.channel === channel));
  return present([
    ...(mayRole(user.role, 'overrides.make')
      ? [
          ...used.map((channel) => ({
            value: `opt-out:${channel}`,
            label: `Opt it out of all ${channelMatter[channel]}`,
          })),
          { value: 'record', label: 'Subscribe it to single types' },
        ]
      : []),
    mayRole(user.role, 'contacts.change') && { value: 'contact', label: 'Create a contact with it' },
    mayRole(user.role, 'links.send') &&
      channels.includes('EMAIL') && { value: 'link', label: 'Send it a preferences link' },
  ]);
}

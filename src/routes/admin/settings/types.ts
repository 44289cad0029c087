/** Subscription types: the list of each unit in its order, a new one, each one's form, archiving and bringing back. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { addType, changeType, findType, moveType, setTypeActive } from '../../../domain/catalogue/types.js';
import type { SubscriptionType } from '../../../vocabulary/terms.js';
import { mayRole } from '../../../vocabulary/access.js';
import { DomainError } from '../../../errors.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { auditBy } from '../audit-by.js';
import { queryOf, textOf, wholeOf } from '../form.js';
import type { FieldFault } from '../form.js';
import { adminFrame, saying, settingsCrumbs } from '../frame.js';
import type { AdminRoute, Ask } from '../route.js';
import { staleFaults, textsOf, versionOf } from './fields.js';
import type { Texts } from './fields.js';
import { newTypeTexts, textsOfType, typeFieldNames, typeGroups, typeLabels, typeOf } from './type-form.js';
import { typesPage } from './types-page.js';

const sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'Every page shows it within seconds.' },
  made: {
    tone: 'good',
    strong: 'The type is there.',
    sentence: 'Contacts can say yes or no to it within seconds.',
  },
  archived: { tone: 'good', strong: 'Archived.', sentence: 'What was recorded of it stays.' },
  restored: { tone: 'good', strong: 'Brought back.', sentence: 'Each contact stands where it stood.' },
} as const;

const crumbs = [...settingsCrumbs, { href: adminPaths.types(), text: 'Subscription types' }];

export function typeRoutes(deps: Deps): AdminRoute[] {
  return [
    {
      method: 'GET',
      path: adminPatterns.types,
      may: 'settings.read',
      about: 'nothing',
      handle: async (ask, response) =>
        void response.send(deps.views.page('admin-settings-types', typesPage(await deps.catalogue(), ask))),
    },
    {
      method: 'GET',
      path: adminPatterns.newType,
      may: 'settings.change',
      about: 'nothing',
      handle: async (ask, response) => {
        const unitId = await unitAsked(deps, ask, queryOf(ask.request, 'unit', 10) ?? '');
        return newForm(deps, ask, response, { unitId, texts: newTypeTexts, faults: [] });
      },
    },
    {
      method: 'POST',
      path: adminPatterns.types,
      may: 'settings.change',
      about: 'nothing',
      handle: async (ask, response) => {
        const unitId = await unitAsked(deps, ask, textOf(ask.request, 'unit', 10));
        const texts = textsOf(ask.request, typeFieldNames);
        const checked = typeOf(texts);
        if ('faults' in checked) return newForm(deps, ask, response, { unitId, texts, ...checked });
        const id = await addType(deps, unitId, checked.fields);
        await audit(deps, ask, { id, unitId }, 'made');
        response.redirect(303, saying(ask, adminPaths.type(id), 'made'));
      },
      showAgain: async (ask, response) => {
        const unitId = await unitAsked(deps, ask, textOf(ask.request, 'unit', 10));
        return newForm(deps, ask, response, {
          unitId,
          texts: textsOf(ask.request, typeFieldNames),
          faults: [],
        });
      },
    },
    {
      method: 'GET',
      path: adminPatterns.type,
      may: 'settings.read',
      about: 'type',
      handle: async (ask, response) => {
        const { type, version } = await typeAsked(deps, ask);
        return form(deps, ask, response, { type, version, texts: textsOfType(type), faults: [] });
      },
    },
    {
      method: 'POST',
      path: adminPatterns.type,
      may: 'settings.change',
      about: 'type',
      handle: async (ask, response) => {
        const { type } = await typeAsked(deps, ask);
        // The channel is no field of this form.
        const texts = { ...textsOf(ask.request, typeFieldNames), channel: type.channel };
        const version = versionOf(ask.request);
        const checked = typeOf(texts);
        if ('faults' in checked) return form(deps, ask, response, { type, version, texts, ...checked });
        if ((await changeType(deps, type.id, version, checked.fields)) === 'SAVED') {
          await audit(deps, ask, type, 'changed');
          return response.redirect(303, saying(ask, adminPaths.type(type.id), 'saved'));
        }
        const now = await typeAsked(deps, ask);
        const stale = staleFaults(texts, textsOfType(now.type), typeLabels);
        return form(deps, ask, response, { ...now, texts, faults: stale });
      },
      showAgain: async (ask, response) => {
        const { type } = await typeAsked(deps, ask);
        const texts = { ...textsOf(ask.request, typeFieldNames), channel: type.channel };
        return form(deps, ask, response, { type, version: versionOf(ask.request), texts, faults: [] });
      },
    },
    {
      method: 'POST',
      path: adminPatterns.typePositions,
      may: 'settings.change',
      about: 'type',
      handle: async (ask, response) => {
        const { type } = await typeAsked(deps, ask);
        const direction = textOf(ask.request, 'direction', 4);
        if (direction !== 'up' && direction !== 'down') throw new DomainError('INVALID_FORM');
        await moveType(deps, type, direction === 'up' ? 'UP' : 'DOWN');
        await audit(deps, ask, type, `moved ${direction}`);
        response.redirect(303, `${adminPaths.types()}#type-${type.id}`);
      },
    },
    ...[
      { path: adminPatterns.typeArchivings, isActive: false, said: 'archived' },
      { path: adminPatterns.typeRestorings, isActive: true, said: 'restored' },
    ].map(({ path, isActive, said }): AdminRoute => ({
      method: 'POST',
      path,
      may: 'settings.change',
      about: 'type',
      handle: async (ask, response) => {
        const { type } = await typeAsked(deps, ask);
        if (await setTypeActive(deps, type.id, isActive)) {
          await audit(deps, ask, type, said);
        }
        response.redirect(303, saying(ask, adminPaths.type(type.id), said));
      },
    })),
  ];
}

/** @throws DomainError `NOT_FOUND` for one that there is not, or that is not the user's */
async function typeAsked(deps: Deps, { request, scope }: Ask) {
  const id = wholeOf(String(request.params['type']));
  const found = id === null ? null : await findType(deps.models, id);
  if (!found || !isInScope(scope, found.type.unitId)) throw new DomainError('NOT_FOUND');
  return found;
}

/** The unit that a new type is to be of. @throws DomainError `NOT_FOUND` */
async function unitAsked(deps: Deps, { scope }: Ask, text: string): Promise<number> {
  const id = wholeOf(text);
  if (id === null || !isInScope(scope, id) || !(await deps.rereadCatalogue()).units.has(id))
    throw new DomainError('NOT_FOUND');
  return id;
}

async function audit(
  deps: Deps,
  ask: Ask,
  { id, unitId }: Pick<SubscriptionType, 'id' | 'unitId'>,
  detail: string,
): Promise<void> {
  await auditBy(deps, ask, { kind: 'TYPE_CHANGED', about: `type:${id}`, unitId, detail });
}

async function newForm(
  deps: Deps,
  ask: Ask,
  response: Response,
  { unitId, texts, faults }: { unitId: number; texts: Texts; faults: FieldFault[] },
): Promise<void> {
  const unit = (await deps.catalogue()).units.get(unitId);
  const heading = `New subscription type of ${unit?.name ?? 'this unit'}`;
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-form', {
      ...adminFrame(ask, 'settings', heading),
      crumbs,
      heading,
      action: adminPaths.types(),
      hidden: [{ name: 'unit', value: String(unitId) }],
      groups: typeGroups(texts, faults, true),
      button: 'Make the type',
      isReadOnly: false,
      hasFile: false,
      acts: [],
      faults,
    }),
  );
}

async function form(
  deps: Deps,
  ask: Ask,
  response: Response,
  given: { type: SubscriptionType; version: number; texts: Texts; faults: FieldFault[] },
): Promise<void> {
  const { type, version, texts, faults } = given;
  const unit = (await deps.catalogue()).units.get(type.unitId);
  const mayChange = mayRole(ask.user.role, 'settings.change');
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-settings-form', {
      ...adminFrame(ask, 'settings', type.name, sayings),
      crumbs,
      heading: type.name,
      lead: `${unit?.name ?? ''}, id ${type.id}${type.isActive ? '' : '. It is archived: contacts see it no more.'}`,
      action: adminPaths.type(type.id),
      hidden: [{ name: 'version', value: String(version) }],
      groups: typeGroups(texts, faults, false),
      button: 'Save',
      isReadOnly: !mayChange,
      hasFile: false,
      acts: mayChange ? [actOf(type)] : [],
      faults,
    }),
  );
}

function actOf({ id, isActive }: SubscriptionType) {
  return isActive
    ? {
        heading: 'Archive this type',
        sentence:
          'Contacts see it no more, and nobody can be opted in. Their statuses and history stay, and it can be brought back.',
        action: adminPaths.typeArchivings(id),
        button: 'Archive',
        look: 'stop' as const,
      }
    : {
        heading: 'Bring this type back',
        sentence: 'Contacts see it again, each with the status that it had.',
        action: adminPaths.typeRestorings(id),
        button: 'Bring it back',
        look: 'plain' as const,
      };
}

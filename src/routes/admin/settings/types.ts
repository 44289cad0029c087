/** Subscription types: the list of each unit in its order, a new one, each one's form, archiving and restoring. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { typeFields, type TypeFields } from '../../../domain/catalogue/fields.js';
import { addType, changeType, findType, moveType, setTypeActive } from '../../../domain/catalogue/types.js';
import { isWidened, saidOfWidening } from '../../../domain/marketing/addresses-concerned.js';
import { channels, typePurposes } from '../../../vocabulary/terms.js';
import type { BusinessUnit, SubscriptionType } from '../../../vocabulary/terms.js';
import { DomainError } from '../../../errors.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { channelNames } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { auditBy } from '../audit-by.js';
import { sentOf, textOf, wholeOf } from '../form.js';
import { saying, settingsCrumbs } from '../frame.js';
import { translationGroups, translationTexts } from '../kit/fields.js';
import type { FieldPlan, GroupPlan, Texts } from '../kit/fields.js';
import { actView, declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { unitOptions } from '../options.js';
import { post, type AdminRoute, type Ask } from '../route.js';
import { typeListRoute } from './type-list.js';

const sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'Every page shows it within seconds.' },
  created: {
    tone: 'good',
    strong: 'Subscription type created.',
    sentence: 'Contacts can subscribe to it within seconds.',
  },
  archived: { tone: 'good', strong: 'Archived.', sentence: 'Its history stays.' },
  restored: { tone: 'good', strong: 'Restored.', sentence: 'Each contact has the status that it had.' },
} as const;

const crumbs = [...settingsCrumbs, { href: adminPaths.types(), text: 'Subscription types' }];
const purposeWords = { MARKETING: 'Marketing', TRANSACTIONAL: 'Transactional' } as const;

const textFields = [
  { kind: 'text', name: 'name', label: 'Name' },
  { kind: 'area', name: 'description', label: 'Description' },
] as const;

/** @param channelField the channel of a new type can be chosen, and never changes after that */
function groupsOf(texts: Texts, channelField: Pick<FieldPlan, 'kind' | 'hint'>): GroupPlan[] {
  return [
    {
      legend: 'What contacts read',
      fields: [
        { ...textFields[0], isRequired: true },
        { ...textFields[1], isRequired: true, hint: 'One sentence: what comes, and how often.' },
      ],
    },
    {
      legend: 'What it is',
      fields: [
        {
          ...channelField,
          name: 'channel',
          label: 'Messaging channel',
          options: channels.map((value) => ({ value, label: channelNames[value] })),
        },
        {
          kind: 'select',
          name: 'purpose',
          label: 'Purpose',
          hint: 'An opt-out of all never covers a transactional type. Choose it for receipts and security notices only.',
          options: typePurposes.map((value) => ({ value, label: purposeWords[value] })),
        },
        {
          kind: 'text',
          name: 'communicationMethod',
          label: 'Communication method',
          hint: 'Such as Newsletter, or One to one.',
        },
        {
          kind: 'tick',
          name: 'isInternal',
          label: 'Internal: contacts never see it',
          short: 'Internal',
          hint: 'For types that only staff and systems change.',
        },
        {
          kind: 'tick',
          name: 'isDefault',
          label: 'Default: meant for every new contact',
          short: 'Default',
          hint: 'This alone does not subscribe any contact.',
        },
      ],
    },
    ...translationGroups(textFields, texts),
  ];
}

interface NewType {
  unitId: number;
  /** Those within the user's scope. */
  units: readonly BusinessUnit[];
}

const newTypeForm = declareForm<NewType, TypeFields & { unit: string }>({
  may: 'settings.change',
  pattern: adminPatterns.types,
  about: 'nothing',
  groups: ({ units }, texts) => [
    {
      legend: 'Where it belongs',
      fields: [
        {
          kind: 'select',
          name: 'unit',
          label: 'Business unit',
          hint: 'It can never change, because consent is recorded for its unit.',
          options: unitOptions(units),
        },
      ],
    },
    ...groupsOf(texts, {
      kind: 'select',
      hint: 'It can never change, because consent is recorded for its channel.',
    }),
  ],
  texts: ({ unitId }) => ({ unit: String(unitId), channel: 'EMAIL', purpose: 'MARKETING' }),
  button: 'Create subscription type',
  schema: () => typeFields.extend({ unit: z.string() }),
  save: async ({ deps, ask, subject: { unitId }, values: { unit: _, ...values } }) => {
    const { id } = await addType(deps, unitId, values);
    await audit(deps, ask, { id, unitId }, 'created');
    return { to: adminPaths.type(id), said: 'created' };
  },
});

interface StoredType {
  type: SubscriptionType;
  unitName: string;
  version: number;
}

const typeForm = declareForm<StoredType, TypeFields>({
  may: 'settings.change',
  pattern: adminPatterns.type,
  about: 'type',
  groups: (_subject, texts) =>
    groupsOf(texts, {
      kind: 'fixed',
      hint: 'It can never change, because consent was recorded for its channel.',
    }),
  texts: ({ type }) => ({
    name: type.name,
    description: type.description,
    purpose: type.purpose,
    communicationMethod: type.communicationMethod,
    channel: type.channel,
    isInternal: type.isInternal ? 'yes' : '',
    isDefault: type.isDefault ? 'yes' : '',
    ...translationTexts(type.translations, ['name', 'description']),
  }),
  version: ({ version }) => version,
  button: 'Save',
  schema: () => typeFields,
  save: async ({ deps, ask, subject: { type, version: stored }, values, version, confirmed }) => {
    if (isWidened(type, values.purpose) && version === stored && confirmed !== values.purpose)
      return { confirm: { ...(await transactionalWords(deps, ask, type)), confirmed: values.purpose } };
    if ((await changeType(deps, type.id, version, values)) !== 'SAVED') return 'STALE';
    await audit(deps, ask, type, 'changed');
    return { to: adminPaths.type(type.id), said: 'saved' };
  },
});

/** The effect of a transactional purpose, and on how many addresses. */
async function transactionalWords(deps: Deps, { scope }: Ask, type: SubscriptionType) {
  return {
    heading: 'Make this type transactional?',
    sentences: [
      await saidOfWidening(deps, scope, type),
      'Opt-outs do not stop transactional messages. Only receipts, security notices and the like are transactional.',
    ],
    button: 'Make it transactional',
  };
}

export function typeRoutes(deps: Deps): AdminRoute[] {
  return [
    typeListRoute(deps),
    ...formRoutes(deps, {
      pattern: adminPatterns.newType,
      section: 'settings',
      load: unitAsked,
      show: (_about, form) => ({ title: 'New subscription type', crumbs, form: form(newTypeForm) }),
      forms: [newTypeForm],
    }),
    ...formRoutes(deps, {
      may: 'settings.read',
      section: 'settings',
      sayings,
      load: typeAsked,
      show: ({ subject: { type, unitName } }, form) => {
        const shown = form(typeForm);
        return {
          title: type.name,
          crumbs,
          lead: `${unitName}, id ${type.id}${type.isActive ? '' : '. It is archived, so contacts do not see it.'}`,
          form: shown,
          panels: shown.isReadOnly ? [] : [actOf(type)],
        };
      },
      forms: [typeForm],
    }),
    post(adminPatterns.typePositions, { may: 'settings.change', about: 'type' }, async (ask, response) => {
      const { type } = await typeAsked(deps, ask);
      const direction = textOf(ask.request, 'direction', 4);
      if (direction !== 'up' && direction !== 'down') throw new DomainError('INVALID_FORM');
      await moveType(deps, type, direction === 'up' ? 'UP' : 'DOWN');
      await audit(deps, ask, type, `moved ${direction}`);
      response.redirect(303, `${adminPaths.types()}#type-${type.id}`);
    }),
    ...[
      { path: adminPatterns.typeArchivings, isActive: false, said: 'archived' },
      { path: adminPatterns.typeRestorings, isActive: true, said: 'restored' },
    ].map(({ path, isActive, said }): AdminRoute =>
      post(path, { may: 'settings.change', about: 'type' }, async (ask, response) => {
        const { type } = await typeAsked(deps, ask);
        if (await setTypeActive(deps, type.id, isActive)) await audit(deps, ask, type, said);
        response.redirect(303, saying(ask, adminPaths.type(type.id), said));
      }),
    ),
  ];
}

/** @throws DomainError `NOT_FOUND` for a type that does not exist for this user */
async function typeAsked(deps: Deps, { request, scope }: Ask): Promise<StoredType> {
  const id = wholeOf(String(request.params['type']));
  const found = id === null ? null : await findType(deps.models, id);
  if (!found || !isInScope(scope, found.type.unitId)) throw new DomainError('NOT_FOUND');
  const unit = (await deps.catalogue()).units.get(found.type.unitId);
  return { ...found, unitName: unit?.name ?? `unit ${found.type.unitId}` };
}

/** The unit of a new type, from the address of its page or from the form; else the first. @throws DomainError `NOT_FOUND` */
async function unitAsked(deps: Deps, { request, scope }: Ask): Promise<NewType> {
  const asked = sentOf(request, 'unit', 10);
  const all = (await deps.rereadCatalogue()).units.values();
  const units = [...all].filter(({ id }) => isInScope(scope, id));
  const unit = asked === '' ? units[0] : units.find(({ id }) => String(id) === asked);
  if (!unit) throw new DomainError('NOT_FOUND');
  return { unitId: unit.id, units };
}

async function audit(
  deps: Deps,
  ask: Ask,
  { id, unitId }: Pick<SubscriptionType, 'id' | 'unitId'>,
  detail: string,
): Promise<void> {
  await auditBy(deps, ask, { kind: 'TYPE_CHANGED', about: `type:${id}`, unitId, detail });
}

function actOf({ id, isActive }: SubscriptionType): Panel {
  return isActive
    ? {
        heading: 'Archive this type',
        sentences: [
          'Contacts no longer see it, and cannot be opted in. Their statuses and history stay, and the type can be restored.',
        ],
        form: actView(adminPaths.typeArchivings(id), 'Archive', [], 'stop'),
      }
    : {
        heading: 'Restore this type',
        sentences: ['Contacts see it again, each with the status that it had.'],
        form: actView(adminPaths.typeRestorings(id), 'Restore'),
      };
}

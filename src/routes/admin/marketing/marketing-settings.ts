/** Settings of marketing contacts: the monthly day, the limit of the plan, and the defaults for new contacts by tool. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { saveMarketingSettings, tools, type Tool } from '../../../domain/marketing/settings.js';
import { readMarketingSettings, type MarketingSettings } from '../../../models/setting.js';
import { auditBy } from '../audit-by.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf } from '../kit/list-page.js';
import type { StaffRoute } from '../route.js';

const changeable = tools.filter(({ why }) => why === undefined);

const settingsForm = declareForm<MarketingSettings, { day: number; limit: number | null; sources: string[] }>(
  {
    pattern: adminPatterns.marketingSettings,
    may: 'settings.change',
    about: 'account',
    groups: () => [
      {
        fields: [
          {
            ...{ kind: 'select', name: 'day', label: 'Day of the monthly update' },
            options: Array.from({ length: 31 }, (_, at) => ({
              value: String(at + 1),
              label: String(at + 1),
            })),
            hint: 'Non-marketing takes effect at the beginning of this day, in the time zone of the account. In shorter months it is the last day.',
          },
          {
            ...{ kind: 'text', name: 'limit', label: 'Marketing contacts in your plan' },
            hint: 'The dashboard warns at 80 % and at 100 %. Nothing is blocked. Leave it empty for no limit.',
          },
          {
            ...{ kind: 'ticks', name: 'sources', label: 'New contacts are marketing contacts when they are' },
            options: changeable.map(({ id, label }) => ({
              value: id,
              label: label.toLowerCase().replace('api', 'API'),
            })),
            hint: 'It concerns new contacts only.',
          },
        ],
      },
    ],
    texts: ({ day, limit, nonMarketingSources }) => ({
      day: String(day),
      limit: limit === null ? '' : String(limit),
      sources: changeable.flatMap(({ id }) => (nonMarketingSources.includes(id) ? [] : [id])).join('\n'),
    }),
    version: ({ version }) => version,
    button: 'Save',
    schema: () =>
      z.object({
        day: z.coerce.number().int().min(1).max(31),
        limit: z
          .string()
          .transform((text) => text.replaceAll(/[\s,.]/g, ''))
          .refine((text) => /^\d{0,9}$/.test(text), 'Give a whole number, such as 2000, or leave it empty.')
          .transform((text) => (text === '' || Number(text) === 0 ? null : Number(text))),
        sources: z.array(z.string()),
      }),
    save: async ({ deps, ask, values: { day, limit, sources }, version }) => {
      const nonMarketingSources = changeable.flatMap(({ id }) => (sources.includes(id) ? [] : [id]));
      const saved = await saveMarketingSettings(deps, version, { day, limit, nonMarketingSources });
      if (saved === 'STALE') return 'STALE';
      const detail = `marketing contacts: day ${day}, limit ${limit ?? 'none'}, not by default: ${nonMarketingSources.join(' ') || 'none'}`;
      await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: 'account', detail });
      return { to: adminPaths.marketingSettings(), said: 'saved' };
    },
  },
);

export function marketingSettingsRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<MarketingSettings>(deps, {
    pattern: adminPatterns.marketingSettings,
    may: 'settings.read',
    about: 'account',
    section: 'marketing',
    sayings: {
      saved: { tone: 'good', strong: 'Saved.', sentence: 'New contacts follow it within seconds.' },
    },
    load: () => readMarketingSettings(deps.models.settings),
    show: ({ subject: { nonMarketingSources } }, form) => {
      const columns = [
        { heading: 'Tool', cell: ({ label }: Tool) => ({ text: label }) },
        {
          heading: 'New contacts are',
          cell: ({ id, why }: Tool) => ({
            text: why ? '–' : nonMarketingSources.includes(id) ? 'Non-marketing' : 'Marketing',
          }),
        },
        {
          heading: 'Can be changed',
          cell: ({ why }: Tool) => (why ? { text: 'No', note: why } : { text: 'Yes' }),
        },
      ];
      return {
        title: 'Settings of marketing contacts',
        crumbs: [{ href: adminPaths.marketing(), text: 'Marketing contacts' }],
        panels: [
          { form: form(settingsForm) },
          {
            heading: 'Defaults for new contacts',
            table: tableOf('Defaults for new contacts', columns, tools),
          },
        ],
      };
    },
    forms: [settingsForm],
  });
}

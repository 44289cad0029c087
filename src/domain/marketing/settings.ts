/** The settings of marketing contacts: the day of the update, the limit, and the defaults for new contacts by tool. */
import type { Models } from '../../models/index.js';
import { raiseCatalogueVersion, saveSetting, type MarketingSettings } from '../../models/setting.js';
import type { ActorKind } from '../../vocabulary/terms.js';
import { writing } from '../consent/durability.js';

/** A tool that makes contacts, or that people expect to make some. `why`: its default is fixed. */
export interface Tool {
  id: ActorKind;
  label: string;
  why?: string;
}

export const tools: readonly Tool[] = [
  { id: 'STAFF', label: 'Added by hand' },
  { id: 'IMPORT', label: 'Imported' },
  { id: 'API', label: 'Made by the API' },
  {
    id: 'CONTACT',
    label: 'Preference page',
    why: 'It makes no contact. Consent alone decides for an address without a contact.',
  },
  {
    id: 'WORKFLOW',
    label: 'Workflow',
    why: 'It makes no contact. Its action “Set marketing contact status” sets the status.',
  },
];

/** @returns `STALE` if somebody else saved them in the meantime */
export async function saveMarketingSettings(
  { models: { settings } }: { models: Pick<Models, 'settings'> },
  version: number,
  fields: Pick<MarketingSettings, 'day' | 'limit' | 'nonMarketingSources'>,
): Promise<'SAVED' | 'STALE'> {
  const saved = await writing(() => saveSetting(settings, { id: 'marketing', version }, fields));
  if (saved === 'SAVED') await writing(() => raiseCatalogueVersion(settings));
  return saved;
}

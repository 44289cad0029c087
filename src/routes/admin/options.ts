/** Choices of a channel and of a legal basis, and the look of a status. */
import { channels, legalBases, type SubscriptionStatus } from '../../vocabulary/terms.js';
import { basisNames, channelNames } from '../../vocabulary/words.js';
import type { Option } from '../../views/admin-frame.js';

/** Class of `.state`: colour and shape of a status. */
export const statusTones: Readonly<Record<SubscriptionStatus, 'in' | 'out' | 'none'>> = {
  SUBSCRIBED: 'in',
  UNSUBSCRIBED: 'out',
  NOT_SPECIFIED: 'none',
};

/** Choices of a legal basis. @param none words of the empty choice */
export function basisOptions(chosen: string, none: string): Option[] {
  return [
    { value: '', label: none, isSelected: chosen === '' },
    ...legalBases.map((value) => ({ value, label: basisNames[value], isSelected: value === chosen })),
  ];
}

export function channelOptions(chosen: string): Option[] {
  return channels.map((value) => ({ value, label: channelNames[value], isSelected: value === chosen }));
}

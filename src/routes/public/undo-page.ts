/** Asks for a tick before undoing something that was stopped by a single click. */
import type { SaveChange } from '../../models/subscriber.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { MessagePage } from '../../views/public-pages.js';
import { messageOf, type Speaker } from './frame.js';
import { typeNames } from '../../domain/wordings/naming.js';

/** What an Undo would restore, in the words of its page. */
export interface Undoable {
  names: string;
  count: number;
}

/** The page of Undo: its button does nothing without the tick. */
export function undoPage(
  link: Speaker,
  undoable: Undoable,
  form: { action: string; nonce: string; hasBeenAsked: boolean },
): MessagePage {
  const { words } = link;
  return messageOf(link, form.action, {
    tone: 'plain',
    heading: words.t('undoHeading'),
    sentences: [words.t('undoText', { names: undoable.names, count: undoable.count })],
    faults: form.hasBeenAsked ? [{ text: words.t('tickNeeded'), href: '#sure' }] : [],
    forms: [
      {
        action: form.action,
        hidden: [
          { name: 'undo', value: form.nonce },
          { name: 'asked', value: '1' },
        ],
        button: words.t('undoButton'),
        look: 'main',
        tick: [{ name: 'sure', label: words.t('undoTick'), isRequired: true }],
      },
    ],
  });
}

/** The types that an Undo switches on again. */
export function namesOf(
  changes: readonly SaveChange[],
  { catalogue, words }: { catalogue: Catalogue; words: Speaker['words'] },
): Undoable {
  const on = changes.flatMap((change) =>
    change.what === 'TYPE' && change.outcome === 'ON' ? [change.typeId] : [],
  );
  const names = typeNames(catalogue, on, words.locale);
  return { names: words.list(names), count: names.length };
}

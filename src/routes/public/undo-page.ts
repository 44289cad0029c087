/** Asks for a tick before something is put back that had been stopped by a single press. */
import type { Wish } from '../../domain/consent/terms.js';
import type { MessagePage } from '../../views/pages.js';
import { messageOf } from './frame.js';
import type { Speaker } from './frame.js';
import type { Catalogue } from '../../domain/consent/terms.js';
import { typeIn } from './naming.js';

/** The page behind Undo: its button does nothing without the tick. */
export function undoPage(
  link: Speaker & { catalogue: Catalogue },
  wishes: Wish[],
  form: { action: string; nonce: string; hasBeenAsked: boolean },
): MessagePage {
  const { words, catalogue } = link;
  return messageOf(link, form.action, {
    tone: 'plain',
    heading: words.copy['undoHeading'] ?? '',
    sentences: [words.t('undoText', namesOf(wishes, catalogue, words))],
    faults: form.hasBeenAsked ? [{ text: words.copy['tickNeeded'] ?? '', href: '#sure' }] : [],
    forms: [
      {
        action: form.action,
        hidden: [
          { name: 'undo', value: form.nonce },
          { name: 'asked', value: '1' },
        ],
        button: words.copy['undoButton'] ?? '',
        look: 'main',
        tick: [{ name: 'sure', label: words.copy['undoTick'] ?? '', isRequired: true }],
      },
    ],
  });
}

function namesOf(
  wishes: Wish[],
  catalogue: Catalogue,
  words: Speaker['words'],
): { names: string; count: number } {
  const names = wishes.flatMap((wish) => {
    const type = wish.kind === 'OPT_IN' ? catalogue.types.get(wish.typeId) : undefined;
    return type ? [typeIn(type, words.locale).name] : [];
  });
  return { names: words.list(names), count: names.length };
}

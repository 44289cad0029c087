/** What is cut out of altered tokens is refused too. Only a genuine token that is complete in the text is accepted. `npm run soak` tries each. */
import { expect, it } from 'vitest';
import { tokenAlgorithms } from '../../src/config.js';
import { cutToken } from '../../src/tokens/cut-token.js';
import { acceptedOf, examples, mutationsOf } from '../support/forged-tokens.js';
import { keyFileOf, noon, tokensOf } from '../support/key-file.js';
import { oneIn } from '../support/soak.js';

it(
  'a part cut out of an altered token is refused, unless the genuine token is complete in it',
  { timeout: 180_000 },
  async () => {
    for (const algorithm of tokenAlgorithms) {
      const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
      const token = await tokens.mint('unsubscribe', examples.unsubscribe, noon);
      let whole = 0;
      const cutOut = function* () {
        for (const text of oneIn(5, mutationsOf(token))) {
          const cut = cutToken(text)?.token;
          if (cut === token) {
            whole += 1;
            expect(text.replaceAll(/\s/g, '').startsWith(token), JSON.stringify(text)).toBe(true);
          } else if (cut !== undefined) yield cut;
        }
      };
      const { accepted, count } = await acceptedOf(tokens, 'unsubscribe', cutOut());
      expect(accepted).toEqual([]);
      expect(count).toBeGreaterThan(1000);
      expect(whole).toBeGreaterThan(1);
    }
  },
);

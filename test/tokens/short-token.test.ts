/** The short spelling of unsubscribe tokens: it converts back to the token, is short enough for any subject, and forges nothing. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tokenAlgorithms } from '../../src/config.js';
import { largestEpoch, largestId } from '../../src/tokens/claims.js';
import { withoutGaps } from '../../src/tokens/cut-token.js';
import { shortToken, shortTokenIn } from '../../src/tokens/short-token.js';
import { acceptedOf, examples, mutationsOf, subscriberId } from '../support/forged-tokens.js';
import { keyFileOf, noon, tokensOf } from '../support/key-file.js';

const optional = <T>(name: string, values: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    values.map((value) => ({ [name]: value })),
  );
const someClaims = fc
  .tuple(
    fc.record({
      subscriberId: fc.stringMatching(/^[A-Za-z0-9_-]{21}[AQgw]$/),
      unitId: fc.integer({ min: 0, max: largestId }),
      epoch: fc.integer({ min: 0, max: largestEpoch }),
    }),
    optional('typeId', fc.integer({ min: 1, max: largestId })),
    optional('locale', fc.stringMatching(/^[a-z]{2}$/)),
    optional('campaign', fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/)),
  )
  .map(([needed, ...others]) => Object.assign({}, needed, ...others) as typeof needed);
const words = fc.stringMatching(/^[A-Za-z0-9 :,[\]_-]{0,30}$/);

it.each(tokenAlgorithms)(
  'the short spelling of a %s token converts back to it, whatever words are joined to it',
  async (algorithm) => {
    const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
    await fc.assert(
      fc.asyncProperty(
        someClaims,
        fc.date({ min: new Date('2020-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
        words,
        words,
        async (claims, at, before, after) => {
          const token = await tokens.mint('unsubscribe', claims, at);
          const short = shortToken(token);
          expect(short.length).toBeLessThanOrEqual(190);
          expect(encodeURIComponent(short)).toBe(short);
          expect(shortTokenIn(withoutGaps(`${before}${short}${after}`), 'sayso')).toBe(token);
          expect((await tokens.verify('unsubscribe', token, at)).claims).toEqual(claims);
        },
      ),
      { numRuns: 200 },
    );
  },
);

it('a short spelling for another issuer, another kind, or with one altered character gives no genuine token', async () => {
  const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
  const token = await tokens.mint('unsubscribe', examples.unsubscribe, noon);
  const short = shortToken(token);
  expect(shortTokenIn(short, 'staging')).not.toBe(token);
  const preferences = await tokens.mint('preferences', { subscriberId, unitId: 2, epoch: 0 }, noon);
  expect(() => shortToken(preferences)).toThrow();
  const found = function* () {
    for (const text of mutationsOf(short)) {
      const whole = shortTokenIn(withoutGaps(text), 'sayso');
      if (whole !== null && whole !== token) yield whole;
    }
  };
  const { accepted, count } = await acceptedOf(tokens, 'unsubscribe', found());
  expect(accepted).toEqual([]);
  expect(count).toBeGreaterThan(5000);
});

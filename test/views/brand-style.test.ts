/** A brand's pages are readable in any colour. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accentPair, brandStyle, contrast } from '../../src/views/brand-style.js';

const anyColour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, '0')}`);

/** The colours that a stylesheet sets, light ones first. */
function rolesIn(css: string): { accent: string; ink: string; wash: string }[] {
  return [...css.matchAll(/--accent:(#\w+);--accent-ink:(#\w+);--accent-wash:(#\w+)/g)].map(
    ([, accent = '', ink = '', wash = '']) => ({ accent, ink, wash }),
  );
}

describe('an accent colour', () => {
  it('is readable as text, and under the text of a button, in light and dark', () => {
    fc.assert(
      fc.property(anyColour, (colour) => {
        const [day, night] = rolesIn(brandStyle({ id: 1, accent: { light: colour, dark: colour } }));
        for (const ground of ['#f6f4f0', '#fffefb', day?.wash ?? '', day?.ink ?? '']) {
          expect(contrast(day?.accent ?? '', ground)).toBeGreaterThanOrEqual(4.5);
        }
        for (const ground of ['#151412', '#1e1c19', night?.wash ?? '', night?.ink ?? '']) {
          expect(contrast(night?.accent ?? '', ground)).toBeGreaterThanOrEqual(4.5);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('stays unchanged when it is readable already', () => {
    expect(accentPair('#2f5d50').light).toBe('#2f5d50');
    expect(accentPair('#8fcab6').dark).toBe('#8fcab6');
  });

  it('stays the same when it is made readable twice', () => {
    fc.assert(
      fc.property(anyColour, (colour) => {
        const pair = accentPair(colour);
        expect(accentPair(pair.light).light).toBe(pair.light);
        expect(accentPair(pair.dark).dark).toBe(pair.dark);
      }),
    );
  });

  it('is the portal’s own when the value is not a colour, so that nothing gets into the stylesheet', () => {
    const hostile = 'red}body{display:none}/*';
    expect(accentPair(hostile)).toEqual(accentPair('#2f5d50'));
    expect(brandStyle({ id: 1, accent: { light: hostile, dark: hostile } })).not.toContain('body');
  });

  it('may have the short form', () => {
    expect(accentPair('#060')).toEqual(accentPair('#006600'));
  });
});

it('black on white has the highest contrast', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

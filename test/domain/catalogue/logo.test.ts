/** What is taken for a logo: by what its name says and what its bytes begin with, in a moment whatever the file holds. */
import { expect, it } from 'vitest';
import { logoOf, mostLogoBytes } from '../../../src/domain/catalogue/logo.js';

const wrong = 'is not what its name says';

it.each([
  '<svg/>'.replace('/', ' /'),
  '\uFEFF <?xml version="1.0"?>\n<!-- a - b -- c --> <!----><svg viewBox="0 0 1 1"/>',
  '<!-- <svg> -->\n<svg>',
])('takes an SVG that begins with a declaration and comments: %s', (text) => {
  expect(logoOf('logo.SVG', Buffer.from(text))).toMatchObject({ contentType: 'image/svg+xml' });
});

it.each(['', '<!-- <svg> -->', '<html><svg>', '<svgx>', '<!-- --> text <svg>'])(
  'refuses what is none: %s',
  (text) => {
    expect(logoOf('logo.svg', Buffer.from(text))).toBe(wrong);
  },
);

it.each(['<!---->', '<!-- ', '<!---->\n ', '-->', '<?xml', '\n'])(
  'refuses a whole file of %j at once',
  (text) => {
    const bytes = Buffer.from(text.repeat(mostLogoBytes / text.length));
    const before = performance.now();
    expect(logoOf('logo.svg', bytes)).toBe(wrong);
    expect(performance.now() - before).toBeLessThan(500);
  },
);

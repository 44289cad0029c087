/** Which files are accepted as a logo: by name and first bytes, quickly for any content. */
import { expect, it } from 'vitest';
import { logoOf, mostLogoBytes } from '../../../src/domain/catalogue/logo.js';

const wrong = 'is not what its name says';

it.each([
  '<svg/>'.replace('/', ' /'),
  '\uFEFF <?xml version="1.0"?>\n<!-- a - b -- c --> <!----><svg viewBox="0 0 1 1"/>',
  '<!-- <svg> -->\n<svg>',
])('accepts as a logo an SVG that begins with a declaration and comments: %s', (text) => {
  expect(logoOf('logo.SVG', Buffer.from(text))).toMatchObject({ contentType: 'image/svg+xml' });
});

it.each(['', '<!-- <svg> -->', '<html><svg>', '<svgx>', '<!-- --> text <svg>'])(
  'refuses as a logo: %s',
  (text) => {
    expect(logoOf('logo.svg', Buffer.from(text))).toBe(wrong);
  },
);

it.each(['<!---->', '<!-- ', '<!---->\n ', '-->', '<?xml', '\n'])(
  'refuses as a logo a whole file of %j at once',
  (text) => {
    const bytes = Buffer.from(text.repeat(mostLogoBytes / text.length));
    const before = performance.now();
    expect(logoOf('logo.svg', bytes)).toBe(wrong);
    expect(performance.now() - before).toBeLessThan(500);
  },
);

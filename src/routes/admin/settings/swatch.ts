/** A preview of a colour in a brand: its light and dark shade, as a button and a link on their backgrounds. */
import { adminPatterns } from '../../../admin-paths.js';
import { accentPair } from '../../../views/brand-style.js';
import { queryOf } from '../form.js';
import { get, type AdminRoute } from '../route.js';

export function swatchRoutes(): AdminRoute[] {
  return [
    get(
      adminPatterns.swatch,
      { may: 'settings.read', about: 'nothing' },
      (ask, response) =>
        void response.type('image/svg+xml').send(swatchOf(queryOf(ask.request, 'accent', 20) ?? '')),
    ),
  ];
}

/** The picture contains only computed colours, never text from the request. */
function swatchOf(accent: string): string {
  const { light, dark } = accentPair(accent);
  const panel = (x: number, paper: string, line: string, colour: string, ink: string) =>
    `<g transform="translate(${x})"><rect width="124" height="72" fill="${paper}"/>` +
    `<rect x="14" y="20" width="58" height="32" rx="9" fill="${colour}"/>` +
    `<g font-family="system-ui,sans-serif" font-size="13"><text x="43" y="40.5" text-anchor="middle" fill="${ink}">Save</text>` +
    `<text x="84" y="40.5" fill="${colour}" text-decoration="underline">Link</text></g>` +
    `<path d="M0 .5h124M0 71.5h124" stroke="${line}"/></g>`;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 248 72" width="248" height="72">' +
    panel(0, '#fffefb', '#e2ddd4', light, '#ffffff') +
    panel(124, '#1e1c19', '#35322d', dark, '#151412') +
    '</svg>'
  );
}

/** A brand's own colour: made readable on light and dark paper, and said as the small stylesheet that pages link. */
import type { BusinessUnit } from '../domain/consent/terms.js';

type Rgb = readonly [number, number, number];

interface Theme {
  /** Everything that the accent stands on as text. */
  grounds: readonly string[];
  /** Text on the accent. */
  ink: string;
  /** Share of the accent in its wash. */
  washShare: number;
  /** Where lightness goes to gain contrast: down on light paper, up on dark. */
  step: -1 | 1;
  /** Contrast to reach. */
  goal: number;
}

/** WCAG 2.2, 1.4.3: text of ordinary size. */
const readable = 4.5;
/** On dark paper the least that is allowed looks murky; more light is kinder to the eye. */
const bright = 6.5;

const light: Theme = {
  grounds: ['#fffefb', '#f6f4f0'],
  ink: '#ffffff',
  washShare: 0.1,
  step: -1,
  goal: readable,
};
const dark: Theme = {
  grounds: ['#1e1c19', '#151412'],
  ink: '#151412',
  washShare: 0.14,
  step: 1,
  goal: bright,
};

/** The portal's own accent, for a colour that cannot be read. */
const fallback = '#2f5d50';

/**
 * A light and a dark accent of the same hue as `hex`, each at least 4.5:1 on paper, cards and its own
 * wash, so it serves as text, and at least 4.5:1 to the ink on it, so it serves as a button.
 * @param hex #rgb or #rrggbb; anything else gives the portal's own accent
 */
export function accentPair(hex: string): { light: string; dark: string } {
  const asked = parsed(hex) ?? mustParse(fallback);
  return { light: reaching(asked, light), dark: reaching(asked, dark) };
}

/** The stylesheet of a unit: sets the roles of the accent for `.unit-<id>`, by scheme. Stored colours are checked again. */
export function brandStyle(unit: Pick<BusinessUnit, 'id' | 'accent'>): string {
  const day = accentPair(unit.accent.light).light;
  const night = accentPair(unit.accent.dark).dark;
  return `${roles(unit.id, day, light)}@media (prefers-color-scheme:dark){${roles(unit.id, night, dark)}}`;
}

function roles(id: number, accent: string, theme: Theme): string {
  return `.unit-${id}{--accent:${accent};--accent-ink:${theme.ink};--accent-wash:${washOf(accent, theme)}}`;
}

/** Contrast ratio of two colours as WCAG 2.2 defines it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(mustParse(one)), luminance(mustParse(other))].sort((a, b) => b - a);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** The pale ground that goes with an accent. */
function washOf(accent: string, theme: Pick<Theme, 'grounds' | 'washShare'>): string {
  const ground = mustParse(theme.grounds[0] ?? '');
  const colour = mustParse(accent);
  return said(blend(ground, colour, theme.washShare));
}

function reaching(asked: Rgb, theme: Theme): string {
  const [hue, saturation, lightness] = toHsl(asked);
  let accent = said(asked);
  for (let l = lightness; !reaches(accent, theme); l += theme.step * 0.005) {
    accent = said(fromHsl(hue, saturation, Math.min(1, Math.max(0, l))));
  }
  return accent;
}

function reaches(accent: string, theme: Theme): boolean {
  return [...theme.grounds, theme.ink, washOf(accent, theme)].every((g) => contrast(accent, g) >= theme.goal);
}

function parsed(hex: string): Rgb | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(hex);
  const full = short
    ? `#${short
        .slice(1)
        .map((digit) => digit + digit)
        .join('')}`
    : hex;
  const parts = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(full);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((pair) => Number.parseInt(pair, 16));
  return [red, green, blue];
}

function mustParse(hex: string): Rgb {
  const rgb = parsed(hex);
  if (!rgb) throw new Error(`Not a colour: ${hex}`);
  return rgb;
}

function said(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function blend(ground: Rgb, colour: Rgb, share: number): Rgb {
  const mixed = (i: 0 | 1 | 2): number => ground[i] + (colour[i] - ground[i]) * share;
  return [mixed(0), mixed(1), mixed(2)];
}

function luminance(rgb: Rgb): number {
  const linear = (part: number): number => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

function toHsl(rgb: Rgb): [hue: number, saturation: number, lightness: number] {
  const [red, green, blue] = [rgb[0] / 255, rgb[1] / 255, rgb[2] / 255];
  const most = Math.max(red, green, blue);
  const span = most - Math.min(red, green, blue);
  const lightness = most - span / 2;
  if (span === 0) return [0, 0, lightness];
  const saturation = span / (1 - Math.abs(2 * lightness - 1));
  if (most === red) return [((green - blue) / span + 6) % 6, saturation, lightness];
  if (most === green) return [(blue - red) / span + 2, saturation, lightness];
  return [(red - green) / span + 4, saturation, lightness];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number): number => {
    const k = (n + hue * 2) % 12;
    return 255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [part(0), part(8), part(4)];
}

/** A brand's colour, adjusted to be readable on light and dark backgrounds, as the small stylesheet that pages link. */
import { colord, extend, type Colord } from 'colord';
import a11y from 'colord/plugins/a11y';
import mix from 'colord/plugins/mix';
import type { BusinessUnit } from '../vocabulary/terms.js';

extend([a11y, mix]);

interface Theme {
  /** All backgrounds of text in the accent colour. */
  grounds: readonly string[];
  /** The text colour on the accent. */
  ink: string;
  /** Share of the accent in its pale background. */
  washShare: number;
  /** Change of lightness per step until the contrast is reached: darker on a light background, lighter on a dark one. */
  step: number;
  /** Required contrast. */
  goal: number;
}

const light: Theme = {
  grounds: ['#fffefb', '#f6f4f0'],
  ink: '#ffffff',
  washShare: 0.1,
  step: -0.005,
  // WCAG 2.2, 1.4.3: text of ordinary size.
  goal: 4.5,
};
const dark: Theme = {
  grounds: ['#1e1c19', '#151412'],
  ink: '#151412',
  washShare: 0.14,
  step: 0.005,
  // On a dark background, 4.5 looks dull; more light is easier to read.
  goal: 6.5,
};

/** The portal's default accent, for text that is not a colour. */
const fallback = '#2f5d50';

/**
 * A light and a dark accent of the same hue as `hex`. Each has at least 4.5:1 on pages, cards and its own pale background, so it works as text, and
 * at least 4.5:1 to the text on it, so it works as a button.
 * @param hex #rgb or #rrggbb; any other text gives the default accent
 */
export function accentPair(hex: string): { light: string; dark: string } {
  const asked = colord(/^#([\da-f]{3}|[\da-f]{6})$/i.test(hex) ? hex : fallback);
  return { light: readableAccent(asked, light), dark: readableAccent(asked, dark) };
}

/** The stylesheet of a unit: sets the accent's variables for `.unit-<id>`, by colour scheme. Stored colours are checked again. */
export function brandStyle(unit: Pick<BusinessUnit, 'id' | 'accent'>): string {
  const day = accentPair(unit.accent.light).light;
  const night = accentPair(unit.accent.dark).dark;
  return `${roles(unit.id, day, light)}@media (prefers-color-scheme:dark){${roles(unit.id, night, dark)}}`;
}

/** Contrast ratio of two colours as WCAG 2.2 defines it: 1 to 21, rounded down to hundredths. */
export function contrast(one: string, other: string): number {
  return colord(one).contrast(other);
}

function roles(id: number, accent: string, theme: Theme): string {
  return `.unit-${id}{--accent:${accent};--accent-ink:${theme.ink};--accent-wash:${washOf(accent, theme)}}`;
}

/** The pale background of the accent. */
function washOf(accent: string, { grounds: [paper = ''], washShare }: Theme): string {
  return colord(paper).mix(accent, washShare).toHex();
}

function readableAccent(asked: Colord, theme: Theme): string {
  const { h, s, l } = asked.toHsl();
  let accent = asked.toHex();
  for (let lightness = l; !isReadable(accent, theme); lightness += theme.step * 100)
    accent = colord({ h, s, l: Math.min(100, Math.max(0, lightness)) }).toHex();
  return accent;
}

function isReadable(accent: string, theme: Theme): boolean {
  return [...theme.grounds, theme.ink, washOf(accent, theme)].every(
    (ground) => contrast(accent, ground) >= theme.goal,
  );
}

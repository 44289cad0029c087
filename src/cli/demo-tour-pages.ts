/** Reads pages for the tour: as text, and as the data that their forms would send. */
import { DomainError } from '../errors.js';

/** The hidden fields of the first form with this class, as a browser would send them. By default a form of the staff pages. */
export function hiddenFieldsOf(page: string, formClass = '(?:setting|fields)'): Record<string, string> {
  const form = new RegExp(`<form class="${formClass}"[^]*?</form>`).exec(page)?.[0] ?? '';
  const inputs = form.match(/<input[^>]*type="?hidden"?[^>]*>/g) ?? [];
  return Object.fromEntries(inputs.map((input) => [attributeOf(input, 'name'), attributeOf(input, 'value')]));
}

/** Ticked check boxes. */
export function ticksOf(page: string): Record<string, string> {
  const inputs = page.match(/<input[^>]*type="?checkbox"?[^>]*>/g) ?? [];
  return Object.fromEntries(
    inputs.filter((input) => /\schecked/.test(input)).map((input) => [attributeOf(input, 'name'), 'on']),
  );
}

/** The visible text. */
export function textOf(html: string): string {
  return html
    .replace(/<svg[^]*?<\/svg>|<wbr>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(?:amp|#38);/g, '&')
    .replace(/&(?:quot|#34);/g, '"')
    .replace(/&#x27;|&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
}

/** The text of the first heading. */
export function headingOf(page: string): string {
  return textOf(/<h1[^>]*>([^]*?)<\/h1>/.exec(page)?.[1] ?? '');
}

export function failTour(what: string): never {
  throw new DomainError('TOUR_FAILED', `The tour stopped: ${what}.`);
}

function attributeOf(input: string, name: string): string {
  return new RegExp(`\\s${name}="?([^"\\s>]*)"?`).exec(input)?.[1] ?? '';
}

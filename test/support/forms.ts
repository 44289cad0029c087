/** Reads the forms and links of a page the way a browser without scripts does, so that tests send what a reader would send. */

export interface Form {
  method: 'get' | 'post';
  action: string;
  /** What is sent where nothing is touched: hidden fields, ticked boxes, the selected options. */
  fields: [name: string, value: string][];
  /** Its buttons: name and value, where they have one, and what is written on them. */
  buttons: { name: string; value: string; label: string }[];
}

/** Every form of a page, in order. */
export function formsIn(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', body = '']) => ({
    method: attribute(head, 'method') === 'post' ? 'post' : 'get',
    action: attribute(head, 'action') ?? '',
    fields: [...fieldsIn(body)],
    buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, its = '', label = '']) => ({
      name: attribute(its, 'name') ?? '',
      value: attribute(its, 'value') ?? '',
      label: textOf(label),
    })),
  }));
}

/** Where the links and the stylesheets of a page lead. */
export function linksIn(html: string): string[] {
  return [...html.matchAll(/<(?:a|link|img)\b([^>]*)>/g)].flatMap(
    ([, its = '']) => attribute(its, 'href') ?? attribute(its, 'src') ?? [],
  );
}

/** The words of a page, without its markup. */
export function textOf(html: string): string {
  const words = html.replace(/<(?:script|style)\b[\s\S]*?<\/(?:script|style)>/g, '').replace(/<[^>]*>/g, ' ');
  return decoded(words).replace(/\s+/g, ' ').trim();
}

function* fieldsIn(body: string): Generator<[string, string]> {
  for (const [, its = ''] of body.matchAll(/<input\b([^>]*)>/g)) {
    const type = attribute(its, 'type') ?? 'text';
    const isSent = (type !== 'checkbox' && type !== 'radio') || /\schecked\b/.test(its);
    const name = attribute(its, 'name');
    if (name && isSent) yield [name, attribute(its, 'value') ?? 'on'];
  }
  for (const [, its = '', text = ''] of body.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    const name = attribute(its, 'name');
    if (name) yield [name, decoded(text)];
  }
  for (const [, its = '', options = ''] of body.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, option = '']) => option);
    const chosen = all.find((option) => /\sselected\b/.test(option)) ?? all[0] ?? '';
    const name = attribute(its, 'name');
    if (name) yield [name, attribute(chosen, 'value') ?? ''];
  }
}

function attribute(head: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(head)?.[1];
  return value === undefined ? undefined : decoded(value);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function decoded(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, dec?: string, name = '') => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (dec) return String.fromCodePoint(Number(dec));
    return entities[String(name)] ?? whole;
  });
}

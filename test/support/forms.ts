/** Reads the forms and links of a page like a browser without scripts, so that tests send what a reader would send. */
import { load } from 'cheerio';

export interface Form {
  method: 'get' | 'post';
  action: string;
  /** What is sent without changes: hidden fields, ticked boxes, the selected options. */
  fields: [name: string, value: string][];
  /** Its buttons: name and value if any, label, and the address if it differs from the form's. */
  buttons: { name: string; value: string; label: string; action: string }[];
}

/** The document of a page, in a browser without scripts. */
export function documentOf(html: string) {
  const $ = load(html, { scriptingEnabled: false });
  // Beside options in groups, cheerio counts the first other one as selected too.
  $('select:has(optgroup option[selected]) > option').remove();
  return $;
}

/** Every form of a page, in order. */
export function formsIn(html: string): Form[] {
  const $ = documentOf(html);
  return [...$('form')].map((form) => ({
    method: $(form).attr('method') === 'post' ? 'post' : 'get',
    action: $(form).attr('action') ?? '',
    fields: $(form)
      .serializeArray()
      .map(({ name, value }) => [name, value]),
    buttons: [...$(form).find('button')].map((button) => ({
      name: $(button).attr('name') ?? '',
      value: $(button).attr('value') ?? '',
      label: textOf($(button).html() ?? ''),
      action: $(button).attr('formaction') ?? '',
    })),
  }));
}

/** Where the links, the stylesheets and the pictures of a page lead. */
export function linksIn(html: string): string[] {
  const $ = documentOf(html);
  return [...$('a, link, img')].flatMap((one) => $(one).attr('href') ?? $(one).attr('src') ?? []);
}

/** The words of a page, without its markup. */
export function textOf(html: string): string {
  // Where a word may break, it does not end.
  const $ = documentOf(html.replaceAll('<wbr>', ''));
  $('script, style').remove();
  const texts: string[] = [];
  const read = (parent: Parameters<typeof $>[0]) => {
    for (const node of $(parent).contents()) {
      if (node.type === 'text') texts.push(node.data);
      else read(node);
    }
  };
  read($.root());
  // Adjacent elements are separate words.
  return texts.join(' ').replace(/\s+/g, ' ').trim();
}

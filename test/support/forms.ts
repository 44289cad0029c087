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

let last: { html: string; $: ReturnType<typeof load> } | undefined;

/** The document of a page, in a browser without scripts. Where a word may break, it does not end. The last one is kept: most are asked about twice. */
export function documentOf(html: string) {
  if (last?.html === html) return last.$;
  const $ = load(html.replaceAll('<wbr>', ''), { scriptingEnabled: false });
  // Beside options in groups, cheerio counts the first other one as selected too.
  $('select:has(optgroup option[selected]) > option').remove();
  last = { html, $ };
  return $;
}

type Root = ReturnType<ReturnType<typeof load>['root']>[number];
type Node = Root | Root['children'][number];

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
      label: wordsOf(button),
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
  const [root] = documentOf(html).root();
  return root ? wordsOf(root) : '';
}

/** Cheerio's own `text` joins the words of adjacent elements, and reads styles too. */
function wordsOf(node: Node): string {
  const texts: string[] = [];
  const read = (one: Node) => {
    if (one.type === 'text') texts.push(one.data);
    else if (one.type === 'root' || one.type === 'tag') one.children.forEach(read);
  };
  read(node);
  return texts.join(' ').replace(/\s+/g, ' ').trim();
}

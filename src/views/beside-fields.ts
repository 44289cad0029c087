/** What a form's fault says beside its field: the summary above links to `#id`, and the same sentence stands at `id` itself. */
import type Handlebars from 'handlebars';

/** Two words for the templates: `faultAt` is the sentence of a field, `describedBy` the attribute that ties its hint and its fault to it. */
export function addFaultHelpers(handlebars: typeof Handlebars): void {
  handlebars.registerHelper('faultAt', (id: unknown, { data }: Handlebars.HelperOptions) =>
    faultIn(data, id),
  );
  handlebars.registerHelper(
    'describedBy',
    (id: unknown, hasHint: unknown, { data }: Handlebars.HelperOptions) => {
      const ids = [
        ...(hasHint ? [`${String(id)}-hint`] : []),
        ...(faultIn(data, id) ? [`${String(id)}-fault`] : []),
      ];
      if (ids.length === 0) return '';
      return new handlebars.SafeString(` aria-describedby="${handlebars.escapeExpression(ids.join(' '))}"`);
    },
  );
}

/** @param data what Handlebars carries through a page; its root is the page's own object */
function faultIn(data: unknown, id: unknown): string {
  const faults: unknown = Object(Object(Object(data)['root']))['faults'];
  if (!Array.isArray(faults)) return '';
  const said: unknown = faults.find((fault) => Object(fault)['href'] === `#${String(id)}`);
  return said ? String(Object(said)['text']) : '';
}

/** Shows a fault at its field: the summary above links to `#id`, and the same sentence is at `id`. */
import type Handlebars from 'handlebars';

/** Two template helpers: `faultAt` is the sentence of a field, `describedBy` the attribute that links its hint and its fault. */
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

/** @param data Handlebars' data for the page; its root is the page's object */
function faultIn(data: unknown, id: unknown): string {
  const faults: unknown = Object(Object(Object(data)['root']))['faults'];
  if (!Array.isArray(faults)) return '';
  const said: unknown = faults.find((fault) => Object(fault)['href'] === `#${String(id)}`);
  return said ? String(Object(said)['text']) : '';
}

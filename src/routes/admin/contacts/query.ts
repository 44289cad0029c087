/** The query of a request, with every value of each name and in the order that a form sent them. */
import type { Request } from 'express';

export function queryIn({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams {
  const at = originalUrl.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : originalUrl.slice(at + 1, at + 16_000));
}

/** Every URL of the portal, named once, for routes, views, links and mails; those of the staff pages are in `admin-paths.ts`. */

/** Express route patterns. */
export const patterns = {
  home: '/',
  preferences: '/p/:token',
  myHistory: '/p/:token/data',
  myHistoryFile: '/p/:token/data.json',
  erasureReceipt: '/p/:token/receipt.txt',
  freshLink: '/p/:token/fresh-link',
  oneClick: '/o/:token',
  unsubscribe: '/u/:token',
  confirm: '/c/:token',
  find: '/find',
  jwks: '/.well-known/jwks.json',
  installation: '/.well-known/sayso.json',
  brandStyle: '/brands/:id.css',
  brandLogo: '/brands/:id/logo',
  assets: '/assets',
  livez: '/livez',
  readyz: '/readyz',
  outbox: '/dev/outbox',
  outboxMail: '/dev/outbox/:id',
  outboxHtml: '/dev/outbox/:id/html',
  outboxSource: '/dev/outbox/:id/source',
  inboundUnsubscribe: '/inbound/unsubscribe',
  admin: '/admin',
  api: '/api',
  hooks: '/hooks',
} as const;

/** Within `/hooks`: what mail providers and mail servers report. */
export const hookPatterns = {
  provider: '/:provider/:id/:secret',
  mime: '/mime',
} as const;

/** A call with this header only tests that the URL of an endpoint reaches the portal. */
export const testHeader = 'sayso-test';

/** Paths of the API that other parts name; the rest is declared in `routes/api/operations`. */
export const apiPaths = {
  document: '/api/openapi.json',
  key: '/api/v1/key',
  imports: '/api/v1/imports',
  linksInBatch: '/api/v1/links/batch',
} as const;

/** Prefixes of the API that HubSpot's clients call. */
const hubspotPrefixes = ['/communication-preferences', '/business-units', '/crm'];

export function isHubspotPath(path: string): boolean {
  return hubspotPrefixes.some((prefix) => path.startsWith(`${prefix}/`));
}

export function isApiPath(path: string): boolean {
  return path === patterns.api || path.startsWith(`${patterns.api}/`) || isHubspotPath(path);
}

/** Paths with their parameters inserted; a token is base64url and dots, so it needs no escaping. */
export const paths = {
  preferences: (token: string) => `/p/${token}`,
  myHistory: (token: string) => `/p/${token}/data`,
  myHistoryFile: (token: string) => `/p/${token}/data.json`,
  erasureReceipt: (token: string) => `/p/${token}/receipt.txt`,
  freshLink: (token: string) => `/p/${token}/fresh-link`,
  oneClick: (token: string) => `/o/${token}`,
  unsubscribe: (token: string) => `/u/${token}`,
  confirm: (token: string) => `/c/${token}`,
  find: () => '/find',
  brandStyle: (unitId: number, revision: string) => `/brands/${unitId}.css?v=${revision}`,
  brandLogo: (unitId: number, revision: string) => `/brands/${unitId}/logo?v=${revision}`,
  asset: (name: string) => `/assets/${name}`,
  hook: (provider: string, id: string, secret: string) => `/hooks/${provider}/${id}/${secret}`,
  outbox: () => '/dev/outbox',
  outboxMail: (id: string) => `/dev/outbox/${id}`,
  outboxHtml: (id: string) => `/dev/outbox/${id}/html`,
  outboxSource: (id: string) => `/dev/outbox/${id}/source`,
} as const;

import type { Client, ClientOptions } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, paths };
export type Sayso = Client<paths>;

/** One event, as the changes feed and webhooks send it. */
export type SaysoEvent = components['schemas']['Event'];

/**
 * Makes a client.
 * @param options `baseUrl` of the portal, and an API key; the rest goes to `openapi-fetch`
 */
export function createSayso(options: ClientOptions & { baseUrl: string; key: string }): Sayso;

/**
 * Checks the signature of a webhook, and that it is at most five minutes old.
 * @param secrets the endpoint's `whsec_…`; during a rotation, both
 * @param body exactly as it was received
 * @param headers of the request, with names in lower case
 * @returns the event
 * @throws Error if the webhook is not from the portal
 */
export function verifyWebhook(
  secrets: string | string[],
  body: string,
  headers: Record<string, string | string[] | undefined>,
  now?: Date,
): SaysoEvent;

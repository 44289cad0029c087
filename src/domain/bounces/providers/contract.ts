/** What a mail provider's file gives: how its calls are checked, and what they say. */
import { DomainError } from '../../../errors.js';
import type { DeliveryReport } from '../../../vocabulary/bounces.js';
import type { OpenedEndpoint } from '../endpoints.js';

/** A call of an endpoint whose secret was right. */
export interface HookCall {
  header: (name: string) => string | undefined;
  /** The body as it arrived: signatures cover bytes. */
  raw: Buffer;
}

export interface HookTools {
  now: Date;
  /**
   * Gets a text over https, without following redirects. Its time and its size are limited.
   * @throws DomainError `PROVIDER_AWAY`
   */
  fetchText: (url: string) => Promise<string>;
}

/** What a call says, once its signature is right. */
export interface Reading {
  reports: DeliveryReport[];
  /** For signatures that do not cover the body: a token that counts once, for one body. */
  once?: { token: string; body: string };
  /** A sentence for the log, about a call that reports nothing. */
  note?: string;
}

export interface BounceProvider {
  /** In the URL. */
  id: string;
  /** Its name on pages and in histories. */
  name: string;
  /** The key that checks its signatures; absent for a provider that does not sign. */
  key?: { label: string; hint: string; isRight: (text: string) => boolean };
  /** The topics whose messages are accepted. */
  topics?: { label: string; hint: string; isRight: (text: string) => boolean };
  /** What to do at the provider, in order. */
  steps: readonly string[];
  /** @throws DomainError from `forged` or `unreadable` */
  read: (
    call: HookCall,
    endpoint: Pick<OpenedEndpoint, 'key' | 'topics'>,
    tools: HookTools,
  ) => Promise<Reading>;
}

/** The call is not proven to come from the provider: 401. Providers send such a call again. */
export function forged(sentence: string): DomainError {
  return new DomainError('INVALID_AUTHENTICATION', sentence);
}

/** The call is in no known form: 400, with a sentence that the endpoint's page shows. */
export function unreadable(sentence: string): DomainError {
  return new DomainError('INVALID_FORM', sentence);
}

/** @throws DomainError `INVALID_FORM` */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('INVALID_FORM', 'The body is not JSON.', { cause });
  }
}

/** The text of a field, or undefined: providers leave fields out, or send null. */
export function textAt(object: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, ...path);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value at a path of own fields, so that a name of the prototype finds nothing. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined,
    object,
  );
}

/** Time of an event in ISO 8601, or in seconds since 1970; without one, the time of the call. */
export function timeOf(value: unknown, now: Date): Date {
  const seconds = typeof value === 'number' || /^\d+(\.\d+)?$/.test(String(value)) ? Number(value) : null;
  const at = seconds === null ? new Date(typeof value === 'string' ? value : NaN) : new Date(seconds * 1000);
  // A clock that is ahead must not make an event count for longer.
  return Number.isNaN(at.getTime()) || at > now ? now : at;
}

/** The subscription type that a sender named in the mail's own fields: `sayso_type`. */
export function typeIdOf(value: string | undefined): { typeId?: number } {
  return value !== undefined && /^\d{1,9}$/.test(value) ? { typeId: Number(value) } : {};
}

/** The claims of each kind of token, as strict schemas: the only place with the short names of the claims. */
import { z } from 'zod';
import {
  confirmLifetimeHours,
  tokenKinds,
  type CommonClaims,
  type TokenClaims,
  type TokenKind,
} from './kinds.js';

/** A campaign label: short, and without characters that need escaping, so that a whole URL stays under 500 characters. */
export const campaignPattern = /^[A-Za-z0-9._-]{1,40}$/;
/** 128 bits in base64url: four bits of the last letter must be zero. */
const subscriberIdPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const pendingIdPattern = /^[A-Za-z0-9_-]{1,36}$/;
/** The id of a user. */
const userIdPattern = /^[A-Za-z0-9_-]{1,12}$/;
/** ISO 639-1, as the languages of the pages. */
const localePattern = /^[a-z]{2}$/;

/** The largest id of a unit or a type, and the highest link epoch: they limit the length of a URL. */
export const largestId = 2_147_483_647;
export const largestEpoch = 999_999;

/** RFC 7519, section 2, NumericDate, in whole seconds; ten digits last until the year 2286. */
const seconds = z.int().positive().max(9_999_999_999);

const common = {
  iss: z.string(),
  sub: z.string().regex(subscriberIdPattern),
  bu: z.int().nonnegative().max(largestId),
  lang: z.string().regex(localePattern).optional(),
  v: z.int().nonnegative().max(largestEpoch),
  iat: seconds,
};
const origin = {
  st: z.int().positive().max(largestId).optional(),
  cmp: z.string().regex(campaignPattern).optional(),
};

const preferences = z
  .strictObject({
    ...common,
    ...origin,
    aud: z.literal(tokenKinds.preferences.audience),
    exp: seconds,
    /** The user who copied the link. A copied link has no campaign, since a URL with both would be too long. */
    by: z.string().regex(userIdPattern).optional(),
  })
  .refine(({ by, cmp }) => by === undefined || cmp === undefined);
const unsubscribe = z.strictObject({ ...common, ...origin, aud: z.literal(tokenKinds.unsubscribe.audience) });
const confirm = z.strictObject({
  ...common,
  aud: z.literal(tokenKinds.confirm.audience),
  exp: seconds,
  /** The pending opt-in that it confirms. */
  jti: z.string().regex(pendingIdPattern),
});

/** The issuer, the time (in seconds), and the lifetime of a preference link in days. */
export interface Issue {
  issuer: string;
  at: number;
  linkLifetimeDays: number;
}

interface Codec<K extends TokenKind> {
  /** Claims that jose must require (otherwise it accepts tokens without them). */
  required: string[];
  /** @returns the payload; @throws RangeError for claims that `read` would refuse, so that only verifiable tokens are signed */
  write(claims: TokenClaims[K], issue: Issue): object;
  /** @throws ZodError unless the claims are exactly those of this kind, each in its form */
  read(payload: unknown): { claims: TokenClaims[K]; issuedAt: number; expiresAt: number | null };
}

export const codecs: { [K in TokenKind]: Codec<K> } = {
  preferences: {
    required: ['iss', 'aud', 'sub', 'bu', 'v', 'iat', 'exp'],
    write(claims, issue) {
      const { copiedBy, campaign } = claims;
      assertIs(copiedBy === undefined || (campaign === undefined && userIdPattern.test(copiedBy)));
      const exp = issue.at + issue.linkLifetimeDays * 86_400;
      return written(claims, issue, tokenKinds.preferences.audience, { exp, by: copiedBy });
    },
    read(payload) {
      const found = preferences.parse(payload);
      const claims = {
        ...readCommon(found),
        ...readOrigin(found),
        ...(found.by === undefined ? {} : { copiedBy: found.by }),
      };
      return { claims, issuedAt: found.iat, expiresAt: found.exp };
    },
  },
  unsubscribe: {
    required: ['iss', 'aud', 'sub', 'bu', 'v', 'iat'],
    write: (claims, issue) => written(claims, issue, tokenKinds.unsubscribe.audience),
    read(payload) {
      const found = unsubscribe.parse(payload);
      const claims = { ...readCommon(found), ...readOrigin(found) };
      return { claims, issuedAt: found.iat, expiresAt: null };
    },
  },
  confirm: {
    required: ['iss', 'aud', 'sub', 'bu', 'v', 'iat', 'exp', 'jti'],
    write(claims, issue) {
      assertIs(pendingIdPattern.test(claims.pendingId));
      const exp = issue.at + confirmLifetimeHours * 3600;
      return written(claims, issue, tokenKinds.confirm.audience, { exp, jti: claims.pendingId });
    },
    read(payload) {
      const found = confirm.parse(payload);
      const claims = { ...readCommon(found), pendingId: found.jti };
      return { claims, issuedAt: found.iat, expiresAt: found.exp };
    },
  },
};

// Checked without the schemas, and without objects that are spread into others: millions of tokens are minted, and each of both costs a tenth of a signature.

/** The members in this order, which shortened tokens rely on. Those that are undefined are not in the JSON. */
function written(
  claims: CommonClaims & { typeId?: number; campaign?: string },
  { issuer: iss, at: iat }: Issue,
  aud: string,
  own: { exp?: number; by?: string | undefined; jti?: string } = {},
): object {
  const { subscriberId: sub, unitId: bu, locale: lang, epoch: v, typeId: st, campaign: cmp } = claims;
  assertIs(subscriberIdPattern.test(sub) && isWhole(bu, 0, largestId));
  assertIs(isWhole(v, 0, largestEpoch) && (lang === undefined || localePattern.test(lang)));
  assertIs(st === undefined || isWhole(st, 1, largestId));
  assertIs(cmp === undefined || campaignPattern.test(cmp));
  return { iss, aud, sub, bu, lang, v, iat, st, cmp, exp: own.exp, by: own.by, jti: own.jti };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function assertIs(isRight: boolean): void {
  if (!isRight) throw new RangeError('a claim that is not allowed in a token');
}

function readCommon(found: { sub: string; bu: number; v: number; lang?: string | undefined }) {
  const claims = { subscriberId: found.sub, unitId: found.bu, epoch: found.v };
  return found.lang === undefined ? claims : { ...claims, locale: found.lang };
}

function readOrigin(found: { st?: number | undefined; cmp?: string | undefined }) {
  return {
    ...(found.st !== undefined && { typeId: found.st }),
    ...(found.cmp !== undefined && { campaign: found.cmp }),
  };
}

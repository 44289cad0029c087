/** Declares the API of links: URLs, headers and footers for mails. */
import { z } from 'zod';
import { apiPaths } from '../../../paths.js';
import { operation } from '../operation.js';
import { linkRequest } from '../schemas.js';

const links = z
  .strictObject({
    address: z.string().meta({ description: 'In its normal form.' }),
    managePreferencesUrl: z.url(),
    unsubscribeAllUrl: z.url(),
    unsubscribeSingleUrl: z.url().nullable().meta({ description: 'Null without a type.' }),
    headers: z.strictObject({ 'List-Unsubscribe': z.string(), 'List-Unsubscribe-Post': z.string() }),
    footer: z.strictObject({ html: z.string(), text: z.string() }).nullable(),
  })
  .meta({ id: 'Links' });

const query = z.strictObject({
  footer: z.stringbool().default(false).meta({ description: 'true: with a footer in HTML and in text.' }),
});
const about = { tag: 'Links', scopes: ['links'], query } as const;
const ndjson = ['application/x-ndjson'] as const;

export const linkOperations = [
  operation({
    ...{ ...about, id: 'createLinks', method: 'POST', path: '/api/v1/links' },
    summary: 'Mint the links and headers of one mail',
    body: linkRequest,
    answers: { 200: links },
    faults: [404, 409],
    load: async () => (await import('../links.js')).createLinks,
  }),
  operation({
    ...{ ...about, id: 'createLinksInBatch', method: 'POST', path: apiPaths.linksInBatch },
    summary: 'Mint the links of any number of mails',
    description:
      'Each line of the body is a LinkRequest. The answer has one line for each of them, in their order: Links, or an error. It begins before the body ends, so read it while you write.',
    upload: { types: ndjson, line: linkRequest },
    answers: { 200: { types: ndjson, line: links } },
    load: async () => (await import('../links.js')).createLinksInBatch,
  }),
];

/** Declares the API of keys. */
import { z } from 'zod';
import { apiScopes } from '../../../models/api-key.js';
import { apiPaths } from '../../../paths.js';
import { operation } from '../operation.js';
import { time, unitIds } from '../schemas.js';

export const keyOperations = [
  operation({
    ...{ id: 'getKey', method: 'GET', path: apiPaths.key, tag: 'Keys', scopes: [] },
    summary: 'Read what the key may do',
    answers: {
      200: z
        .strictObject({
          ...{
            id: z.string(),
            name: z.string(),
            scopes: z.array(z.enum(apiScopes)),
            businessUnitIds: unitIds,
          },
          ...{ createdAt: time, expiresAt: time.nullable() },
        })
        .meta({ id: 'Key' }),
    },
    // Tells a key's holder its rights: the first call of a developer who sets up a client.
    run: async (_deps, { id, name, scopes, scope, createdAt, expiresAt }) => ({
      body: { id, name, scopes, businessUnitIds: scope, createdAt, expiresAt },
    }),
  }),
];

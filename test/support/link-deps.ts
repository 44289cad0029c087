/** The deps for minting links, over a real database with the demonstration world's units and types. */
import type { Connection } from 'mongoose';
import type { TokenAlgorithm } from '../../src/config.js';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { catalogueOf } from '../../src/domain/consent/catalogue.js';
import type { LinkDeps } from '../../src/domain/links/mint-links.js';
import { createModels } from '../../src/models/index.js';
import type { Models } from '../../src/models/index.js';
import type { Tokens } from '../../src/tokens/contract.js';
import { createViews } from '../../src/views/render.js';
import { keyFileOf, noon, tokensOf } from './key-file.js';
import { types, units } from './people.js';

export interface TestLinkDeps extends LinkDeps {
  models: Models;
  tokens: Tokens;
}

export async function linkDepsOver(
  connection: Connection,
  algorithm: TokenAlgorithm = 'Ed25519',
): Promise<TestLinkDeps> {
  const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm });
  const catalogue = catalogueOf([...units], [...types], true);
  return {
    models: createModels(connection),
    tokens,
    subscriberIds: subscriberIdsOf('a key of thirty-two bytes, or of more'),
    catalogue: () => Promise.resolve(catalogue),
    views: createViews(),
    clock: () => noon,
    config: { baseUrl: 'https://mail.example.com', unsubscribeMailto: 'unsubscribe@example.com' },
  };
}

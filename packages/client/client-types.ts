/** `npm run client-types`: generates the types of the client from the OpenAPI document. */
import { writeFileSync } from 'node:fs';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { clientDocument, clientTypesFile, headOf } from '../../test/support/client-types.js';

const document = clientDocument();
const nodes = await openapiTypescript(JSON.stringify(document));
writeFileSync(clientTypesFile, `${headOf(document)}\n${astToString(nodes)}`);
console.log(`Written: ${clientTypesFile}`);

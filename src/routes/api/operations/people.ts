/** Declares the API of persons. Addresses are in bodies, since a URL would be in the logs of proxies. */
import { z } from 'zod';
import { actorKinds } from '../../../vocabulary/terms.js';
import { operation } from '../operation.js';
import { address, channel, time } from '../schemas.js';

const personBody = z.strictObject({ address, channel: channel.default('EMAIL') }).meta({ id: 'Person' });
const erasureBody = personBody
  .extend({
    isPreview: z
      .boolean()
      .default(false)
      .meta({ description: 'True: says what would be deleted and kept, and erases nothing.' }),
  })
  .meta({ id: 'ErasureRequest' });

const told = { deleted: z.array(z.string()), kept: z.array(z.string()) };

export const peopleOperations = [
  operation({
    ...{ id: 'getPersonData', method: 'POST', path: '/api/v1/people/data', tag: 'People' },
    scopes: ['contacts.read'],
    summary: 'Read everything that is kept about a person',
    body: personBody,
    answers: {
      200: z
        .looseObject({
          writtenAt: time,
          contact: z.looseObject({}).nullable(),
          addresses: z.array(z.looseObject({})),
          history: z.array(z.looseObject({})),
        })
        .meta({ id: 'PersonData' }),
    },
    faults: [404],
    load: async () => (await import('../people.js')).sendPersonData,
  }),
  operation({
    ...{ id: 'erasePerson', method: 'POST', path: '/api/v1/people/erasures', tag: 'People' },
    scopes: ['contacts.write'],
    summary: 'Erase a person, or say what an erasure would delete and keep',
    description: 'An erased address stays opted out of everything.',
    body: erasureBody,
    answers: {
      200: z
        .strictObject({
          ...told,
          addresses: z
            .array(
              z.strictObject({
                ...{ subscriberId: z.string(), channel, erasedAt: time, by: z.enum(actorKinds).nullable() },
                event: z.strictObject({ number: z.int(), hash: z.string() }).nullable(),
              }),
            )
            .optional()
            .meta({ description: 'Absent from a preview.' }),
        })
        .meta({ id: 'Erasure' }),
    },
    faults: [404],
    isOptOut: () => true,
    load: async () => (await import('../people.js')).erase,
  }),
];

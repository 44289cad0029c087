/** Declares the API of persons. Addresses are in bodies, since a URL would be in the logs of proxies. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { findByWrittenAddress } from '../../../domain/consent/merge-subscribers.js';
import { erasePerson } from '../../../domain/contacts/erase.js';
import { findErasureReceipt, previewErasure } from '../../../domain/contacts/erasure-receipt.js';
import { myData } from '../../../domain/contacts/my-data.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
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
    run: async (deps, caller, { body }) => {
      const id = await personOf(deps, caller, body);
      const about = `contact:${id}`;
      await recordAudit(deps, { kind: 'EXPORTED', by: caller.ref, about, detail: 'my data' });
      return { stream: myData(deps, { id }), type: 'application/json; charset=utf-8' };
    },
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
    run: async (deps, caller, { body: { isPreview, ...person } }) => {
      const id = await personOf(deps, caller, person);
      if (isPreview) return { body: await previewErasure(deps, id) };
      const actor = { kind: 'API', version: 4, ref: caller.ref, scope: null } as const;
      const erased = await erasePerson(deps, { id, actor });
      await recordAudit(deps, { kind: 'PERSON_ERASED', by: caller.ref, about: `contact:${id}` });
      return { body: await findErasureReceipt(deps, erased) };
    },
  }),
];

/** @throws DomainError `NOT_FOUND` for an unknown address, and for a key that is limited to some business units */
async function personOf(
  deps: Deps,
  { scope }: ApiCaller,
  { channel, address: written }: z.output<typeof personBody>,
): Promise<string> {
  const head = scope === null ? await findByWrittenAddress(deps, channel, written) : null;
  if (!head) throw new DomainError('NOT_FOUND', 'Nothing is recorded of this address.');
  return head._id;
}

/** Staff get a mail when steps of a workflow fail, and a dead receiver of webhooks is asked once a round. */
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createUser } from '../../../src/domain/staff/users.js';
import { newWebhookSecret } from '../../../src/domain/webhooks/post.js';
import { emptyPlan } from '../../../src/domain/workflows/plan.js';
import { tellStaffOfFailures } from '../../../src/domain/workflows/tell-staff.js';
import { listening } from '../../support/close-afterwards.js';
import { openSending } from '../../support/sending.js';
import { passwordOfTheStaff } from '../../support/staff.js';
import { gold, openWorkflowRoom, peopleIn, step } from '../../support/workflow-room.js';

const noon = new Date('2026-03-02T12:00:00Z');
let asked = 0;
// It accepts connections, and closes them without an answer.
const dead = createServer((socket) => {
  asked += 1;
  socket.destroy();
});
const room = await openWorkflowRoom();
const sending = await openSending(room.models);
const port = await listening(dead);
const { somebody } = peopleIn(room);

it('mails those who may change the workflow, once an hour', async () => {
  const person = { password: passwordOfTheStaff, name: 'Ida' };
  for (const role of ['marketer', 'auditor'] as const)
    await createUser(
      { ...sending, models: room.models },
      { ...person, role, email: `${role}@staff.example`, scope: null },
    );
  const secret = newWebhookSecret(room.run.config).sealed;
  const plan = {
    ...emptyPlan,
    ...gold,
    steps: [step('WEBHOOK', { url: `http://127.0.0.1:${port}/`, secret })],
  };
  const workflow = await room.workflow(plan);
  // Another origin: one receiver is asked for one workflow at a time.
  const other = { url: 'http://127.0.0.1:1/', secret };
  const silent = await room.workflow({ ...plan, steps: [step('WEBHOOK', other)], tellsStaff: false });
  for (let more = 0; more < 30; more++) await somebody('gold');
  const mailsAt = async (minutes: number) => {
    const at = new Date(noon.getTime() + minutes * 60_000);
    room.setTime(at);
    asked = 0;
    await room.work();
    await tellStaffOfFailures({ ...sending, models: room.models, clock: () => at });
    return sending.box.caught.map(({ to }) => to);
  };
  const first = [['marketer@staff.example']];
  expect(await mailsAt(0)).toEqual(first);
  // Ten at once, then no more in this round.
  expect(asked).toBe(10);
  expect(await mailsAt(30)).toEqual(first);
  expect(await mailsAt(61)).toEqual([...first, ...first]);
  expect((await room.the(workflow)).mailedAt).toEqual(new Date(noon.getTime() + 61 * 60_000));
  expect((await room.the(silent)).mailedAt ?? null).toBeNull();
});

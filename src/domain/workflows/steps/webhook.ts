/** Sends a webhook about a contact. It arrives at least once. */
import { z } from 'zod';
import { eventIdOf } from '../../changes/public-event.js';
import { isSuccess, postWebhook } from '../../webhooks/post.js';
import { stepKind, type StepResult, type StepRow, type WorkflowDeps } from '../contract.js';

/** The secret is sealed (`newWebhookSecret`). */
const input = z.strictObject({ url: z.url().max(2000), secret: z.string().max(400) });
type WebhookStep = z.infer<typeof input>;

/** The longest wait that a receiver may ask for, in milliseconds. */
const mostDelayMs = 6 * 3_600_000;
/** Webhooks that one worker sends at the same time. */
const atOnce = 10;
const noAnswer: StepResult = { go: 'RETRY', reason: 'The receiver did not answer.' };

export const webhookStep = stepKind<WebhookStep>({
  name: 'WEBHOOK',
  label: 'Send a webhook',
  hint: 'Tells another system about the contact.',
  input,
  isAction: true,
  // One round stays within the lease, even if no server answers.
  most: 40,
  sentence: ({ url }) => `Send a webhook to ${hostOf(url)}.`,
  facts: ({ url }) => [{ term: 'URL', text: url }],
  faults: ({ url }) => (URL.canParse(url) && new URL(url).host ? [] : ['Give the URL of the other system.']),
  foretell: async (_deps, { url }) => `Sends a webhook to ${hostOf(url)}.`,
  async run(deps, step, rows, { workflowId, guard }) {
    const results: StepResult[] = [];
    for (let at = 0; at < rows.length; at += atOnce) {
      guard();
      const some = rows.slice(at, at + atOnce);
      const sent = await Promise.all(some.map((row) => send(deps, step, row, workflowId)));
      results.push(...sent.map(({ result }) => result));
      // A receiver that is down holds the worker for one time-out, not for one each round.
      if (sent.every(({ isAnswered }) => !isAnswered)) break;
    }
    const unsent = rows.slice(results.length).map(() => noAnswer);
    return [...results, ...unsent];
  },
});

async function send(
  { config, clock }: Pick<WorkflowDeps, 'config' | 'clock'>,
  { url, secret }: WebhookStep,
  { ref, enrolment, contact }: StepRow,
  workflowId: string,
): Promise<{ result: StepResult; isAnswered: boolean }> {
  const now = clock();
  const body = JSON.stringify({
    type: 'workflow.step_reached',
    timestamp: now.toISOString(),
    data: { workflowId, enrolmentId: enrolment._id, stepId: enrolment.step, contactId: contact._id },
  });
  const post = { url, secrets: [secret], id: eventIdOf(ref), body };
  const { status, text, retryAfterMs } = await postWebhook(config, post, { now });
  const isAnswered = status !== null;
  if (isSuccess({ status })) return { result: { go: 'ON', outcome: 'DONE' }, isAnswered };
  // Gone: the receiver wants no more (Standard Webhooks, "deliverability").
  if (status === 410) return { result: { go: 'ON', outcome: 'SKIPPED', reason: 'GONE' }, isAnswered };
  const reason = isAnswered ? `HTTP ${status}` : text;
  const delay = retryAfterMs === null ? {} : { delayMs: Math.min(retryAfterMs, mostDelayMs) };
  return { result: { go: 'RETRY', reason, ...delay }, isAnswered };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'a URL';
}

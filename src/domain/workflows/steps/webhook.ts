/** Sends a webhook, signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). It arrives at least once. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../../config.js';
import { DomainError } from '../../../errors.js';
import { derivedKey, seal, unseal } from '../../staff/secrets.js';
import { stepKind, type StepResult, type StepRow, type WorkflowDeps } from '../contract.js';

/** The secret is sealed (`sealWebhookSecret`). */
const input = z.strictObject({ url: z.url().max(2000), secret: z.string().max(400) });
type WebhookStep = z.infer<typeof input>;

const limits = { totalMs: 15_000, idleMs: 15_000 };
/** The longest wait that a receiver may ask for, in seconds. */
const mostRetryAfter = 6 * 3600;
/** Webhooks that one worker sends at the same time. */
const atOnce = 10;

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
    const key = signingKey(unseal(keyOf(deps.config), sealedFor, step.secret));
    const results: StepResult[] = [];
    for (let at = 0; at < rows.length; at += atOnce) {
      guard();
      const some = rows.slice(at, at + atOnce);
      results.push(...(await Promise.all(some.map((row) => send(deps, step, row, { workflowId, key })))));
    }
    return results;
  },
});

async function send(
  { config, clock }: Pick<WorkflowDeps, 'config' | 'clock'>,
  { url }: WebhookStep,
  { ref, enrolment, contact }: StepRow,
  { workflowId, key }: { workflowId: string; key: Buffer },
): Promise<StepResult> {
  const { guardedPost } = await import('../../../guarded-get.js');
  // The same in each attempt, so that the receiver can leave out repeats.
  const id = `msg_${createHash('sha256').update(ref).digest('base64url').slice(0, 27)}`;
  const stamp = String(Math.floor(clock().getTime() / 1000));
  const body = JSON.stringify({
    type: 'workflow.step_reached',
    timestamp: clock().toISOString(),
    data: { workflowId, enrolmentId: enrolment._id, stepId: enrolment.step, contactId: contact._id },
  });
  const signature = createHmac('sha256', key).update(`${id}.${stamp}.${body}`).digest('base64');
  try {
    const { status, header } = await guardedPost(url, body, {
      ...{ ...limits, privateAddresses: config.privateSources },
      headers: {
        ...{ 'content-type': 'application/json', 'webhook-id': id },
        ...{ 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` },
      },
    });
    if (status >= 200 && status < 300) return { go: 'ON', outcome: 'DONE' };
    // Gone: the receiver wants no more (Standard Webhooks, "deliverability").
    if (status === 410) return { go: 'ON', outcome: 'SKIPPED', reason: 'GONE' };
    const delayMs = Math.min(Number(header('retry-after')), mostRetryAfter) * 1000;
    return { go: 'RETRY', reason: `HTTP ${status}`, ...(delayMs > 0 ? { delayMs } : {}) };
  } catch (error) {
    if (error instanceof DomainError) return { go: 'RETRY', reason: error.message };
    throw error;
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'a URL';
}

const sealedFor = 'webhook';
const keyOf = (config: Pick<Config, 'subscriberIdKey'>) => derivedKey(config, 'webhooks of workflows');

const signingKey = (secret: string) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

/** Makes a secret: once to show, and as it is stored. */
export function newWebhookSecret(config: Pick<Config, 'subscriberIdKey'>): { shown: string; sealed: string } {
  const shown = `whsec_${randomBytes(32).toString('base64')}`;
  return { shown, sealed: seal(keyOf(config), sealedFor, shown) };
}

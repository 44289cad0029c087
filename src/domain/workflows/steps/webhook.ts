/** Sends a webhook about a contact. It arrives at least once. */
import { z } from 'zod';
import { eventIdOf } from '../../changes/public-event.js';
import type { Config } from '../../../config.js';
import { isSuccess, newWebhookSecret, postWebhook } from '../../webhooks/post.js';
import { stepKind, type StepResult, type StepRow, type WorkflowDeps } from '../contract.js';

/** The URL of another system, as people and programs give it. */
export const webhookUrl = z
  .string()
  .trim()
  .max(2000, 'is longer than 2,000 characters')
  .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'is not a URL')
  .refine((url) => !URL.canParse(url) || new URL(url).username === '', 'has a password');

/** The secret is sealed (`newWebhookSecret`). */
const input = z.strictObject({ url: z.url().max(2000), secret: z.string().max(400) });
type WebhookStep = z.infer<typeof input>;

/**
 * The stored input of a webhook.
 * @param before the stored input of the same step, whose secret it keeps
 * @returns with a new `secret` as the other system needs it; null if the step has one already
 */
export function withSecret(
  config: Pick<Config, 'subscriberIdKey'>,
  given: unknown,
  before: unknown,
): { input: object; secret: string | null } {
  const kept = input.safeParse(before).data;
  if (kept) return { input: { ...Object(given), secret: kept.secret }, secret: null };
  const { shown, sealed } = newWebhookSecret(config);
  return { input: { ...Object(given), secret: sealed }, secret: shown };
}

/** The longest wait that a receiver may ask for, in milliseconds. */
const mostDelayMs = 6 * 3_600_000;
/** Webhooks that one worker sends to one receiver at the same time. */
const atOnce = 10;
/** A receiver that takes longer than this for some at once is slow. In milliseconds, as the rests are. */
const slowMs = 2000;
/** A slow receiver rests so many times as long as it took, so that others have most of the lane. */
const restShare = 3;
/** The rest of a receiver that did not answer. */
const silentMs = 60_000;
/** While another workflow sends to the receiver. */
const busyMs = 5000;

export const webhookStep = stepKind<WebhookStep>({
  name: 'WEBHOOK',
  label: 'Send a webhook',
  hint: 'Tells another system about the contact.',
  input,
  given: z.strictObject({ url: webhookUrl }),
  isAction: true,
  // One round stays within the lease, even if no server answers.
  most: 40,
  sentence: ({ url }) => `Send a webhook to ${hostOf(url)}.`,
  facts: ({ url }) => [{ term: 'URL', text: url }],
  faults: ({ url }) => (URL.canParse(url) && new URL(url).host ? [] : ['Give the URL of the other system.']),
  foretell: async (_deps, { url }) => `Sends a webhook to ${hostOf(url)}.`,
  async run(deps, step, rows, { workflowId, guard, destinations }) {
    const origin = originOf(step);
    const known = destinations.get(origin);
    const restMs = known?.isBusy ? busyMs : (known?.restUntil ?? 0) - performance.now();
    if (restMs > 0) return later(deps, rows, restMs);
    const destination = { isBusy: true, restUntil: 0 };
    destinations.set(origin, destination);
    const results: StepResult[] = [];
    let isResting = false;
    try {
      // One that has rested is asked once before the others are sent.
      for (
        let some = known?.restUntil ? 1 : atOnce;
        results.length < rows.length && !isResting;
        some = atOnce
      ) {
        guard();
        const began = performance.now();
        const asked = rows.slice(results.length, results.length + some);
        const sent = await Promise.all(asked.map((row) => send(deps, step, row, workflowId)));
        results.push(...sent.map(({ result }) => result));
        const [now, isSilent] = [performance.now(), sent.every(({ isAnswered }) => !isAnswered)];
        isResting = isSilent || now - began > slowMs;
        if (isResting) destination.restUntil = now + (isSilent ? silentMs : restShare * (now - began));
      }
    } finally {
      destination.isBusy = false;
    }
    return [
      ...results,
      ...later(deps, rows.slice(results.length), destination.restUntil - performance.now()),
    ];
  },
});

function later({ clock }: Pick<WorkflowDeps, 'clock'>, rows: readonly StepRow[], ms: number): StepResult[] {
  const until = new Date(clock().getTime() + Math.max(0, Math.ceil(ms)));
  return rows.map(() => ({ go: 'LATER', until }));
}

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

function originOf({ url }: WebhookStep): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'a URL';
}

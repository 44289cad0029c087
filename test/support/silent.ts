/** Fails a test that prints to the console without announcing it: noise hides the one line that matters. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { MockInstance } from 'vitest';

const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;

let spies: MockInstance[] = [];
let isAnnounced = false;
let printed: string[] = [];

/** A test calls this first when it tests printing. The lines are returned as they come. */
export function expectPrinting(): readonly string[] {
  isAnnounced = true;
  return printed;
}

beforeEach(() => {
  isAnnounced = false;
  printed = [];
  const lines = printed;
  spies = methods.map((method) =>
    vi
      .spyOn(console, method)
      .mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(' '))),
  );
});

afterEach(() => {
  for (const spy of spies) spy.mockRestore();
  if (!isAnnounced) expect(printed, 'this test printed to the console').toEqual([]);
});

/** Stops this process for some milliseconds, as a machine does that is paused: no timers, and nothing is read or written. */
export function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

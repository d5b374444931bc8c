/**
 * Time. Rooms that need the hour take a Clock as an argument; only this file and the hot path's
 * own instants read the machine's clocks.
 */
export interface Clock {
  /** Milliseconds since an arbitrary origin, monotonic, with a fraction. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => performance.now() };

/** Milliseconds on the one time line that all threads of this process share, monotonic. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now();
}

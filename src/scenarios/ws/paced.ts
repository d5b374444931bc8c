/**
 * Sends frames in real time, as a microphone or a camera does: the nth is due at start + n * everyMs.
 *
 * 1. Due instants do not drift: a frame that was sent late delays none that follow. Nothing is sent before it is due.
 * 2. How late each was sent is told; of late frames none is left out, they follow at once.
 *
 * Deliberately absent: spinning. A timer of Node is late by a millisecond or so, and that is told as well.
 */
export interface PaceClock {
  nowMs(): number;
  wait(ms: number): Promise<void>;
}

export const paceClock: PaceClock = {
  nowMs: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * @param send is given each frame, and how many milliseconds late it is; false ends it
 * @returns how many frames were sent, when the last one was
 */
export async function paced<Frame>(
  frames: Iterable<Frame> | AsyncIterable<Frame>,
  everyMs: number,
  send: (frame: Frame, lagMs: number) => boolean,
  clock: PaceClock = paceClock,
): Promise<number> {
  const startMs = clock.nowMs();
  let count = 0;
  for await (const frame of frames) {
    const dueMs = startMs + count * everyMs;
    let nowMs = clock.nowMs();
    while (nowMs < dueMs) {
      await clock.wait(Math.ceil(dueMs - nowMs));
      nowMs = clock.nowMs();
    }
    if (!send(frame, nowMs - dueMs)) break;
    count++;
  }
  return count;
}

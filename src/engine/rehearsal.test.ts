import { describe, expect, it } from 'vitest';
import type { DriverClock } from './driver.ts';
import { rehearse } from './rehearsal.ts';

/** Real time, with waking by timers: how exact it is does not matter here. */
function clock(): DriverClock {
  let woken: NodeJS.Timeout | undefined;
  return {
    nowMs: () => performance.now(),
    after: (delayMs, callback) => void setTimeout(callback, delayMs),
    wake: (atMs, callback) => {
      clearTimeout(woken);
      woken = setTimeout(callback, Math.max(0, atMs - performance.now()));
    },
  };
}

const servers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap' || name === 'TCPSocketWrap')
    .length;

describe('the rehearsal', () => {
  it('ends by itself, and leaves neither a server nor a connection behind', async () => {
    const before = servers();
    await rehearse(clock());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(servers()).toBeLessThanOrEqual(before);
  });
});

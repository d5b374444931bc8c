/**
 * What one session costs the generator itself, measured with a function that does nothing.
 *
 * Where the function is the target, both share a thread. What the generator takes of it is taken from the target, and has to be
 * told apart: this, times the sessions of a second. The least of several short rounds counts: whatever disturbs makes it longer.
 */
import { limitsOf } from '../model/objectives.ts';
import { SessionTally } from '../model/sessionTally.ts';
import { http1 } from '../protocols/http1.ts';
import { straight } from '../protocols/route.ts';
import { Databases } from '../scenarios/databases/databases.ts';
import { Player } from '../scenarios/player.ts';
import { scenario } from '../scenarios/scenario.ts';
import { Driver, type DriverClock } from './driver.ts';

const users = 8;
const rounds = 5;
const roundMs = 50;

/** @returns milliseconds of the thread for each session */
export async function ownSessionMs(clock: DriverClock): Promise<number> {
  const within = new SessionTally();
  const player = new Player(
    {
      wireTo: http1,
      scenario: scenario('nothing', () => Promise.resolve()),
      setup: {},
      limits: limitsOf([]),
      databases: Databases.none,
      feeds: new Map(),
      file: '',
      baseUrl: null,
      headers: [],
      timeoutMs: 1000,
      insecure: false,
      route: straight,
      seed: 1,
      share: 0,
      shares: 1,
      isTarget: true,
    },
    within,
  );
  let done = 0;
  const driver = new Driver(player, clock, (slice) => (done += slice.sessions?.done ?? 0), within);
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    done = 0;
    const fromMs = clock.nowMs();
    driver.hold({ load: { kind: 'closed', users }, maxInFlight: users, seed: 1, share: 0, shares: 1 });
    await new Promise<void>((resolve) => clock.after(roundMs, resolve));
    await new Promise<void>((resolve) => driver.rest(resolve));
    if (done > 0) leastMs = Math.min(leastMs, (clock.nowMs() - fromMs) / done);
  }
  driver.close();
  return Number.isFinite(leastMs) ? leastMs : 0;
}

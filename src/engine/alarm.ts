/**
 * An alarm that rings within a fraction of a millisecond, and burns nothing while it waits.
 *
 * Timers of the event loop have a grain of a millisecond and ring late; spinning for the rest costs a core. A helper
 * thread can sleep on a futex to within some ten microseconds, and a message from it wakes the loop.
 *
 * 1. One instant at a time: setting it anew forgets the one before.
 * 2. It may ring early or once too often, never not at all: who sets it looks at the clock when it rings.
 * 3. It keeps nobody alive, and ends with the thread that started it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What owner and helper share: instants in milliseconds of the machine's monotonic clock, the same in all threads. */
export class AlarmClock {
  readonly shared: SharedArrayBuffer;
  private readonly instant: Float64Array;
  private readonly version: Int32Array;

  constructor(shared = new SharedArrayBuffer(16)) {
    this.shared = shared;
    this.instant = new Float64Array(shared, 0, 1);
    this.version = new Int32Array(shared, 8, 1);
  }

  set(atMs: number): void {
    this.instant[0] = atMs;
    Atomics.add(this.version, 0, 1);
    Atomics.notify(this.version, 0);
  }

  /**
   * Blocks until the instant that is set, or set meanwhile.
   * @param seen what the last call returned, whose instant is over; 0 at first @returns which setting it was
   */
  sleep(seen: number): number {
    for (;;) {
      const version = Atomics.load(this.version, 0);
      const waitMs = version === seen ? Number.POSITIVE_INFINITY : (this.instant[0] ?? 0) - monotonicMs();
      if (waitMs <= 0 || Atomics.wait(this.version, 0, version, waitMs) === 'timed-out') return version;
    }
  }
}

/** `performance.now()` counts from the start of its own thread; this is the same in all. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class Alarm {
  readonly #clock: AlarmClock;
  readonly #aheadMs = monotonicMs() - performance.now();

  private constructor(clock: AlarmClock) {
    this.#clock = clock;
  }

  /**
   * @param ring called in the loop of this thread
   * @param helperUrl the compiled helper; beside this file when left out
   */
  static async start(
    ring: () => void,
    helperUrl = new URL('./alarmThread.js', import.meta.url),
  ): Promise<Alarm> {
    const clock = new AlarmClock();
    const helper = new Worker(helperUrl, { workerData: clock.shared });
    await once(helper, 'online');
    helper.on('message', ring);
    helper.unref();
    return new Alarm(clock);
  }

  /** Rings at this instant of `performance.now()`, or soon where it is past. */
  set(atMs: number): void {
    this.#clock.set(atMs + this.#aheadMs);
  }
}

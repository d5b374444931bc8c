/**
 * The process groups of commands under way, in memory that all threads share: so that whoever ends last can end them.
 *
 * A thread that is ended from outside runs no cleanup of its own; the main thread then kills what is noted here.
 */
const mostGroups = 4096;

export class ChildGroups {
  readonly shared: SharedArrayBuffer;
  /** Process ids of the leaders; 0 where a place is free. */
  readonly #leaders: Int32Array;
  #from = 0;

  constructor(shared = new SharedArrayBuffer(4 * mostGroups)) {
    this.shared = shared;
    this.#leaders = new Int32Array(shared);
  }

  /** @returns its place, for `remove`; null where there is no room: then it must not live on */
  add(leader: number): number | null {
    for (let i = 0; i < mostGroups; i++) {
      const place = (this.#from + i) % mostGroups;
      if (Atomics.compareExchange(this.#leaders, place, 0, leader) !== 0) continue;
      this.#from = place + 1;
      return place;
    }
    return null;
  }

  remove(place: number): void {
    Atomics.store(this.#leaders, place, 0);
  }

  /** Kills all that are left. */
  end(): void {
    for (let place = 0; place < mostGroups; place++) {
      const leader = Atomics.exchange(this.#leaders, place, 0);
      if (leader !== 0) killGroup(leader);
    }
  }
}

/** Kills a process and all of its group, as far as they live. */
export function killGroup(leader: number): void {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

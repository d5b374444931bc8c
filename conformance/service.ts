/**
 * A service with known answers, on a virtual time line that real requests enter.
 *
 * A request passes: admission (may be refused at once) -> stall -> station 1 -> station 2 ... -> answer.
 * A station is c servers and one first-come queue. A server that ends at instant t takes the next request at t,
 * whenever the process comes round to it:
 *
 *   arrives 3.0 |  server free at 10.0 | service 10 | answer due 20.0 | written at 20.3, yet free since 20.0
 *
 * 1. Lateness of timers never adds up: a station of c servers and service time S carries exactly c/S.
 * 2. No clock is read here: instants are arguments, in milliseconds of one monotonic clock.
 * 3. Before an arrival enters, all that was due before it has happened.
 * 4. Nothing of src/experiments is used: what grades Plimsoll must not share its mistakes.
 */
import { exponential, random, type Random } from '../src/random.ts';

export type Distribution = 'fixed' | 'exponential';

/** What a target does with a request on `/`. */
export type Behaviour =
  | {
      readonly kind: 'workers';
      readonly servers: number;
      readonly serviceMs: number;
      readonly distribution: Distribution;
    }
  /** Work on some cores, then a critical section of one at a time. */
  | {
      readonly kind: 'lock';
      readonly cores: number;
      readonly workMs: number;
      readonly lockMs: number;
      readonly distribution: Distribution;
    }
  /** Work on some cores, then a call downstream through a pool of connections. */
  | {
      readonly kind: 'pool';
      readonly cores: number;
      readonly workMs: number;
      readonly connections: number;
      readonly downstreamMs: number;
      readonly distribution: Distribution;
    }
  /** Gunther's law: any number inside, each slowed by all others. */
  | {
      readonly kind: 'universal';
      readonly alpha: number;
      readonly beta: number;
      readonly gammaPerSecond: number;
      readonly distribution: Distribution;
    }
  /** Any number inside, each baseMs; but from the middle of each period nothing moves for stallMs. */
  | { readonly kind: 'stall'; readonly baseMs: number; readonly stallMs: number; readonly everyMs: number }
  /** Always this status, at once. */
  | { readonly kind: 'failing'; readonly status: number }
  /** Takes requests and never answers. */
  | { readonly kind: 'hanging' }
  /** Answers at once: as fast as this process can. */
  | { readonly kind: 'bare' };

/** What may be added to any behaviour. */
export interface Restraints {
  /** Services that start while more than this are inside take cliffFactor times as long. */
  readonly cliffAbove?: number;
  readonly cliffFactor?: number;
  /** A bucket of `burst` tokens, refilled steadily; without a token 429. */
  readonly ratePerSecond?: number;
  readonly burst?: number;
  /** 503 when so many are inside. */
  readonly queueMost?: number;
  /** Connections above this are reset. */
  readonly connectionsMost?: number;
  /** Slow at first: by 1 + extra, fading from the first request on. */
  readonly warmExtra?: number;
  readonly warmFadeMs?: number;
}

export type ServiceOptions = Behaviour & Restraints & { readonly seed?: number };

export interface Station {
  readonly servers: number;
  readonly meanMs: number;
  readonly distribution: Distribution;
}

/** The stations that a request visits, one after the other; none where a kind has no queue. */
export function stationsOf(behaviour: Behaviour): Station[] {
  switch (behaviour.kind) {
    case 'workers':
      return [
        { servers: behaviour.servers, meanMs: behaviour.serviceMs, distribution: behaviour.distribution },
      ];
    case 'lock':
      return [
        { servers: behaviour.cores, meanMs: behaviour.workMs, distribution: behaviour.distribution },
        { servers: 1, meanMs: behaviour.lockMs, distribution: behaviour.distribution },
      ];
    case 'pool':
      return [
        { servers: behaviour.cores, meanMs: behaviour.workMs, distribution: behaviour.distribution },
        {
          servers: behaviour.connections,
          meanMs: behaviour.downstreamMs,
          distribution: behaviour.distribution,
        },
      ];
    case 'universal':
      return [
        {
          servers: Number.POSITIVE_INFINITY,
          meanMs: 1000 / behaviour.gammaPerSecond,
          distribution: behaviour.distribution,
        },
      ];
    case 'stall':
      return [{ servers: Number.POSITIVE_INFINITY, meanMs: behaviour.baseMs, distribution: 'fixed' }];
    case 'failing':
    case 'hanging':
    case 'bare':
      return [];
  }
}

/** Called once when a request is answered, at or after its due instant. */
export type Answer = (status: number) => void;

interface Job {
  readonly answer: Answer;
  /** Index of the station it is at; -1 while a stall keeps it out. */
  station: number;
}

interface Room extends Station {
  busy: number;
  readonly line: Job[];
  head: number;
}

export class Service {
  readonly #options: ServiceOptions;
  readonly #rooms: Room[];
  readonly #agenda = new Agenda();
  readonly #draw: Random;
  #inside = 0;
  #firstMs = Number.NaN;
  #tokens: number;
  #refilledMs = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#rooms = stationsOf(options).map((station) => ({ ...station, busy: 0, line: [], head: 0 }));
    this.#draw = random(options.seed ?? 1, 5);
    this.#tokens = options.burst ?? 0;
  }

  /** Requests that were let in and not yet answered. */
  get inside(): number {
    return this.#inside;
  }

  /** When something is due next; Infinity when nothing is. */
  get nextMs(): number {
    return this.#agenda.nextMs;
  }

  /** A request comes in. `answer` may be called before this returns. */
  arrive(nowMs: number, answer: Answer): void {
    this.runUntil(nowMs);
    if (Number.isNaN(this.#firstMs)) {
      this.#firstMs = nowMs;
      this.#refilledMs = nowMs;
    }
    const refusal = this.#refusal(nowMs);
    if (refusal !== 0) {
      answer(refusal);
      return;
    }
    const { kind } = this.#options;
    if (kind === 'hanging') return;
    const job: Job = { answer, station: 0 };
    this.#inside++;
    const openMs = this.#stalledUntil(nowMs);
    if (openMs > nowMs) {
      job.station = -1;
      this.#agenda.put(openMs, job);
    } else this.#enter(job, nowMs);
  }

  /** Lets everything happen that is due by this instant. */
  runUntil(nowMs: number): void {
    while (this.#agenda.nextMs <= nowMs) {
      const atMs = this.#agenda.nextMs;
      const job = this.#agenda.take();
      const room = this.#rooms[job.station];
      if (room !== undefined) this.#leave(room, atMs);
      job.station++;
      this.#enter(job, atMs);
    }
  }

  #enter(job: Job, atMs: number): void {
    const room = this.#rooms[job.station];
    if (room === undefined) {
      this.#inside--;
      job.answer(200);
    } else if (room.busy < room.servers) {
      room.busy++;
      this.#agenda.put(atMs + this.#serviceMs(room, atMs), job);
    } else room.line.push(job);
  }

  #leave(room: Room, atMs: number): void {
    const next = room.line[room.head];
    if (next === undefined) {
      room.busy--;
      return;
    }
    room.head++;
    if (room.head > 1000 && room.head * 2 > room.line.length) {
      room.line.splice(0, room.head);
      room.head = 0;
    }
    this.#agenda.put(atMs + this.#serviceMs(room, atMs), next);
  }

  #serviceMs(room: Room, atMs: number): number {
    const { cliffAbove, cliffFactor, warmExtra, warmFadeMs } = this.#options;
    let ms = room.distribution === 'fixed' ? room.meanMs : exponential(this.#draw, room.meanMs);
    if (this.#options.kind === 'universal') {
      const { alpha, beta } = this.#options;
      ms *= 1 + alpha * (this.#inside - 1) + beta * this.#inside * (this.#inside - 1);
    }
    if (this.#inside > (cliffAbove ?? Number.POSITIVE_INFINITY)) ms *= cliffFactor ?? 1;
    if (warmExtra !== undefined)
      ms *= 1 + warmExtra * Math.exp(-(atMs - this.#firstMs) / (warmFadeMs ?? 5000));
    return ms;
  }

  /** The status that refuses a request, or 0. */
  #refusal(nowMs: number): number {
    const { kind, ratePerSecond, burst, queueMost } = this.#options;
    if (kind === 'failing') return this.#options.status;
    if (this.#inside >= (queueMost ?? Number.POSITIVE_INFINITY)) return 503;
    if (ratePerSecond !== undefined) {
      const refilled = this.#tokens + ((nowMs - this.#refilledMs) * ratePerSecond) / 1000;
      this.#tokens = Math.min(burst ?? 1, refilled);
      this.#refilledMs = nowMs;
      if (this.#tokens < 1) return 429;
      this.#tokens--;
    }
    return 0;
  }

  #stalledUntil(nowMs: number): number {
    if (this.#options.kind !== 'stall') return nowMs;
    const { stallMs, everyMs } = this.#options;
    const sinceMs = nowMs - this.#firstMs;
    const fromMs = Math.floor(sinceMs / everyMs) * everyMs + (everyMs - stallMs) / 2;
    return sinceMs >= fromMs && sinceMs < fromMs + stallMs ? this.#firstMs + fromMs + stallMs : nowMs;
  }
}

/** What is due when: a binary heap. */
class Agenda {
  readonly #times: number[] = [];
  readonly #jobs: Job[] = [];

  get nextMs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  put(atMs: number, job: Job): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#times[parent] as number) <= atMs) break;
      this.#times[at] = this.#times[parent] as number;
      this.#jobs[at] = this.#jobs[parent] as Job;
      at = parent;
    }
    this.#times[at] = atMs;
    this.#jobs[at] = job;
  }

  /** Takes out what is due first; there must be something. */
  take(): Job {
    const times = this.#times;
    const jobs = this.#jobs;
    const first = jobs[0] as Job;
    const lastMs = times.pop() as number;
    const last = jobs.pop() as Job;
    const size = times.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++;
      if ((times[child] as number) >= lastMs) break;
      times[at] = times[child] as number;
      jobs[at] = jobs[child] as Job;
      at = child;
    }
    times[at] = lastMs;
    jobs[at] = last;
    return first;
  }
}

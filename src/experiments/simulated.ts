/**
 * Simulated targets: queues with known answers, driven in virtual time by the same trials as real ones.
 *
 * A request passes: admission (may be refused at once) -> station 1 -> station 2 ... -> answer.
 * A station is c servers with one first-come queue. `stretch` lengthens every service by a factor that may
 * depend on how many requests are inside, which gives USL, cliffs, locks and warm-up.
 *
 * 1. Virtual time only: thousands of requests cost a millisecond, and nothing here reads a clock.
 * 2. Repeatable: the same model, trials and seed give the same levels.
 * 3. The target lives on between trials: queues drain, warm-up passes, buckets refill.
 * 4. The generator has a limit too (`generatorPerSecond`): above it, it is late and says so.
 */
import { exponential, logNormal, random, type Random } from '../random.ts';
import type { Trial } from '../model/load.ts';
import { holding, type Holding } from '../model/holding.ts';
import { measure, type MeasureOptions } from '../model/measure.ts';
import type { Level } from '../model/report.ts';
import { SliceLog } from '../model/sliceLog.ts';
import { Tally } from '../model/tally.ts';

export interface Station {
  readonly servers: number;
  readonly meanMs: number;
  readonly distribution: 'fixed' | 'exponential';
}

export interface SimulatedTarget {
  readonly stations: readonly Station[];
  /** Factor on every service time. @param inside requests in the target; @param nowMs since its start */
  readonly stretch?: (inside: number, nowMs: number) => number;
  /** The failure kind that refuses a request, or '' to let it in. Called once for every arrival. */
  readonly admission?: (inside: number, nowMs: number) => string;
  /** Coefficient of variation of a factor on all service times that changes each second: machine noise. */
  readonly noise?: number;
  /** What the generator can send at most; infinite when left out. */
  readonly generatorPerSecond?: number;
  /** Time-out of a request; 10 s when left out. */
  readonly timeoutMs?: number;
}

/** Time that every answer takes besides the stations. */
const wireMs = 0.05;
const drainMs = 10_000;
/** As the engine's users do, one whose connection failed waits before it tries again. */
const brokenPauseMs = 10;

interface Job {
  dueMs: number;
  sentMs: number;
  station: number;
  /** Which trial sent it: answers to an earlier one are not counted. */
  trial: number;
  failure: string;
}

/** A priority queue of events by time: a binary heap. */
class Agenda {
  readonly #times: number[] = [];
  readonly #jobs: (Job | null)[] = [];

  get nextMs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  put(atMs: number, job: Job | null): void {
    const times = this.#times;
    const jobs = this.#jobs;
    let at = times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((times[parent] as number) <= atMs) break;
      times[at] = times[parent] as number;
      jobs[at] = jobs[parent] as Job | null;
      at = parent;
    }
    times[at] = atMs;
    jobs[at] = job;
  }

  take(): Job | null {
    const times = this.#times;
    const jobs = this.#jobs;
    const first = jobs[0] as Job | null;
    const lastTime = times.pop() as number;
    const lastJob = jobs.pop() as Job | null;
    const size = times.length;
    if (size > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= size) break;
        if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++;
        if ((times[child] as number) >= lastTime) break;
        times[at] = times[child] as number;
        jobs[at] = jobs[child] as Job | null;
        at = child;
      }
      times[at] = lastTime;
      jobs[at] = lastJob;
    }
    return first;
  }
}

/** A first-in first-out queue that does not shift arrays. */
class Line {
  #items: Job[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(job: Job): void {
    this.#items.push(job);
  }

  shift(): Job | undefined {
    const job = this.#items[this.#head];
    if (job === undefined) return undefined;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return job;
  }
}

/** Makes the `perform` of a simulated target. Each call holds one trial in virtual time and measures it. */
export function simulated(
  target: SimulatedTarget,
  seed: number,
  options: Pick<MeasureOptions, 'objectives'>,
): (trial: Trial) => Level {
  const arrivalDraw = random(seed, 1);
  const serviceDraw = random(seed, 2);
  const noiseDraw: Random = random(seed, 3);
  const agenda = new Agenda();
  const stations = target.stations.map((station) => ({ ...station, busy: 0, line: new Line() }));
  const timeoutMs = target.timeoutMs ?? 10_000;
  const generatorGapMs = 1000 / (target.generatorPerSecond ?? Number.POSITIVE_INFINITY);
  let nowMs = 0;
  let inside = 0;
  let trialNumber = 0;
  let noiseFactor = 1;
  let noiseSecond = -1;
  let generatorFreeMs = 0;

  const serviceMs = (station: Station): number => {
    if (target.noise !== undefined && Math.floor(nowMs / 1000) !== noiseSecond) {
      noiseSecond = Math.floor(nowMs / 1000);
      noiseFactor = logNormal(noiseDraw, 1, target.noise);
    }
    const drawn =
      station.distribution === 'fixed' ? station.meanMs : exponential(serviceDraw, station.meanMs);
    return drawn * noiseFactor * (target.stretch?.(inside, nowMs) ?? 1);
  };

  const enter = (job: Job): void => {
    const station = stations[job.station];
    if (station === undefined) {
      // Past the last station: the answer leaves.
      inside--;
      job.station = -1;
      agenda.put(nowMs + wireMs, job);
    } else if (station.busy < station.servers) {
      station.busy++;
      agenda.put(nowMs + serviceMs(station), job);
    } else {
      station.line.push(job);
    }
  };

  const leave = (job: Job): void => {
    const station = stations[job.station];
    if (station === undefined) return;
    const next = station.line.shift();
    if (next === undefined) station.busy--;
    else agenda.put(nowMs + serviceMs(station), next);
    job.station++;
    enter(job);
  };

  /** Lets what earlier trials left in the target run on without load. */
  const settle = (untilMs: number): void => {
    while (agenda.nextMs <= untilMs) {
      nowMs = agenda.nextMs;
      const job = agenda.take();
      if (job !== null && job.station >= 0) leave(job);
    }
    nowMs = untilMs;
  };

  return (trial) => {
    const calledMs = nowMs;
    trialNumber++;
    settle(nowMs + (trial.restMs ?? 0));
    const startMs = nowMs;
    const log = new SliceLog(120);
    const watch = holding(trial);
    const state: { held: Holding } = { held: 'hold' };
    const tally = new Tally((slice) => {
      log.push(slice);
      if (state.held === 'hold') state.held = watch(slice);
    });
    tally.begin(nowMs);
    const load = trial.load;
    const gapMs = load.kind === 'open' ? 1000 / load.ratePerSecond : 0;
    const turnGapMs =
      load.kind === 'closed' ? 1000 / (trial.maxRatePerSecond ?? Number.POSITIVE_INFINITY) : 0;
    let nextTurnMs = nowMs;
    let busyMs = 0;
    let sliceBusyFrom = 0;
    let holdingOn = true;
    let waiting = 0; // sent to the generator, not yet to the target

    const send = (dueMs: number): void => {
      const sentMs = Math.max(nowMs, generatorFreeMs);
      generatorFreeMs = sentMs + generatorGapMs;
      const job: Job = { dueMs, sentMs, station: -2, trial: trialNumber, failure: '' };
      waiting++;
      if (generatorGapMs === 0) return arrive(job);
      busyMs += generatorGapMs;
      agenda.put(sentMs, job);
    };

    const arrive = (job: Job): void => {
      if (job.trial !== trialNumber) return;
      waiting--;
      if (!holdingOn) return;
      tally.sent(job.dueMs, nowMs);
      job.failure = target.admission?.(inside, nowMs) ?? '';
      if (job.failure === '') {
        inside++;
        job.station = 0;
        enter(job);
      } else {
        job.station = -1;
        agenda.put(nowMs + wireMs, job);
      }
    };

    const finish = (job: Job): void => {
      if (job.trial !== trialNumber) return;
      const late = nowMs - job.sentMs > timeoutMs;
      const failure = job.failure === '' && late ? 'timeout' : job.failure;
      const doneMs = nowMs;
      tally.done(job.dueMs, job.sentMs, doneMs, doneMs, failure, 100, 200);
      if (load.kind !== 'closed' || !holdingOn) return;
      const isBroken = failure !== '' && !failure.startsWith('http.');
      begin(nowMs + (isBroken ? brokenPauseMs : 0));
    };

    const resume = (job: Job): void => {
      if (job.trial === trialNumber && holdingOn) send(nowMs);
    };

    /** The next request of a user, from this instant on, when its turn comes. */
    const begin = (fromMs: number): void => {
      const atMs = Math.max(fromMs, nextTurnMs);
      if (turnGapMs > 0) nextTurnMs = atMs + turnGapMs;
      if (atMs <= nowMs) return send(nowMs);
      agenda.put(atMs, { dueMs: atMs, sentMs: atMs, station: -3, trial: trialNumber, failure: '' });
    };

    if (load.kind === 'closed') for (let user = 0; user < load.users; user++) begin(nowMs);
    let nextDueMs =
      load.kind === 'open'
        ? nowMs + (load.arrivals === 'poisson' ? exponential(arrivalDraw, gapMs) : gapMs)
        : Number.POSITIVE_INFINITY;
    let nextSecondMs = startMs + 1000;

    const advance = (untilMs: number): void => {
      while (true) {
        const eventMs = Math.min(agenda.nextMs, nextDueMs);
        if (eventMs > untilMs || (!holdingOn && tally.inFlight === 0)) break;
        nowMs = eventMs;
        if (nextDueMs <= agenda.nextMs) {
          if (load.kind === 'open' && tally.inFlight + waiting >= trial.maxInFlight) tally.dropped(nowMs);
          else send(nextDueMs);
          nextDueMs +=
            load.kind === 'open' && load.arrivals === 'poisson' ? exponential(arrivalDraw, gapMs) : gapMs;
        } else {
          const job = agenda.take();
          if (job === null) continue;
          if (job.station === -2) arrive(job);
          else if (job.station === -3) resume(job);
          else if (job.station === -1) finish(job);
          else leave(job);
        }
      }
    };

    while (holdingOn) {
      advance(nextSecondMs);
      nowMs = nextSecondMs;
      const busy = Math.min(1, (busyMs - sliceBusyFrom) / 1000);
      sliceBusyFrom = busyMs;
      tally.self(generatorGapMs > 0 ? busy : null, null);
      tally.roll(nowMs);
      nextSecondMs += 1000;
      holdingOn = state.held === 'hold';
    }
    const heldMs = nowMs - startMs;
    nextDueMs = Number.POSITIVE_INFINITY;
    advance(nowMs + drainMs);
    if (tally.inFlight > 0) nowMs = startMs + heldMs + drainMs;
    tally.end(nowMs);
    return measure(trial, log.slices, {
      startMs,
      heldMs,
      spentMs: nowMs - calledMs,
      stoppedEarly: state.held === 'backlog' ? 'backlog' : null,
      ...options,
    });
  };
}

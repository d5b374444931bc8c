/**
 * The trials of a run on a real target: each is held by the crew, watched, measured and shown; what they told is kept.
 *
 * A stop from outside, or the death of the target, ends the trial under way; what was measured is kept.
 */
import { sharedNowMs, systemClock } from '../clock.ts';
import type { Crew } from '../engine/crew.ts';
import type { Load, Trial } from '../model/load.ts';
import { isAnswer } from '../model/failures.ts';
import { measure } from '../model/measure.ts';
import type { Level, Objective, Second } from '../model/report.ts';
import type { Slice } from '../model/slice.ts';
import type { Pricing } from '../model/stream.ts';
import { awayReason } from '../model/validity.ts';
import { rulesText } from '../report/words.ts';
import type { Live } from './live.ts';
import { Timeline } from './timeline.ts';
import type { Watch } from './watching.ts';

export interface LastGood {
  readonly at: Date;
  readonly load: Load;
}

/**
 * How long a target that was there may listen to nobody before it counts as dead: a supervisor that starts it anew takes
 * less. What it costs is in the level, which does not count then.
 */
const deadSeconds = 5;
const knockEveryMs = 500;

export interface TrialsOptions {
  readonly crew: Crew;
  readonly watch: Watch;
  readonly live: Live;
  /** The objectives that each level is judged by. */
  readonly judged: readonly Objective[];
  /** What load and throughput count. */
  readonly unit: 'requests' | 'sessions';
  /** The target runs in the threads of the generator. */
  readonly inThread: boolean;
  /** Of chat completions; null where they are not priced. */
  readonly pricing: Pricing | null;
  /** Whether each of its wires tells the bytes that go over it. */
  readonly bytesKnown: boolean;
  /** Connects to the target. Rejects when nobody listens. */
  readonly knock: () => Promise<void>;
}

const unknownBytes = { networkInBytesPerSecond: null, networkOutBytesPerSecond: null } as const;

export class Trials {
  readonly startedAt = new Date();
  lastError = '';
  lastRedirect = '';
  /** When and under which load the last good answer came; null when none did. */
  lastGood: LastGood | null = null;
  readonly #options: TrialsOptions;
  readonly #originMs = sharedNowMs();
  readonly #timeline = new Timeline();
  readonly #levels = new Map<string, Level[]>();
  #held = 0;
  /** Seconds on end in which nothing came back but broken connections. */
  #deadInARow = 0;

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  get experiments(): readonly { readonly name: string; readonly levels: readonly Level[] }[] {
    return [...this.#levels].map(([name, levels]) => ({ name, levels }));
  }

  get seconds(): readonly Second[] {
    return this.#timeline.seconds;
  }

  /** Holds one trial and measures it. */
  async perform(trial: Trial): Promise<Level> {
    const { crew, watch, live, judged, unit, inThread, pricing, bytesKnown } = this.#options;
    const load: Load = unit === 'requests' ? trial.load : { ...trial.load, of: unit };
    const startMs = sharedNowMs() - this.#originMs;
    const fromMs = systemClock.nowMs();
    live.trial({ experiment: trial.experiment, purpose: trial.purpose, load, index: this.#held });
    const carried = await crew.carry(trial, (slice) => this.#second(slice, load, startMs));
    const isDead = await this.#isDead();
    if (isDead) crew.stop('target-died');
    this.lastError = carried.lastError || this.lastError;
    this.lastRedirect = carried.lastRedirect || this.lastRedirect;
    const seen = watch.over(fromMs, fromMs + carried.heldMs);
    const level = measure(trial, carried.slices, {
      objectives: judged,
      startMs: Math.round(startMs),
      heldMs: carried.heldMs,
      spentMs: carried.spentMs,
      stoppedEarly: isDead ? 'target-died' : carried.stoppedEarly,
      retried: carried.retried,
      inThread,
      pricing,
      target: bytesKnown ? seen.target : { ...seen.target, ...unknownBytes },
      generatorFds: seen.generatorFds,
    });
    this.#held++;
    this.#levels.set(trial.experiment, [...(this.#levels.get(trial.experiment) ?? []), level]);
    live.level({
      load,
      throughput: level.throughput?.value ?? null,
      p95Ms: level.response.p95,
      met: heldAll(level),
      broken: whatBroke(level),
      valid: level.valid,
    });
    return level;
  }

  #second(slice: Slice, load: Load, startMs: number): void {
    const { crew, watch, live, knock } = this.#options;
    const second = this.#timeline.add(startMs + slice.startMs, this.#held, load, slice, watch.latest());
    if (slice.done > slice.failed) this.lastGood = { at: new Date(), load };
    const isDead =
      this.lastGood !== null && slice.done > 0 && slice.done === slice.failed && onlyBroken(slice);
    this.#deadInARow = isDead ? this.#deadInARow + 1 : 0;
    if (this.#deadInARow === deadSeconds) knock().catch(() => crew.stop('target-died'));
    live.second({
      load,
      throughput: second.throughput,
      p95Ms: second.p95Ms,
      errorRatio: slice.done === 0 ? null : slice.failed / slice.done,
      inFlight: second.inFlight,
      generatorCpu: slice.busy,
      elapsedMs: sharedNowMs() - this.#originMs,
    });
  }

  /** The next load, or the same once more, begins when somebody listens again. */
  async #isDead(): Promise<boolean> {
    const { crew, knock } = this.#options;
    if (this.#deadInARow === 0 || crew.stopped !== null) return false;
    return !(await listensWithin(knock, deadSeconds * 1000));
  }
}

/** Asks until somebody listens. @returns whether that was in time */
async function listensWithin(knock: () => Promise<void>, limitMs: number): Promise<boolean> {
  const untilMs = systemClock.nowMs() + limitMs;
  for (;;) {
    const listens = await knock().then(
      () => true,
      () => false,
    );
    if (listens || systemClock.nowMs() >= untilMs) return listens;
    await new Promise((resolve) => setTimeout(resolve, knockEveryMs));
  }
}

/** Null where some objective could not be judged and none was missed. */
function heldAll({ objectives, stoppedEarly, growing }: Level): boolean | null {
  if (stoppedEarly === 'backlog' || growing || objectives.some((each) => each.met === false)) return false;
  return objectives.every((each) => each.met === true) ? true : null;
}

/** Why the load did not hold, in words; empty where it did, or where the level does not count. */
function whatBroke(level: Level): string {
  if (awayReason(level) !== null) return 'the target was away';
  const { objectives, growing, valid } = level;
  if (!valid) return '';
  if (growing) return 'more came in than went out';
  const broken = objectives.filter(({ met }) => met === false);
  return broken.length === 0 ? '' : `${rulesText(broken)} ${broken.length === 1 ? 'breaks' : 'break'}`;
}

/** Failures as a dead process leaves them, not refusals that a living one sends. */
function onlyBroken(slice: Slice): boolean {
  return Object.keys(slice.errors).every((kind) => !isAnswer(kind));
}

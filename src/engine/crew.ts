/**
 * The crew: worker threads that carry a load together, seen from the main thread.
 *
 * 1. One trial at a time. Workers get the desired load with their share of it; their slices are joined by second.
 * 2. A trial ends by its own rule (`holding`), or from outside (`stop`); then what is in flight gets time to
 *    come back, and what does not is given up and counted as unfinished.
 * 3. A worker tells of every second. One that says nothing for long is blocked, by a script that never lets go of its
 *    thread; then the run fails with PLM_BLOCKED.
 * 4. Nothing outlives `dismiss`, nor this process: commands of scripts that are under way then are killed.
 */
import { Worker } from 'node:worker_threads';
import { PlimsollError } from '../errors.ts';
import { holding } from '../model/holding.ts';
import type { Trial } from '../model/load.ts';
import { limitsOf } from '../model/objectives.ts';
import type { Level, Objective } from '../model/report.ts';
import type { ScriptCost } from '../model/scriptCost.ts';
import { acrossAll, type Slice } from '../model/slice.ts';
import { SliceLog } from '../model/sliceLog.ts';
import { ChildGroups } from '../scenarios/commands/childGroups.ts';
import { noRowsGiven } from '../scenarios/feed.ts';
import type { Told } from '../scenarios/grpc/grpcTargets.ts';
import { whereThrown } from '../scenarios/whereThrown.ts';
import type { FromWorker, HttpTarget, ToWorker, WorkerData } from './messages.ts';

export interface CrewOptions {
  readonly target: HttpTarget;
  readonly workers: number;
  readonly seed: number;
  /** What the setup of its scenarios returned, by their names; nothing when left out. */
  readonly setup?: Readonly<Record<string, unknown>>;
  /** What targets of gRPC said of their methods; nothing when left out. */
  readonly told?: Told;
  /** What a session must hold to be a good one; nothing when left out. */
  readonly objectives?: readonly Objective[];
  /** How long a worker may say nothing; 15 s when left out. */
  readonly blockedMs?: number;
  /** The compiled worker; beside this file when left out. */
  readonly workerUrl?: URL;
}

export interface Carried {
  readonly slices: readonly Slice[];
  readonly heldMs: number;
  readonly spentMs: number;
  readonly stoppedEarly: Level['stoppedEarly'];
  /** Requests sent once more, because the target had closed the kept connection. */
  readonly retried: number;
  readonly lastError: string;
  readonly lastRedirect: string;
}

export type StopReason = 'interrupt' | 'time-limit' | 'target-died' | 'data-ended';

/**
 * How long answers may take to come back after the load has ended. Where none has come at all, the target may be no more
 * than slow: then as long as the timeout of a request.
 */
const drainMs = 10_000;
const drainAfterStopMs = 1_000;
const keptSlices = 120;
const blockedAfterMs = 15_000;

/** A trial that was over before it began: workers that hold nothing have nothing to tell. */
function notHeld(stoppedEarly: StopReason): Carried {
  return { slices: [], heldMs: 1, spentMs: 0, stoppedEarly, retried: 0, lastError: '', lastRedirect: '' };
}

export const endedWith = (code: number): Error => new Error(`it ended with code ${code}`);

/** What to tell of a worker that has ended: by the script that it plays, or by a fault of ours. */
export function lossOf(error: Error, scenario: string | null): PlimsollError {
  if (scenario === null) return new PlimsollError('PLM_WORKER', error.message, undefined, error);
  const seen = error.message + whereThrown(error, scenario);
  return new PlimsollError('PLM_ENDED', `"${scenario}"`, seen, error);
}

interface Run {
  readonly log: SliceLog;
  readonly perSecond: (Slice | null)[][];
  joined: number;
  /** When each worker was last heard of. */
  readonly heardMs: number[];
  rested: number;
  retried: number;
  lastError: string;
  lastRedirect: string;
  onSlice: (slice: Slice) => void;
  onRested: () => void;
}

export class Crew {
  readonly #workers: Worker[];
  readonly #groups: ChildGroups;
  readonly #endGroups = (): void => this.#groups.end();
  readonly #seed: number;
  readonly #scenario: string | null;
  readonly #timeoutMs: number;
  readonly #blockedMs: number;
  #trials = 0;
  #run: Run | null = null;
  #failed: Error | null = null;
  #dismissed = false;
  #fail: (error: Error) => void = () => undefined;
  #stop: ((reason: StopReason) => void) | null = null;
  #stopped: StopReason | null = null;
  /** What of a thread's work was the script's, where one was busier than it may be; null else. */
  scriptCost: ScriptCost | null = null;

  private constructor(
    workers: Worker[],
    groups: ChildGroups,
    { seed, target, blockedMs = blockedAfterMs }: CrewOptions,
  ) {
    this.#workers = workers;
    this.#groups = groups;
    process.once('exit', this.#endGroups);
    this.#seed = seed;
    this.#scenario = target.scenario;
    this.#timeoutMs = target.timeoutMs;
    this.#blockedMs = blockedMs;
    for (const [index, worker] of workers.entries()) {
      worker.on('message', (message: FromWorker) => this.#hear(index, message));
      worker.on('error', (error) => this.#lost(error));
      worker.on('exit', (code) => {
        if (!this.#dismissed) this.#lost(endedWith(code));
      });
    }
  }

  /** A worker has ended that should not have. */
  #lost(error: Error): void {
    this.#failed ??= lossOf(error, this.#scenario);
    this.#fail(this.#failed);
  }

  /** Starts the workers and waits until each is ready. */
  static async muster(options: CrewOptions): Promise<Crew> {
    const url = options.workerUrl ?? new URL('./worker.js', import.meta.url);
    const { target, seed, setup = {}, told = {}, objectives = [], workers: shares } = options;
    const limits = limitsOf(objectives);
    const given = noRowsGiven();
    const groups = new ChildGroups();
    const workers = Array.from({ length: shares }, (_, share) => {
      const workerData: WorkerData = {
        target,
        setup,
        told,
        seed,
        share,
        shares,
        limits,
        given,
        groups: groups.shared,
      };
      return new Worker(url, { workerData });
    });
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            const { scenario } = target;
            worker.once('message', () => resolve());
            worker.once('error', (error) => reject(lossOf(error, scenario)));
            worker.once('exit', (code) => reject(lossOf(endedWith(code), scenario)));
          }),
      ),
    );
    return new Crew(workers, groups, options);
  }

  /** Why the crew was stopped from outside; null when it was not. */
  get stopped(): StopReason | null {
    return this.#stopped;
  }

  /** Ends the trial under way, and every later one at once. */
  stop(reason: StopReason): void {
    this.#stopped ??= reason;
    this.#stop?.(this.#stopped);
  }

  /** Holds one trial. @param onSlice is told each joined second as it closes */
  async carry(trial: Trial, onSlice: (slice: Slice) => void): Promise<Carried> {
    if (this.#failed !== null) throw this.#failed;
    const shares = this.#workers.length;
    const startMs = performance.now();
    const log = new SliceLog(keptSlices);
    const watch = holding(trial);
    let stoppedEarly: Level['stoppedEarly'] = null;
    if (this.#stopped === null && (trial.restMs ?? 0) > 0) await this.#pause(trial.restMs ?? 0);
    if (this.#stopped !== null) return notHeld(this.#stopped);

    const watchdog = setInterval(() => this.#lookForBlocked(), 1000);
    const heldMs = await new Promise<number>((resolve, reject) => {
      let heldSoFarMs = 0;
      let ended = false;
      this.#fail = reject;
      this.#stop = (reason) => {
        if (ended) return;
        ended = true;
        stoppedEarly = reason;
        resolve(Math.max(1, performance.now() - startMs));
      };
      this.#run = {
        log,
        perSecond: this.#workers.map(() => []),
        joined: 0,
        heardMs: this.#workers.map(() => performance.now()),
        rested: 0,
        retried: 0,
        lastError: '',
        lastRedirect: '',
        onSlice: (slice) => {
          onSlice(slice);
          if (ended) return;
          heldSoFarMs += slice.durationMs;
          const verdict = watch(slice);
          if (verdict === 'hold') return;
          ended = true;
          if (verdict === 'backlog') stoppedEarly = 'backlog';
          resolve(heldSoFarMs);
        },
        onRested: () => undefined,
      };
      this.#trials++;
      for (const [share, worker] of this.#workers.entries()) {
        this.#tell(worker, {
          kind: 'hold',
          assignment: {
            load: trial.load,
            maxInFlight: Math.max(1, Math.ceil(trial.maxInFlight / shares)),
            ...(trial.maxRatePerSecond === undefined ? {} : { maxRatePerSecond: trial.maxRatePerSecond }),
            ...(trial.dueMs === undefined ? {} : { dueMs: trial.dueMs }),
            ...(trial.variant === undefined ? {} : { variant: trial.variant }),
            seed: this.#seed + 7919 * this.#trials,
            share,
            shares,
          },
        });
      }
    }).catch((error: unknown) => {
      clearInterval(watchdog);
      throw error;
    });
    this.#stop = null;
    const isSlow = log.slices.every(({ done }) => done === 0);
    const graceMs = isSlow ? Math.max(drainMs, this.#timeoutMs) : drainMs;
    const isHurried = this.#stopped !== null && this.#stopped !== 'data-ended';
    await this.#rest(isHurried ? drainAfterStopMs : graceMs).finally(() => clearInterval(watchdog));
    const run = this.#run as unknown as Run;
    this.#run = null;
    return {
      slices: log.slices,
      heldMs,
      spentMs: performance.now() - startMs,
      stoppedEarly,
      retried: run.retried,
      lastError: run.lastError,
      lastRedirect: run.lastRedirect,
    };
  }

  /** Ends the workers and all their connections. */
  async dismiss(): Promise<void> {
    this.#dismissed = true;
    for (const worker of this.#workers) this.#tell(worker, { kind: 'quit' });
    const ended = this.#workers.map(
      (worker) =>
        new Promise<void>(
          (resolve) => void (worker.threadId === -1 ? resolve() : worker.once('exit', () => resolve())),
        ),
    );
    const late = setTimeout(() => this.#workers.forEach((worker) => void worker.terminate()), 1000);
    await Promise.all(ended);
    clearTimeout(late);
    this.#groups.end();
    process.off('exit', this.#endGroups);
  }

  /** Waits without load, no longer than until it is stopped. */
  #pause(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#stop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(worker: Worker, message: ToWorker): void {
    worker.postMessage(message);
  }

  #rest(graceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const run = this.#run;
      if (run === null) return resolve();
      this.#fail = reject;
      const abandon = (): void => this.#workers.forEach((worker) => this.#tell(worker, { kind: 'abandon' }));
      let late = setTimeout(abandon, graceMs);
      this.#stop = () => {
        clearTimeout(late);
        late = setTimeout(abandon, Math.min(graceMs, drainAfterStopMs));
      };
      run.onRested = () => {
        clearTimeout(late);
        this.#stop = null;
        resolve();
      };
      for (const worker of this.#workers) this.#tell(worker, { kind: 'rest' });
    });
  }

  #hear(index: number, message: FromWorker): void {
    const run = this.#run;
    if (message.kind === 'ended') return this.stop('data-ended');
    if (message.kind === 'script-cost') {
      this.scriptCost = message.cost;
      return;
    }
    if (run === null || message.kind === 'ready') return;
    run.heardMs[index] = performance.now();
    if (message.kind === 'slice') {
      run.perSecond[index]?.push(message.slice);
      this.#join(run, false);
      return;
    }
    run.rested++;
    run.retried += message.retried;
    run.lastError = message.lastError || run.lastError;
    run.lastRedirect = message.lastRedirect || run.lastRedirect;
    if (run.rested < this.#workers.length) return;
    this.#join(run, true);
    run.onRested();
  }

  #lookForBlocked(): void {
    const silent =
      this.#run?.heardMs.some((heardMs) => performance.now() - heardMs > this.#blockedMs) ?? false;
    if (!silent) return;
    const what = this.#scenario === null ? 'A worker thread' : `"${this.#scenario}"`;
    this.#failed = new PlimsollError(
      'PLM_BLOCKED',
      what,
      `nothing was heard of it for ${this.#blockedMs / 1000} s`,
    );
    this.#fail(this.#failed);
  }

  /** Joins the seconds that all workers have delivered; at the end also those that only some have. */
  #join(run: Run, last: boolean): void {
    for (;;) {
      const parts = run.perSecond
        .map((slices) => slices[0])
        .filter((slice) => slice !== undefined && slice !== null);
      if (parts.length === 0 || (!last && parts.length < this.#workers.length)) return;
      for (const slices of run.perSecond) slices.shift();
      const slice = acrossAll(parts);
      run.joined++;
      run.log.push(slice);
      run.onSlice(slice);
    }
  }
}

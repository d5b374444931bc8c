/**
 * A job queue beside the conversation: work is taken at once and done later, by a fixed number of workers.
 *
 *     POST /jobs --> backlog --> worker --> done (GET /jobs/:id tells)
 *
 * 1. Each job takes `jobMs` of one worker, so that the queue does workers * 1000 / jobMs jobs per second, and no more.
 * 2. The backlog is bounded: what has no room is refused, and never begins.
 * 3. Nothing of the conversation waits for a job, nor a job for it: the service's formula stays as it is.
 * 4. Of the jobs that are done the latest `keptMost` are known; older ones are forgotten.
 */
import type { Agenda } from './agenda.ts';
import { Workers } from './workers.ts';

export interface JobsOptions {
  readonly workers: number;
  /** Real milliseconds of a worker that a job takes. */
  readonly jobMs: number;
  /** Jobs that may wait. */
  readonly backlogLimit: number;
  readonly keptMost: number;
}

export const jobsDefaults: JobsOptions = { workers: 4, jobMs: 50, backlogLimit: 400, keptMost: 10_000 };

export interface Job {
  readonly id: number;
  readonly status: 'queued' | 'running' | 'done';
  /** Of a job that is done. */
  readonly result?: { readonly words: number };
}

/** The known answer, jobs per second. */
export const jobsPerSecond = ({ workers, jobMs }: JobsOptions): number => (workers * 1000) / jobMs;

export class Jobs {
  readonly options: JobsOptions;
  readonly #agenda: Agenda;
  readonly #workers: Workers;
  readonly #jobs = new Map<number, Job>();
  readonly #done: number[] = [];
  #taken = 0;
  #running = 0;
  #finished = 0;

  constructor(agenda: Agenda, options: JobsOptions = jobsDefaults) {
    this.options = options;
    this.#agenda = agenda;
    this.#workers = new Workers(options.workers, options.backlogLimit);
  }

  get counts(): { taken: number; queued: number; running: number; done: number } {
    const queued = this.#workers.waiting;
    return { taken: this.#taken, queued, running: this.#running, done: this.#finished };
  }

  /** Takes a job that arrives at `atMs`; undefined where there is no room for it. @param told when it is done */
  take(atMs: number, text: string, told: (job: Job) => void = () => undefined): Job | undefined {
    if (!this.#workers.hasRoom) return undefined;
    const id = ++this.#taken;
    this.#jobs.set(id, { id, status: 'queued' });
    this.#workers.enter(atMs, (startedMs) => {
      this.#running++;
      this.#jobs.set(id, { id, status: 'running' });
      this.#agenda.at(startedMs + this.options.jobMs, (doneMs) => {
        this.#running--;
        const words = text.split(/\s+/).filter(Boolean).length;
        const job: Job = { id, status: 'done', result: { words } };
        this.#finish(job);
        this.#workers.leave(doneMs);
        told(job);
      });
    });
    return this.#jobs.get(id);
  }

  find(id: number): Job | undefined {
    return this.#jobs.get(id);
  }

  /** How long a job that is taken now waits at most. */
  get drainSeconds(): number {
    return this.#workers.waiting / jobsPerSecond(this.options);
  }

  #finish(job: Job): void {
    this.#finished++;
    this.#jobs.set(job.id, job);
    this.#done.push(job.id);
    if (this.#done.length > this.options.keptMost) this.#jobs.delete(this.#done.shift() ?? 0);
  }
}

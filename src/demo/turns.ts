/**
 * The way of a turn through the service, and where the planted defect lies on it.
 *
 *     refusal? --> line --> worker --> model --> section (lock) --> answered, worker free
 *
 * 1. Every station hands on the instant at which it was due to end; the next begins there (agenda.ts).
 * 2. A worker is held from the start of a turn until it is answered.
 * 3. accepted = answered + inFlight; a refused turn is counted apart and never begins.
 * 4. One path for all: without a defect its station is passed in no time.
 */
import { random, type Random } from '../random.ts';
import type { Agenda } from './agenda.ts';
import { ceilingOf, plantable, type Ceiling, type Defect } from './defects.ts';
import { drawSize, LanguageModel, modelDefaults, type ModelOptions } from './model.ts';
import { Workers } from './workers.ts';

export interface TurnsOptions {
  readonly model: ModelOptions;
  /** Turns handled at once; more than the batch, so that the batch is full while some are in their overhead. */
  readonly workers: number;
  /** Turns that may wait for a worker; the next one gets 503. */
  readonly lineLimit: number;
  readonly defect: Defect;
  readonly seed: number;
}

export const turnsDefaults: TurnsOptions = {
  model: modelDefaults,
  workers: 32,
  lineLimit: 200,
  defect: plantable.none,
  seed: 1,
};

export interface Refusal {
  readonly status: 429 | 503;
  readonly retryAfterSeconds: number;
  readonly why: string;
}

/** A turn that was answered, with the instants between its stations, milliseconds of the service's time. */
export interface Answered {
  readonly outputTokens: number;
  readonly arrivedMs: number;
  readonly startedMs: number;
  readonly repliedMs: number;
  readonly doneMs: number;
}

/** How an answer is wanted. */
export interface Speaking {
  /** No longer than this; as long as the model likes when null. */
  readonly mostTokens?: number | null;
  /** Told of each token, counted from 0, when it is due. */
  readonly token?: (nth: number) => void;
}

export class Turns {
  readonly ceiling: Ceiling;
  readonly #agenda: Agenda;
  readonly #options: TurnsOptions;
  readonly #sizes: Random;
  readonly #workers: Workers;
  readonly #model: LanguageModel;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #inFlight = 0;
  #answered = 0;
  #refused = 0;
  #sectionFreeMs = -Infinity;
  #bucket: number;
  #bucketMs = -Infinity;

  /** @param halt stops the process, and with it the service's time, for so many milliseconds */
  constructor(agenda: Agenda, options: TurnsOptions, startMs: number, halt: (durationMs: number) => void) {
    const { model, workers, lineLimit, defect, seed } = options;
    this.ceiling = ceilingOf(model, workers, defect);
    this.#agenda = agenda;
    this.#options = options;
    this.#sizes = random(seed, 1);
    this.#workers = new Workers(defect.kind === 'pool' ? defect.workers : workers, lineLimit);
    const pace = (): number =>
      defect.kind === 'cliff' && this.#inFlight > defect.inFlight ? defect.slowdown : 1;
    this.#model = new LanguageModel(agenda, model, random(seed, 2), pace);
    this.#bucket = defect.kind === 'rate-limit' ? defect.burst : 0;
    if (defect.kind === 'stall') {
      const runMs = defect.everyMs - defect.stopMs; // the agenda does not see the time it is stopped for
      const stall = (atMs: number): void => {
        halt(defect.stopMs);
        agenda.at(atMs + runMs, stall);
      };
      agenda.at(startMs + runMs, stall);
    }
  }

  get counts(): { accepted: number; answered: number; refused: number; inFlight: number; waiting: number } {
    const answered = this.#answered;
    const inFlight = this.#inFlight;
    const waiting = this.#workers.waiting;
    return { accepted: answered + inFlight, answered, refused: this.#refused, inFlight, waiting };
  }

  /** Asks for admission at `atMs`; undefined grants it, and `take` must follow in the same instant, or nothing. */
  refusal(atMs: number): Refusal | undefined {
    const { defect } = this.#options;
    if (!this.#workers.hasRoom) {
      this.#refused++;
      const drainSeconds = this.#workers.waiting / this.ceiling.perSecond;
      return {
        status: 503,
        retryAfterSeconds: Math.max(1, Math.ceil(drainSeconds)),
        why: `overloaded: ${this.#inFlight} turns are in flight and no more may wait`,
      };
    }
    if (defect.kind === 'rate-limit') {
      const gained = (Math.max(0, atMs - this.#bucketMs) / 1000) * defect.perSecond;
      this.#bucket = Math.min(defect.burst, this.#bucket + gained);
      this.#bucketMs = atMs;
      if (this.#bucket < 1) {
        this.#refused++;
        return {
          status: 429,
          retryAfterSeconds: Math.max(1, Math.ceil((1 - this.#bucket) / defect.perSecond)),
          why: `too many turns: at most ${defect.perSecond} per second are taken`,
        };
      }
      this.#bucket--;
    }
    return undefined;
  }

  /** Takes a turn that arrives at `atMs`, after `refusal` granted it. */
  take(
    atMs: number,
    answer: (answered: Answered) => void,
    { mostTokens = null, token }: Speaking = {},
  ): void {
    const drawn = drawSize(this.#options.model, this.#sizes);
    const size = mostTokens === null ? drawn : { ...drawn, output: Math.min(drawn.output, mostTokens) };
    this.#inFlight++;
    this.#workers.enter(atMs, (startedMs) => {
      const replied = (repliedMs: number): void => {
        this.#passSection(repliedMs, (doneMs) => {
          this.#keep();
          this.#inFlight--;
          this.#answered++;
          answer({ outputTokens: size.output, arrivedMs: atMs, startedMs, repliedMs, doneMs });
          this.#workers.leave(doneMs);
        });
      };
      this.#model.submit(startedMs, size, replied, token);
    });
  }

  /** The critical section: one turn at a time, in the order of arrival. */
  #passSection(atMs: number, next: (atMs: number) => void): void {
    const { defect } = this.#options;
    if (defect.kind !== 'lock') {
      next(atMs);
      return;
    }
    this.#sectionFreeMs = Math.max(atMs, this.#sectionFreeMs) + defect.sectionMs;
    this.#agenda.at(this.#sectionFreeMs, next);
  }

  #keep(): void {
    const { defect } = this.#options;
    if (defect.kind !== 'leak' || this.#keptBytes + defect.bytesPerTurn > defect.mostBytes) return;
    this.#keptBytes += defect.bytesPerTurn;
    this.#kept.push(Buffer.alloc(defect.bytesPerTurn, 1 + (this.#kept.length % 255))); // written, hence resident
  }
}

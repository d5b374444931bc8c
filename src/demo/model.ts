/**
 * A language model with continuous batching, as serving engines run it: all requests of the batch advance by
 * one token a step, and prompts are read in chunks in the same steps.
 *
 *     arrival --overhead--> waiting --slot free--> reading its prompt --> one token a step --> done
 *
 * 1. T_step = (t0 + ts·B + tp·P) · jitter · pace, with B the requests that produce a token in this step and P
 *    the prompt tokens read in it. The step that reads a prompt's last token produces the first token of the
 *    answer, so a request takes exactly `output` token steps and holds its slot from prompt to last token.
 * 2. First come, first served: for slots and for the prompt chunk of a step.
 * 3. Steps follow each other without a gap while there is work: the next begins when the last was due to end.
 * 4. Pure: time is the agenda's, chance is an argument.
 *
 * Absent on purpose: a bound on the waiting (the workers before it are the bound), cache memory and preemption.
 * The constants are those of an 8B model on one H100: 12 ms a token alone, 24 ms in a batch of 16.
 */
import { logNormal, type Random } from '../random.ts';
import type { Agenda } from './agenda.ts';

export interface ModelOptions {
  /** t0: what a step costs by itself. Model milliseconds, like all times here but `timeScale`'s result. */
  readonly stepMs: number;
  /** ts: what each request that produces a token adds to a step. */
  readonly stepPerRequestMs: number;
  /** tp: what each prompt token adds to the step that reads it. */
  readonly perPromptTokenMs: number;
  /** O: from the arrival of a request until it may enter the batch. */
  readonly overheadMs: number;
  /** B: requests in the batch at most. */
  readonly batch: number;
  /** Prompt tokens that one step reads at most. */
  readonly chunkTokens: number;
  /** Coefficient of variation of a step's log-normal jitter, whose mean is 1. */
  readonly jitterCv: number;
  /** Mean prompt tokens of a turn that the session's prefix cache does not hold. */
  readonly promptTokens: number;
  /** Mean tokens of an answer. */
  readonly outputTokens: number;
  /** Sizes are drawn evenly from mean ± this share of it, 0 to below 1. */
  readonly sizeSpread: number;
  /** Real milliseconds per model millisecond. */
  readonly timeScale: number;
}

export const modelDefaults: ModelOptions = {
  stepMs: 11.2,
  stepPerRequestMs: 0.8,
  perPromptTokenMs: 0.25,
  overheadMs: 30,
  batch: 16,
  chunkTokens: 512,
  jitterCv: 0.1,
  promptTokens: 53,
  outputTokens: 12,
  sizeSpread: 0.25,
  timeScale: 0.2,
};

export interface Size {
  readonly prompt: number;
  readonly output: number;
}

/** Draws the size of a turn: whole tokens, at least 1, whose means are exactly those of the options. */
export function drawSize(options: ModelOptions, draw: Random): Size {
  const around = (mean: number): number => {
    const reach = Math.min(mean - 1, Math.floor(mean * options.sizeSpread));
    return mean - reach + Math.floor(draw() * (2 * reach + 1));
  };
  return { prompt: around(options.promptTokens), output: around(options.outputTokens) };
}

interface Sequence {
  readonly readyMs: number;
  readonly done: (atMs: number) => void;
  /** Told of each token, counted from 0, when it is due. */
  readonly token: (nth: number) => void;
  readonly output: number;
  promptLeft: number;
  outputLeft: number;
}

export class LanguageModel {
  readonly #agenda: Agenda;
  readonly #options: ModelOptions;
  readonly #draw: Random;
  readonly #pace: () => number;
  readonly #waiting: Sequence[] = [];
  #running: Sequence[] = [];
  /** True from the moment a step is entered in the agenda until the model has nothing left to do. */
  #stepping = false;

  /** @param pace how many times its length a step takes, asked as each begins */
  constructor(agenda: Agenda, options: ModelOptions, draw: Random, pace: () => number = () => 1) {
    this.#agenda = agenda;
    this.#options = options;
    this.#draw = draw;
    this.#pace = pace;
  }

  /** Takes a request that arrives at `atMs`, never before the last one; `done` is told when its last token is due. */
  submit(
    atMs: number,
    size: Size,
    done: (atMs: number) => void,
    token: (nth: number) => void = () => undefined,
  ): void {
    const readyMs = atMs + this.#options.overheadMs * this.#options.timeScale;
    const { prompt, output } = size;
    this.#waiting.push({ readyMs, done, token, output, promptLeft: prompt, outputLeft: output });
    if (this.#stepping) return;
    this.#stepping = true;
    this.#agenda.at(readyMs, (dueMs) => this.#beginStep(dueMs));
  }

  #beginStep(atMs: number): void {
    const { stepMs, stepPerRequestMs, perPromptTokenMs, batch, chunkTokens, jitterCv, timeScale } =
      this.#options;
    while (this.#running.length < batch && (this.#waiting[0]?.readyMs ?? Infinity) <= atMs) {
      this.#running.push(this.#waiting.shift() as Sequence);
    }
    let chunkLeft = chunkTokens;
    let producing = 0;
    for (const sequence of this.#running) {
      const read = Math.min(sequence.promptLeft, chunkLeft);
      sequence.promptLeft -= read;
      chunkLeft -= read;
      if (sequence.promptLeft === 0) producing++;
    }
    const meanMs = stepMs + stepPerRequestMs * producing + perPromptTokenMs * (chunkTokens - chunkLeft);
    const lengthMs = logNormal(this.#draw, meanMs, jitterCv) * this.#pace() * timeScale;
    this.#agenda.at(atMs + lengthMs, (dueMs) => this.#endStep(dueMs));
  }

  #endStep(atMs: number): void {
    const finished: Sequence[] = [];
    const staying: Sequence[] = [];
    for (const sequence of this.#running) {
      if (sequence.promptLeft === 0) {
        sequence.token(sequence.output - sequence.outputLeft);
        sequence.outputLeft--;
      }
      (sequence.outputLeft === 0 ? finished : staying).push(sequence);
    }
    this.#running = staying;
    for (const sequence of finished) sequence.done(atMs); // may submit: those are ready for this step's successor
    const next = this.#waiting[0];
    if (staying.length > 0) this.#beginStep(atMs);
    else if (next) this.#agenda.at(Math.max(atMs, next.readyMs), (dueMs) => this.#beginStep(dueMs));
    else this.#stepping = false;
  }
}

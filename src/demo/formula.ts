/**
 * What the service can carry, by formula: the known answer that a measurement is held against.
 *
 * The batch is a machine that gives b requests one token each per step. With answers of O tokens and prompts of
 * P, one request in O per step is new and brings its prompt, so in the mean
 *
 *     T(b) = t0 + ts·b + tp·P·b/O        X(b) = b / (O · T(b))        N(b) = b + X(b) · (overhead + T(b)/2)
 *
 * X is the throughput with b requests in the batch. N is the turns that keep b there: besides those in the
 * batch, by Little's law, those in their overhead and those that wait for the step under way to end, half a
 * step in the mean. With the batch full, X(B) = 1 / (P·tp + O·(t0/B + ts)), the ceiling.
 *
 * 1. Times are model milliseconds until the last line of each function, where the time scale makes them real.
 * 2. No number here is fitted: ceiling.test.ts runs the model in virtual time and holds these to 3 %.
 */
import type { ModelOptions } from './model.ts';

const stepLengthMs = (options: ModelOptions, inBatch: number): number =>
  options.stepMs +
  options.stepPerRequestMs * inBatch +
  (options.perPromptTokenMs * options.promptTokens * inBatch) / options.outputTokens;

const perModelMs = (options: ModelOptions, inBatch: number): number =>
  inBatch / (options.outputTokens * stepLengthMs(options, inBatch));

/** The most the model answers, turns per real second: 1 / (P·tp + O·(t0/B + ts)). */
export function capacityPerSecond(options: ModelOptions): number {
  const { promptTokens, perPromptTokenMs, outputTokens, stepMs, batch, stepPerRequestMs } = options;
  const demandMs = promptTokens * perPromptTokenMs + outputTokens * (stepMs / batch + stepPerRequestMs);
  return 1000 / (demandMs * options.timeScale);
}

/** What the model answers while this many turns are always with it, turns per real second. @param turns at least 1 */
export function throughputPerSecond(options: ModelOptions, turns: number): number {
  const needed = (inBatch: number): number =>
    inBatch + perModelMs(options, inBatch) * (options.overheadMs + stepLengthMs(options, inBatch) / 2);
  let low = 0;
  let high = options.batch;
  if (needed(high) <= turns) return capacityPerSecond(options);
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (needed(middle) < turns) low = middle;
    else high = middle;
  }
  return (1000 * perModelMs(options, low)) / options.timeScale;
}

/** Response of a turn that is alone, real milliseconds: its overhead, its prompt and its tokens. */
export function unloadedMs(options: ModelOptions): number {
  const { overheadMs, promptTokens, perPromptTokenMs, outputTokens, stepMs, stepPerRequestMs } = options;
  const tokensMs = outputTokens * (stepMs + stepPerRequestMs);
  return (overheadMs + promptTokens * perPromptTokenMs + tokensMs) * options.timeScale;
}

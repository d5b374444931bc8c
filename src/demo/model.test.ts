import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { EventQueue } from './agenda.ts';
import { drawSize, LanguageModel, modelDefaults, type ModelOptions } from './model.ts';

/** Round numbers without jitter, so that every instant can be worked out by hand. */
const plain: ModelOptions = {
  ...modelDefaults,
  stepMs: 10,
  stepPerRequestMs: 1,
  perPromptTokenMs: 0.5,
  overheadMs: 7,
  batch: 3,
  chunkTokens: 20,
  jitterCv: 0,
  timeScale: 1,
};

function laboratory(options: Partial<ModelOptions> = {}, pace?: () => number) {
  const queue = new EventQueue();
  const model = new LanguageModel(queue, { ...plain, ...options }, random(5), pace);
  const done: Record<string, number> = {};
  const submit = (name: string, atMs: number, prompt: number, output: number): void =>
    queue.at(atMs, () => model.submit(atMs, { prompt, output }, (doneMs) => (done[name] = doneMs)));
  return { queue, submit, done };
}

describe('the language model', () => {
  it('answers a lone request after its overhead, its prompt and one step a token', () => {
    const { queue, submit, done } = laboratory();
    submit('a', 100, 8, 3);
    queue.runUntil(1000);
    // ready at 107; first step 10 + 1 + 8·0.5 with the first token; two steps of 11
    expect(done).toEqual({ a: 107 + 15 + 11 + 11 });
  });

  it('reads a prompt longer than the chunk over several steps that produce nothing', () => {
    const { queue, submit, done } = laboratory();
    submit('a', 0, 46, 2);
    queue.runUntil(1000);
    expect(done['a']).toBe(7 + (10 + 10) + (10 + 10) + (10 + 1 + 3) + 11);
  });

  it('lengthens everybody’s step by a prompt that is read in it', () => {
    const { queue, submit, done } = laboratory();
    submit('a', 0, 2, 3); // ready at 7: steps of 12 to 19, then 2 + 0.5·16 more beside b to 39, then 12 to 51
    submit('b', 5, 16, 5);
    queue.runUntil(1000);
    expect(done).toEqual({ a: 19 + (10 + 2 + 8) + 12, b: 39 + 12 + 11 + 11 + 11 });
  });

  it('lets no more than its batch run, and the next in as soon as one is out', () => {
    const { queue, submit, done } = laboratory({ perPromptTokenMs: 0 });
    submit('a', 0, 1, 2);
    submit('b', 0, 1, 9);
    submit('c', 0, 1, 9);
    submit('d', 0, 1, 1);
    queue.runUntil(1000);
    expect(done['a']).toBe(7 + 13 + 13);
    expect(done['d']).toBe(7 + 13 + 13 + 13);
  });

  it('begins at once with who arrives after it was idle', () => {
    const { queue, submit, done } = laboratory();
    submit('a', 0, 2, 1);
    submit('b', 500, 2, 1);
    queue.runUntil(1000);
    expect(done).toEqual({ a: 7 + 12, b: 507 + 12 });
  });

  it('takes its pace for each step as that step begins', () => {
    let pace = 1;
    const { queue, submit, done } = laboratory({}, () => pace);
    queue.at(20, () => (pace = 3));
    submit('a', 0, 2, 3); // steps at 7 and 19 at pace 1, at 30 at pace 3
    queue.runUntil(1000);
    expect(done['a']).toBe(7 + 12 + 11 + 33);
  });

  it('scales all its times alike', () => {
    const { queue, submit, done } = laboratory({ timeScale: 0.25 });
    submit('a', 0, 8, 3);
    queue.runUntil(1000);
    expect(done['a']).toBeCloseTo((7 + 15 + 11 + 11) / 4, 9);
  });

  it('repeats itself with the same seed, jitter and all', () => {
    const run = (): number | undefined => {
      const { queue, submit, done } = laboratory({ jitterCv: 0.3 });
      submit('a', 0, 31, 17);
      queue.runUntil(1000);
      return done['a'];
    };
    expect(run()).toBe(run());
  });
});

describe('the size of a turn', () => {
  it('is whole, in its range, and has the mean of the options', () => {
    const draw = random(23);
    const sizes = Array.from({ length: 20_000 }, () => drawSize(modelDefaults, draw));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(sizes.map(({ prompt }) => prompt))).toBeCloseTo(53, 0);
    expect(mean(sizes.map(({ output }) => output))).toBeCloseTo(12, 1);
    expect(new Set(sizes.map(({ output }) => output))).toEqual(new Set([9, 10, 11, 12, 13, 14, 15]));
  });

  it('is never below one token', () => {
    const draw = random(3);
    const options = { ...modelDefaults, outputTokens: 2, sizeSpread: 0.9 };
    for (let i = 0; i < 200; i++) expect(drawSize(options, draw).output).toBeGreaterThanOrEqual(1);
  });
});

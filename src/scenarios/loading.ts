/** Loads the scenarios or benchmarks of a file as it stands, TypeScript or JavaScript. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createJiti } from 'jiti';
import { PlimsollError, type ErrorCode } from '../errors.ts';
import { isBenchmark, type Benchmark } from './benchmark.ts';
import { isScenario, type Scenario } from './scenario.ts';

/** What `import ... from 'plimsoll'` means in a scenario file: this very copy, wherever the file lies. */
const own = ['../index.js', '../index.ts']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));

/** The compiled probe; null where it is not built, as in tests of the sources. */
const probe = new URL('./loadingProbe.js', import.meta.url);
const longestMs = 15_000;

/**
 * Loads a file on a thread of its own first: one that loops while it is loaded would block this very thread, and Ctrl-C
 * with it; one that calls process.exit would end Plimsoll without a word.
 * @throws PLM_BLOCKED, PLM_ENDED
 */
export async function tryLoading(file: string): Promise<void> {
  if (!existsSync(file) || !existsSync(probe)) return;
  const worker = new Worker(probe, { workerData: file });
  const failure = await new Promise<PlimsollError | null>((resolve) => {
    const given = `"${file}"`;
    const late = setTimeout(
      () =>
        resolve(new PlimsollError('PLM_BLOCKED', given, `it was not loaded within ${longestMs / 1000} s`)),
      longestMs,
    );
    const settle = (ended: PlimsollError | null): void => {
      clearTimeout(late);
      resolve(ended);
    };
    // What is wrong with the file is told when it is loaded in earnest.
    worker.once('message', () => settle(null));
    worker.once('error', () => settle(null));
    worker.once('exit', (code) =>
      settle(new PlimsollError('PLM_ENDED', given, `while it was loaded, with code ${code}`)),
    );
  });
  await worker.terminate();
  if (failure !== null) throw failure;
}

/** @throws PLM_SCENARIO with the place in the file, where there is one */
export const loadScenarios = (file: string): Promise<readonly Scenario[]> =>
  loadAll(file, isScenario, 'scenario', 'PLM_SCENARIO');

/** @throws PLM_BENCHMARK with the place in the file, where there is one */
export const loadBenchmarks = (file: string): Promise<readonly Benchmark[]> =>
  loadAll(file, isBenchmark, 'benchmark', 'PLM_BENCHMARK');

/** The default export of a file, or the list in it, each with a name of its own. */
async function loadAll<Kind extends { readonly name: string }>(
  file: string,
  isKind: (value: unknown) => value is Kind,
  noun: string,
  code: ErrorCode,
): Promise<readonly Kind[]> {
  if (!existsSync(file)) throw new PlimsollError(code, `"${file}"`, 'there is no such file');
  const jiti = createJiti(import.meta.url, own === undefined ? {} : { alias: { plimsoll: own } });
  let found: unknown;
  try {
    found = await jiti.import(file, { default: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Who required it is the file itself.
    const [what = ''] = message.split('\nRequire stack:');
    throw new PlimsollError(code, `"${file}"`, what.replaceAll(/\s*\n\s*/g, ' '), error);
  }
  const all: unknown[] = Array.isArray(found) ? found : [found];
  if (all.length === 0 || !all.every(isKind)) {
    throw new PlimsollError(
      code,
      `"${file}"`,
      `its default export is not made by ${noun}(...), nor a list of such`,
    );
  }
  const twice = all.find(({ name }, nth) => all.slice(0, nth).some((one) => one.name === name));
  if (twice === undefined) return all;
  throw new PlimsollError(code, `"${file}"`, `two ${noun}s are called "${twice.name}"`);
}

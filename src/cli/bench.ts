/**
 * `plimsoll bench FILE`: each benchmark of the file at each of its loads, one after the other, with a table, bench.json and
 * bench.csv in the end.
 *
 * What was measured is written also where the run is interrupted.
 */
import { join, resolve } from 'node:path';
import { bench as benchThread } from '../engine/benching.ts';
import { exitCodes, PlimsollError, type ExitCode } from '../errors.ts';
import { benchStage, worstVerdict, type BenchStage } from '../model/bench.ts';
import { measure } from '../model/measure.ts';
import { hostFacts } from '../monitors/host.ts';
import { benchCsv, benchTable, type BenchResult } from '../report/bench.ts';
import { inert } from '../report/characters.ts';
import { formatCount } from '../report/format.ts';
import type { Benchmark } from '../scenarios/benchmark.ts';
import { loadBenchmarks, tryLoading } from '../scenarios/loading.ts';
import { version } from './composing.ts';
import type { RawOptions } from './options.ts';
import { redactCommand, redactText } from './redact.ts';
import { optionsFrom } from './settings.ts';
import { terminalOf } from './terminalOf.ts';
import { prepareFolder, writeWhole } from './writing.ts';

export interface BenchOutcome {
  readonly exitCode: ExitCode;
  /** For standard output. */
  readonly output: string;
}

const usualMs = 3000;
/** Shorter says little: the interval is of tenths of a second, after the warm-up. */
const leastMs = 2000;

/** @param onStop registers what to call when the person asks for an end */
export async function bench(
  given: string,
  flags: RawOptions,
  args: readonly string[],
  onStop: (stop: () => void) => void,
): Promise<BenchOutcome> {
  const read = await optionsFrom(flags);
  const askedMs = read.durationMs('duration') ?? usualMs;
  if (askedMs < leastMs)
    throw new PlimsollError(
      'PLM_OPTION',
      `--duration of ${askedMs} ms`,
      `a load is held for ${leastMs} ms or more`,
    );
  // Rates are counted in whole seconds.
  const durationMs = Math.ceil(askedMs / 1000) * 1000;
  const [json, quiet] = [read.on('json'), read.on('quiet')];
  const out = resolve(read.text('out')?.text ?? 'plimsoll-report');
  const file = resolve(given);
  await tryLoading(file);
  const benchmarks = await loadBenchmarks(file);
  const folder = prepareFolder(out);
  const interrupt = new AbortController();
  onStop(() => interrupt.abort());
  const startedAt = new Date();
  try {
    const results: BenchResult[] = [];
    for (const each of benchmarks) {
      if (interrupt.signal.aborted) break;
      const stages: BenchStage[] = [];
      await stagesOf(each, file, durationMs, stages, interrupt.signal, (load) => {
        if (!quiet && !json) process.stderr.write(`${inert(each.name)}, ${formatCount(load)}x\n`);
      });
      const { name, target, acceptable } = each;
      if (stages.length > 0) results.push({ name, target, acceptable, stages });
    }
    const stopped = interrupt.signal.aborted ? 'interrupt' : null;
    const verdict = worstVerdict(results.flatMap(({ stages }) => stages));
    const report = {
      schema: 'plimsoll-bench/1',
      tool: { name: 'plimsoll', version },
      run: {
        startedAt: startedAt.toISOString(),
        durationMs: Date.now() - startedAt.getTime(),
        stageMs: durationMs,
        command: redactCommand(args),
        stopped,
        host: hostFacts(),
      },
      file: given,
      verdict,
      benchmarks: results,
    };
    const whole = `${JSON.stringify(report, null, 2)}\n`;
    const paths = [
      writeWhole(join(out, 'bench.json'), whole),
      writeWhole(join(out, 'bench.csv'), benchCsv(results)),
    ];
    const table = `\n${benchTable(results, terminalOf(process.stdout))}\nReport: ${paths.join(', ')}\n`;
    const exitCode = stopped === null ? exitOf[verdict ?? 'met'] : exitCodes.interrupted;
    return { exitCode, output: json ? whole : table };
  } finally {
    folder.leave();
  }
}

const exitOf = {
  met: exitCodes.ok,
  missed: exitCodes.objectiveFailed,
  undecided: exitCodes.inconclusive,
} as const;

async function stagesOf(
  benchmark: Benchmark,
  file: string,
  durationMs: number,
  stages: BenchStage[],
  signal: AbortSignal,
  began: (load: number) => void,
): Promise<void> {
  await benchThread(
    { file, name: benchmark.name, durationMs },
    {
      began,
      ended: (seen, slices) => {
        const told = { ...seen, lastError: redactText(seen.lastError) };
        const load = { kind: 'closed', users: seen.load } as const;
        const trial = {
          experiment: 'bench',
          purpose: `${seen.load} under way`,
          load,
          durationMs,
          minDone: 0,
          maxDurationMs: durationMs,
          maxInFlight: seen.load,
        };
        const options = {
          objectives: [],
          startMs: 0,
          heldMs: durationMs,
          spentMs: durationMs,
          stoppedEarly: null,
        };
        stages.push(benchStage(measure(trial, slices, { ...options, inThread: true }), told, benchmark));
      },
    },
    signal,
  );
}

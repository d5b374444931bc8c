/** A report as the command line composes it, of an assessment or a held load in virtual time. */
import { composeReport } from '../../src/cli/composing.ts';
import type { Settings } from '../../src/cli/settings.ts';
import { Timeline } from '../../src/cli/timeline.ts';
import { assessment, type Assessment } from '../../src/experiments/assessment.ts';
import { budgets } from '../../src/experiments/budget.ts';
import { qualityOf } from '../../src/model/objectives.ts';
import { conductNow } from '../../src/experiments/experiment.ts';
import { heldLoad } from '../../src/experiments/heldLoad.ts';
import type { SimulatedTarget } from '../../src/experiments/simulated.ts';
import type { Level, Report } from '../../src/model/report.ts';
import { Notebook } from './assessing.ts';
import { aSlice } from './slices.ts';

export interface Around {
  readonly args?: readonly string[];
  readonly command?: string | null;
  readonly lastRedirect?: string;
  readonly interruptedAt?: number;
  readonly seed?: number;
}

export function composed(settings: Settings, target: SimulatedTarget, around: Around = {}): Report {
  const book = new Notebook(target, qualityOf(settings.objectives), around.seed ?? 23, around.interruptedAt);
  const { load } = settings;
  let result: Assessment | null = null;
  if (load === null) {
    result = conductNow(assessment({ ...settings, budget: budgets[settings.budget] }), book.perform);
  } else
    conductNow(
      heldLoad(load, settings.durationMs, settings.maxUsers, settings.maxRatePerSecond),
      book.perform,
    );
  const byName = new Map<string, Level[]>();
  const timeline = new Timeline();
  for (const [i, level] of book.levels.entries()) {
    const name = book.trials[i]?.experiment ?? '';
    byName.set(name, [...(byName.get(name) ?? []), level]);
    timeline.add(level.startMs, i, level.load, aSlice({ done: 4 }), { target: null, generator: null });
  }
  return composeReport(settings, around.args ?? ['http://a.test/'], {
    result,
    startedAt: new Date('2026-03-04T05:06:07Z'),
    durationMs: book.spentMs,
    host: { cpus: 6, cpuModel: 'a test', memoryBytes: 8e9, node: 'v20.20.2', os: 'linux' },
    watched: { pid: 4321, command: around.command ?? 'node server.js', reason: null },
    experiments: [...byName].map(([name, levels]) => ({ name, levels })),
    timeline: timeline.seconds,
    stopped: around.interruptedAt === undefined ? null : 'interrupt',
    setup: null,
    maxUsers: settings.maxUsers,
    lastError: '',
    lastRedirect: around.lastRedirect ?? '',
    lastGood: null,
    scriptCost: null,
  });
}

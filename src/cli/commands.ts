/** The commands that measure a target: assess, capacity and run. Each ends in a report and an exit code. */
import { exitCodes, PlimsollError, type ExitCode } from '../errors.ts';
import { assessment, type Assessment } from '../experiments/assessment.ts';
import { budgets } from '../experiments/budget.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { heldLoad } from '../experiments/heldLoad.ts';
import { profile, stagesOf, type Followed, type ProfilePlan } from '../experiments/profile.ts';
import { replay } from '../experiments/replay.ts';
import { qualityOf } from '../model/objectives.ts';
import { arrivalsIn } from '../model/replay.ts';
import type { Level, Objective, Report } from '../model/report.ts';
import { sparkline } from '../report/liveFrame.ts';
import { formatCount, formatDuration } from '../report/format.ts';
import { profileLines } from '../report/profileLines.ts';
import { composeReport } from './composing.ts';
import type { Live } from './live.ts';
import { measureTarget, type Run } from './measuring.ts';
import { failureOf } from './runFailure.ts';
import type { ReplayGiven } from './replaying.ts';
import type { Settings } from './settings.ts';
import { targetName } from './targetName.ts';
import { prepareFolder, writeReport } from './writing.ts';

export interface Outcome {
  readonly report: Report;
  readonly paths: readonly string[];
  readonly exitCode: ExitCode;
  /** What stopped the run, to be told after the report; null when nothing did. */
  readonly error: PlimsollError | null;
}

export interface Surroundings {
  readonly args: readonly string[];
  readonly live: Live;
  /** Registers what to call when the person asks for an end. */
  readonly onStop: (stop: (reason: 'interrupt') => void) => void;
}

export async function assess(given: Settings, around: Surroundings): Promise<Outcome> {
  const quality = qualityOf(given.objectives);
  const demands = given.objectives.filter((each) => !quality.includes(each));
  const settings = { ...given, objectives: [...quality, ...demands] };
  return conclude(settings, around, quality, budgetMs(settings), (maxUsers) =>
    assessment({ ...settings, budget: budgets[settings.budget], maxUsers }),
  );
}

export async function run(settings: Settings, around: Surroundings): Promise<Outcome> {
  if (settings.profile !== null) return follow(settings, settings.profile, around);
  if (settings.replay !== null) return replayed(settings, settings.replay, around);
  const load = settings.load ?? { kind: 'closed', users: 1 };
  return conclude(settings, around, settings.objectives, settings.durationMs, (maxUsers) =>
    heldLoad(
      load.kind === 'closed' ? { ...load, users: Math.min(load.users, maxUsers) } : load,
      settings.durationMs,
      maxUsers,
      settings.maxRatePerSecond,
    ),
  );
}

async function follow(settings: Settings, plan: ProfilePlan, around: Surroundings): Promise<Outcome> {
  const stages = stagesOf(plan);
  const expectedMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return conclude(settings, around, settings.objectives, expectedMs, (maxUsers) => {
    const possible = { ...plan, maxUsers };
    for (const line of profileLines(stagesOf(possible))) around.live.note(line);
    return profile(possible);
  });
}

function replayed(settings: Settings, given: ReplayGiven, around: Surroundings): Promise<Outcome> {
  const { replay: arrivals, lines, without } = given;
  const { dueMs, durationMs } = arrivals;
  const lost =
    without === 0
      ? ''
      : `; ${without} ${without === 1 ? 'line' : 'lines'} of ${lines} ${without === 1 ? 'says' : 'say'} no instant`;
  const counts = arrivalsIn(arrivals, 40);
  const line = sparkline(counts, counts.length, false);
  return conclude(settings, around, settings.objectives, durationMs, (maxUsers) => {
    around.live.note(
      `replay  ${line}  ${formatCount(dueMs.length)} arrivals in ${formatDuration(durationMs)}${lost}`,
    );
    return replay(arrivals, maxUsers);
  });
}

async function conclude(
  settings: Settings,
  around: Surroundings,
  judged: readonly Objective[],
  expectedMs: number,
  make: (maxUsers: number) => Experiment<Assessment | Level | readonly Followed[]>,
): Promise<Outcome> {
  const folder = prepareFolder(settings.out);
  const { live } = around;
  live.begin({
    target: targetName(settings.target),
    budgetMs: expectedMs,
    objectives: judged,
  });
  try {
    const measured = await measureTarget(settings, live, around.onStop, judged, make).finally(() =>
      live.end(),
    );
    return written(settings, around.args, measured);
  } finally {
    folder.leave();
  }
}

function written(
  settings: Settings,
  args: readonly string[],
  measured: Run<Assessment | Level | readonly Followed[]>,
): Outcome {
  const { result } = measured;
  const found = 'baseline' in result ? result : null;
  const profiles = Array.isArray(result) ? (result as readonly Followed[]) : [];
  const report = composeReport(settings, args, { ...measured, result: found }, profiles);
  const error = failureOf(settings, measured);
  try {
    const paths = writeReport(settings.out, settings.formats, report);
    return { report, paths, exitCode: error?.exitCode ?? exitCodeOf(report), error };
  } catch (failure) {
    if (!(failure instanceof PlimsollError)) throw failure;
    return { report, paths: [], exitCode: failure.exitCode, error: failure };
  }
}

function exitCodeOf(report: Report): ExitCode {
  if (report.run.stopped === 'interrupt') return exitCodes.interrupted;
  if (report.verdict === 'pass') return exitCodes.ok;
  return report.verdict === 'fail' ? exitCodes.objectiveFailed : exitCodes.inconclusive;
}

function budgetMs(settings: Settings): number {
  const { baseline, scaling, capacity } = budgets[settings.budget];
  const first = 3 * baseline.trialMs + 3000;
  if (settings.until === 'baseline') return first;
  return first + scaling.totalMs + (settings.until === 'scaling' ? 0 : capacity.totalMs);
}

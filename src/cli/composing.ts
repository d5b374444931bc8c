/** The report of a run, composed from what was measured. Everything that could hold a secret is redacted here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { capacityStatement, validity, verdictOf } from '../diagnosis/verdict.ts';
import { connectionMemoryOf } from '../diagnosis/connectionMemory.ts';
import { findings } from '../diagnosis/findings.ts';
import { profileResult } from '../diagnosis/profileChecks.ts';
import type { Assessment } from '../experiments/assessment.ts';
import type { Followed } from '../experiments/profile.ts';
import { capacityOf, efficiencyOf, scalingOf } from '../experiments/summary.ts';
import { describeObjectives } from '../model/objectives.ts';
import { reportSchemaName, type Level, type Report } from '../model/report.ts';
import { spareDescriptors, type Run } from './measuring.ts';
import { noteOf } from '../recipes/recipe.ts';
import { ruleText } from '../report/words.ts';
import { redactCommand, redactText, redactUrl } from './redact.ts';
import type { Settings } from './settings.ts';
import { targetName } from './targetName.ts';

const manifest = new URL('../../package.json', import.meta.url);
export const version = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;

export function composeReport(
  settings: Settings,
  args: readonly string[],
  run: Run<Assessment | null>,
  profiles: readonly Followed[] = [],
): Report {
  const assessment = run.result;
  const scaling = assessment === null ? null : scalingOf(assessment);
  const found =
    assessment === null
      ? null
      : capacityOf(assessment, settings.margin, settings.target.kind === 'websocket');
  // Users of HTTP/2 share connections.
  const bare = found === null || settings.target.streams === null ? found : { ...found, connections: null };
  const levels = run.experiments.flatMap((experiment) => experiment.levels);
  const valid = withAllUsers(validity(levels, bare, run.stopped), settings, run);
  const followed = profileResult(profiles);
  const runLevel = assessment === null && followed === null ? (levels.at(-1) ?? null) : null;
  const verdict = verdictOf({
    validity: valid,
    capacity: bare,
    objectives: settings.objectives,
    level: runLevel,
    profile: followed,
  });
  const connectionMemory = connectionMemoryOf(levels, run.watched.pid !== null);
  const capacity =
    bare === null ? null : { ...bare, statement: capacityStatement(bare, settings.objectives) };
  return {
    schema: reportSchemaName,
    tool: { name: 'plimsoll', version },
    run: {
      id: createHash('sha256')
        .update(`${run.startedAt.toISOString()} ${process.pid} ${targetName(settings.target)}`)
        .digest('hex')
        .slice(0, 12),
      startedAt: run.startedAt.toISOString(),
      durationMs: Math.round(run.durationMs),
      seed: settings.seed,
      command: redactCommand(args),
      budget: assessment === null ? null : settings.budget,
      stopped: run.stopped,
      setup: run.setup === null ? null : { ...run.setup },
      host: { ...run.host, workers: settings.workers },
    },
    target: {
      ...targetOf(settings),
      streamsPerConnection: settings.target.streams,
      pid: run.watched.pid,
      command: run.watched.command,
    },
    objectives: [...settings.objectives],
    verdict,
    summary: summaryOf(settings, followed?.statement ?? capacity?.statement ?? null, runLevel, run),
    validity: valid,
    requests: countsOf(levels),
    experiments: run.experiments.map(({ name, levels: list }) => ({
      name,
      levels: list.map((level) => withEfficiency(level, assessment)),
      result: resultOf(name, assessment),
    })),
    timeline: [...run.timeline],
    scaling,
    capacity,
    connectionMemory,
    profile: followed,
    findings: findings({
      levels,
      objectives: settings.objectives,
      scaling,
      capacity: bare,
      plateau: assessment?.scaling?.plateau ?? false,
      baselineMs: assessment?.baseline.responseMs ?? null,
      hostCpus: run.host.cpus,
      // A scenario follows redirects, or says itself what it does with them.
      lastRedirect: settings.target.scenario === null ? redactUrl(run.lastRedirect) : '',
      lastError: redactText(run.lastError),
      scenarioNames: settings.target.names,
      note: noteOf(settings.target.recipe),
      scriptCost: run.scriptCost,
      targetSeen: run.watched.pid !== null,
      connectionMemory,
      oneWriter: settings.target.kind === 'sqlite',
    }),
    stability: null,
    recovery: null,
    plan: null,
    readiness: null,
    cost: null,
  };
}

/** A closed load that was asked for and not given is another load than the one that is judged. */
function withAllUsers(
  valid: Report['validity'],
  { load }: Settings,
  { maxUsers }: Run<unknown>,
): Report['validity'] {
  if (load?.kind !== 'closed' || maxUsers >= load.users) return valid;
  const statement = `only ${maxUsers} of ${load.users} users were possible with the file descriptors of this machine (raise them with: ulimit -n ${load.users + spareDescriptors})`;
  return { ok: false, reasons: [...valid.reasons, { code: 'generator.descriptors', statement }] };
}

function targetOf({ target }: Settings): Pick<Report['target'], 'kind' | 'name' | 'method' | 'protocol'> {
  const { kind, names, method } = target;
  const name = targetName(target);
  const protocol = target.streams === null ? ('HTTP/1.1' as const) : ('HTTP/2' as const);
  switch (kind) {
    case 'function':
      return { kind, name, method: null, protocol: null };
    case 'scenario':
      return { kind, name: `${names.join(' + ')} on ${name}`, method: null, protocol };
    case 'llm':
      return { kind, name, method: null, protocol };
    case 'websocket':
      return { kind, name, method: null, protocol: 'WebSocket' };
    case 'grpc':
      return { kind, name, method: null, protocol: 'gRPC' };
    case 'postgres':
    case 'mysql':
    case 'sqlite':
    case 'redis':
      return { kind, name, method: null, protocol: databaseProtocols[kind] };
    case 'http':
      return { kind, name, method, protocol };
  }
}

const databaseProtocols = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  sqlite: 'SQLite',
  redis: 'Redis',
} as const;

function withEfficiency(level: Level, assessment: Assessment | null): Level {
  const scaling = assessment?.scaling ?? null;
  return scaling === null ? level : { ...level, efficiency: efficiencyOf(level, scaling) };
}

function countsOf(levels: readonly Level[]): Report['requests'] {
  const counts = { due: 0, sent: 0, done: 0, failed: 0, dropped: 0, unfinished: 0, retried: 0 };
  for (const { requests } of levels) {
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += requests[key];
  }
  return counts;
}

function resultOf(name: string, assessment: Assessment | null): Record<string, unknown> {
  if (assessment === null) return {};
  const { baseline, scaling, capacity } = assessment;
  if (name === 'baseline') {
    return {
      responseMs: baseline.responseMs,
      throughputPerSecond: baseline.throughputPerSecond,
      health: baseline.health,
    };
  }
  if (name === 'scaling' && scaling !== null) {
    const { plateau, generatorLimited, usersLimited, maxThroughput, knee, cliff } = scaling;
    return { plateau, generatorLimited, usersLimited, maxThroughput, knee, cliff };
  }
  return name === 'capacity' && capacity !== null ? { ...capacity } : {};
}

function summaryOf(
  settings: Settings,
  statement: string | null,
  level: Level | null,
  run: Run<unknown>,
): string {
  const start =
    run.stopped === 'interrupt'
      ? 'Interrupted. '
      : run.stopped === 'time-limit'
        ? 'Ended by the time limit. '
        : run.stopped === 'data-ended'
          ? 'Ended with the last row of the data. '
          : run.stopped === 'target-died'
            ? `The target stopped answering${level === null ? '' : ` at ${loadWords(level.load)}`}. `
            : '';
  if (level === null) return start + (statement ?? 'Nothing but the baseline was measured.');
  const held = describeObjectives(settings.objectives);
  const load = loadWords(level.load);
  if (!level.valid)
    return `${start}Inconclusive at ${load}: ${level.invalidReasons[0]?.statement ?? 'the generator was not healthy'}.`;
  if (run.stopped === 'target-died') return start.trimEnd();
  if (level.objectives.some((each) => each.met === false)) return `${start}Did not hold ${held} at ${load}.`;
  if (level.objectives.every((each) => each.met === true)) return `${start}Held ${held} at ${load}.`;
  return `${start}Could not judge ${held} at ${load}${tooFew(level)}.`;
}

/** ": 60 requests are too few for errors < 0.1 %" */
function tooFew({ objectives }: Level): string {
  const unknown = objectives.find(({ met, of, value }) => met === null && of !== null && value !== null);
  return unknown === undefined
    ? ''
    : `: ${unknown.of} ${unknown.of === 1 ? 'request is' : 'requests are'} too few for ${ruleText(unknown)}`;
}

function loadWords(load: Level['load']): string {
  if (load.kind === 'open') {
    const mean = load.arrivals === 'replay' ? ', in the mean of the arrivals that were replayed' : '';
    return `${Number(load.ratePerSecond.toPrecision(6))} ${load.of ?? 'requests'} per second${mean}`;
  }
  return `${load.users} ${load.users === 1 ? 'user' : 'users'}`;
}

/**
 * From levels to findings: one statement each, with evidence and a remedy. Pure.
 *
 * Absent on purpose: naming a resource as the bottleneck. Throughput and times alone cannot name one; what they do tell
 * (effective parallelism, processor use, kinds of failure) is given as evidence, under `bottleneck.undetermined`.
 */
import { failureWords } from '../model/failures.ts';
import { describeObjectives } from '../model/objectives.ts';
import type { Estimate } from '../model/estimate.ts';
import { loadCurve } from './loadCurve.ts';
import type { Capacity, Finding, Level, Objective, Scaling } from '../model/report.ts';

export interface Evidence {
  readonly levels: readonly Level[];
  readonly objectives: readonly Objective[];
  readonly scaling: Scaling | null;
  readonly capacity: Omit<Capacity, 'statement'> | null;
  /** Mean service time of one user on the idle target. */
  readonly baselineMs: number | null;
  readonly hostCpus: number;
  readonly lastRedirect: string;
  readonly targetSeen: boolean;
}

const number = (value: number): string => String(Number(value.toPrecision(3)));

export function findings(evidence: Evidence): Finding[] {
  return [
    ...redirects(evidence),
    ...failures(evidence),
    ...stalls(evidence),
    ...disagreement(evidence),
    ...objectivesAtOneUser(evidence),
    ...unconfirmed(evidence),
    ...limits(evidence),
    ...superlinear(evidence),
    ...poorFit(evidence),
    ...unsteady(evidence),
  ];
}

function redirects({ lastRedirect }: Evidence): Finding[] {
  if (lastRedirect === '') return [];
  return [
    {
      code: 'target.redirects',
      gravity: 'warning',
      confidence: 1,
      statement: `The target answers with a redirect to ${lastRedirect}, which was not followed: what was measured is the redirect.`,
      evidence: [],
      remedy: 'Give the address that the redirect names.',
    },
  ];
}

function failures({ levels }: Evidence): Finding[] {
  const byKind = new Map<string, { count: number; least: Level }>();
  for (const level of levels) {
    for (const [kind, count] of Object.entries(level.errors.byKind)) {
      const known = byKind.get(kind);
      byKind.set(kind, { count: (known?.count ?? 0) + count, least: known?.least ?? level });
    }
  }
  const done = levels.reduce((sum, level) => sum + level.requests.done, 0);
  return [...byKind].map(([kind, { count, least }]) => ({
    code: `failure.${kind}`,
    gravity: count / Math.max(1, done) > 0.001 ? 'warning' : 'note',
    confidence: 1,
    statement: `${count} requests ended with ${kind} (${failureWords(kind)}), first at ${loadWords(least)}.`,
    evidence: [
      { series: `errors.${kind}`, value: count, unit: 'requests' },
      { series: 'requests.done', value: done, unit: 'requests' },
      {
        series: `share of ${kind} at its worst`,
        value: Math.max(...levels.map((level) => shareOf(level, kind))),
        unit: 'ratio',
        ...loadCurve(levels, least.load.kind, (level) => shareOf(level, kind)),
      },
    ],
    remedy: failureRemedy(kind),
  }));
}

/** The share of a level's requests that ended with this kind of failure. */
function shareOf({ errors, requests }: Level, kind: string): number {
  return (errors.byKind[kind] ?? 0) / Math.max(1, requests.done);
}

function failureRemedy(kind: string): string {
  if (kind === 'http.429')
    return 'This is a rate limit at work; raise it if the target can carry more, or take it as the limit.';
  if (kind.startsWith('http.5')) return 'Look into the log of the target for these answers.';
  if (kind.startsWith('http.')) return 'Check the path, the method, the headers and the body that were sent.';
  if (kind.startsWith('connect.'))
    return 'Look at the limits for connections of the target: backlog, descriptors, workers.';
  if (kind === 'timeout')
    return 'Requests waited longer than --timeout: the queue in front of the target has no bound below it.';
  return 'Look into the log of the target for broken connections at this load.';
}

/** A silence is a stall when it is long, and far longer than the answers of its level take. */
const shortestStallMs = 900;

function stalls({ levels }: Evidence): Finding[] {
  const stalled = levels.filter(
    (level) =>
      level.valid &&
      level.longestSilenceMs >=
        Math.max(shortestStallMs, 10 * (level.service.p50 ?? Number.POSITIVE_INFINITY)),
  );
  const worst = stalled.reduce<Level | null>(
    (most, level) => (level.longestSilenceMs > (most?.longestSilenceMs ?? 0) ? level : most),
    null,
  );
  if (worst === null) return [];
  const closed = worst.load.kind === 'closed';
  return [
    {
      code: 'target.stalled',
      gravity: 'warning',
      confidence: 0.9,
      statement: `The target gave no answer for ${number(worst.longestSilenceMs / 1000)} s at ${loadWords(worst)}${stalled.length > 1 ? `, and stalled in ${stalled.length - 1} other levels` : ''}.${closed ? ' Users of closed load wait while it stalls, so their quantiles show it too small.' : ''}`,
      evidence: [
        {
          series: 'longest silence',
          value: worst.longestSilenceMs,
          unit: 'ms',
          ...loadCurve(levels, worst.load.kind, (level) => level.longestSilenceMs),
        },
      ],
      remedy:
        'Look for pauses of the process at that time: garbage collection, checkpoints, locks, deployments. Open load (--rate) shows what they cost.',
    },
  ];
}

/** Two levels of the same load that tell different stories: the target, or its machine, changed in between. */
function disagreement({ levels }: Evidence): Finding[] {
  const pairs = levels.flatMap((one, i) =>
    levels
      .slice(i + 1)
      .filter((other) => one.valid && other.valid && sameUsers(one, other) && apart(one, other))
      .map((other) => ({ one, other })),
  );
  const first = pairs[0];
  if (first === undefined) return [];
  const [was, is] = [first.one.throughput?.value ?? 0, first.other.throughput?.value ?? 0];
  return [
    {
      code: 'levels.disagree',
      gravity: 'warning',
      confidence: null,
      statement: `Measured twice, ${loadWords(first.one)} gave ${number(was)} and ${number(is)} ${unitOf(first.one)}: the target or its machine changed during the run.`,
      evidence: [
        { series: 'throughput', value: was, unit: '1/s' },
        { series: 'throughput, again', value: is, unit: '1/s' },
      ],
      remedy: 'Keep other work off the machine, let the target warm up, and repeat.',
    },
  ];
}

function sameUsers(one: Level, other: Level): boolean {
  return (
    one.load.kind === 'closed' &&
    other.load.kind === 'closed' &&
    one.load.users === other.load.users &&
    one.load.users > 1
  );
}

function apart(one: Level, other: Level): boolean {
  if (one.throughput === null || other.throughput === null) return false;
  const [slow, fast] =
    one.throughput.value < other.throughput.value
      ? [one.throughput, other.throughput]
      : [other.throughput, one.throughput];
  return slow.value < 0.75 * fast.value && (slow.high ?? fast.value) < (fast.low ?? 0);
}

function objectivesAtOneUser({ capacity, objectives, levels }: Evidence): Finding[] {
  if (capacity?.sustainable?.value !== 0) return [];
  const one = levels.find((level) => level.load.kind === 'closed' && level.load.users === 1);
  const p95 = one?.response.p95 ?? null;
  return [
    {
      code: 'objective.unreachable',
      gravity: 'failure',
      confidence: 0.95,
      statement: `No load that was tried holds ${describeObjectives(objectives)}${p95 === null ? '' : `: one user alone has a p95 of ${number(p95)} ms`}.`,
      evidence: [{ series: 'response.p95 at 1 user', value: p95, unit: 'ms' }],
      remedy: 'Make a single request faster, or set the objective to what the service promises with --slo.',
    },
  ];
}

function unconfirmed({ capacity }: Evidence): Finding[] {
  if (capacity === null || (capacity.safeLoad === null && capacity.confirmed === null)) return [];
  const { confirmed, safeLoad } = capacity;
  if (confirmed?.held === true || safeLoad?.value === 0) return [];
  if (confirmed === null) {
    return [
      {
        code: 'capacity.not-held',
        gravity: 'warning',
        confidence: null,
        statement:
          'The load line was not held once more at the end: there was no time left, or the generator was not healthy then.',
        evidence: [{ series: 'safeLoad', value: safeLoad?.value ?? null, unit: '1/s' }],
        remedy: 'Repeat with --budget standard, and keep other work off the machine.',
      },
    ];
  }
  return [
    {
      code: 'capacity.unconfirmed',
      gravity: 'failure',
      confidence: 0.9,
      statement: `The load line of ${number(confirmed.ratePerSecond)} ${words(capacity.safeLoad ?? capacity.sustainable)} did not hold when it was tried once more after the search.`,
      evidence: [{ series: 'confirmed.ratePerSecond', value: confirmed.ratePerSecond, unit: '1/s' }],
      remedy:
        'The target changes while it is measured, or does not recover from overload. Repeat with --budget standard.',
    },
  ];
}

function limits({ capacity, levels, baselineMs, hostCpus, targetSeen }: Evidence): Finding[] {
  if (capacity === null || capacity.maxThroughput === null) return [];
  if (capacity.limitedBy === 'generator') {
    return [
      {
        code: 'generator.limit',
        gravity: 'warning',
        confidence: 1,
        statement: `The generator, not the target, was the limit: the target carries at least ${number(capacity.maxThroughput.value)} ${words(capacity.maxThroughput)}.`,
        evidence: [],
        remedy:
          'Run Plimsoll on a machine of its own or with more --workers, and give it a target that does more work.',
      },
    ];
  }
  if (capacity.limitedBy === 'rate-limit') {
    return [
      {
        code: 'bottleneck.rate-limit',
        gravity: 'note',
        confidence: 0.95,
        statement: `A rate limit lets ${number(capacity.maxThroughput.value)} ${words(capacity.maxThroughput)} through and refuses the rest with 429.`,
        evidence: [
          {
            series: 'throughput',
            value: capacity.maxThroughput.value,
            unit: '1/s',
            ...loadCurve(levels, 'closed', throughputOf),
          },
        ],
        remedy: 'Raise the limit to find what lies behind it, or plan with it.',
      },
    ];
  }
  const top = levels.reduce<Level | null>(
    (best, level) =>
      level.valid && (level.throughput?.value ?? 0) > (best?.throughput?.value ?? 0) ? level : best,
    null,
  );
  const parallel = worked(capacity.maxThroughput.value, baselineMs);
  const cpu = top?.target.cpuCores ?? null;
  const processor =
    cpu !== null
      ? `it used ${number(cpu)} of ${hostCpus} cores`
      : targetSeen
        ? 'its processor use could not be read'
        : 'its process could not be seen from here';
  return [
    {
      code: 'bottleneck.undetermined',
      gravity: 'note',
      confidence: null,
      statement: `What limits the target is undetermined: at its greatest throughput it worked on ${parallel === null ? 'an unknown number of' : number(parallel)} requests at a time, and ${processor}.`,
      evidence: [
        {
          series: 'effective parallelism',
          value: parallel,
          unit: 'requests',
          ...loadCurve(levels, 'closed', (level) => worked(throughputOf(level), baselineMs)),
        },
        {
          series: 'target.cpuCores',
          value: cpu,
          unit: 'cores',
          ...loadCurve(levels, 'closed', (level) => level.target.cpuCores),
        },
        {
          series: 'service.p50 at 1 user',
          value: baselineMs,
          unit: 'ms',
          ...loadCurve(levels, 'closed', (level) => level.service.p50),
        },
      ],
      remedy:
        'Compare these with the sizes of its pools and its cores: a pool of as many, or a processor in full use, is the first suspect.',
    },
  ];
}

/** Requests in work at a time: what comes through, times how long one takes alone (Little's law). */
function worked(perSecond: number | null, aloneMs: number | null): number | null {
  return perSecond === null || aloneMs === null ? null : (perSecond * aloneMs) / 1000;
}

function throughputOf(level: Level): number | null {
  return level.throughput?.value ?? null;
}

function superlinear({ scaling, levels }: Evidence): Finding[] {
  if (scaling?.shape !== 'superlinear') return [];
  return [
    {
      code: 'scaling.superlinear',
      gravity: 'warning',
      confidence: null,
      statement:
        'Throughput grows faster than the number of users: the first level was cold, or requests help each other.',
      evidence: [
        {
          series: 'efficiency',
          value: scaling.efficiency,
          unit: 'ratio',
          ...loadCurve(levels, 'closed', (level) => level.efficiency),
        },
      ],
      remedy: 'Warm the target up before, or repeat with --budget standard.',
    },
  ];
}

/** Counts of a quick level scatter by less than this; what lies further off is bent in another way than the law. */
const poorestFit = 0.1;

function poorFit({ scaling, levels }: Evidence): Finding[] {
  if (scaling === null || scaling.misfit <= poorestFit) return [];
  return [
    {
      code: 'scaling.poor-fit',
      gravity: 'note',
      confidence: null,
      statement: `No scaling law fits well: the levels lie ${number(100 * scaling.misfit)} % from the best of them.`,
      evidence: [
        { series: 'misfit', value: scaling.misfit, unit: 'ratio' },
        {
          series: 'efficiency',
          value: scaling.efficiency,
          unit: 'ratio',
          ...loadCurve(levels, 'closed', (level) => level.efficiency),
        },
      ],
      remedy:
        'Go by the levels and the knee, and read contention and coherency as a summary: a fixed number of workers or connections bends throughput more sharply than these laws can.',
    },
  ];
}

function unsteady({ levels }: Evidence): Finding[] {
  const some = levels.filter(
    (level) => !level.steady && level.stoppedEarly === null && level.load.kind === 'closed',
  );
  if (some.length === 0 || some.length < levels.length / 4) return [];
  return [
    {
      code: 'levels.unsteady',
      gravity: 'warning',
      confidence: null,
      statement: `${some.length} of ${levels.length} levels never became steady.`,
      evidence: [{ series: 'levels unsteady', value: some.length, unit: 'levels' }],
      remedy:
        'Measure longer (--budget standard, or --duration for run), and keep other work off both machines.',
    },
  ];
}

function loadWords({ load }: Level): string {
  return load.kind === 'closed'
    ? `${load.users} users`
    : `${number(load.ratePerSecond)} ${load.of ?? 'req'}/s`;
}

/** The unit of an estimate, as people write it. */
function words(estimate: Estimate | null): string {
  return estimate === null || estimate.unit === '1/s' ? 'req/s' : estimate.unit;
}

/** What a level's throughput is counted in. */
function unitOf({ load }: Level): string {
  return `${load.of ?? 'req'}/s`;
}

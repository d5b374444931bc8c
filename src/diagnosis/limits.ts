/**
 * Findings about what limits the target.
 *
 * Absent on purpose: naming a resource as the bottleneck. Throughput and times alone cannot name one; what they do tell
 * (effective parallelism, processor use, kinds of failure) is given as evidence, under `bottleneck.undetermined`.
 */
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { loadCurve } from './loadCurve.ts';
import { counted, loadWords, number, unitWords } from './wording.ts';

export function limits({
  capacity,
  levels,
  plateau,
  baselineMs,
  hostCpus,
  targetSeen,
  oneWriter,
}: Evidence): Finding[] {
  if (capacity === null || capacity.maxThroughput === null) return [];
  if (capacity.limitedBy === 'generator') {
    return [
      {
        code: 'generator.limit',
        gravity: 'warning',
        confidence: 1,
        statement: `The generator, not the target, was the limit: the target carries at least ${number(capacity.maxThroughput.value)} ${unitWords(capacity.maxThroughput)}.`,
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
        statement: `A rate limit lets ${number(capacity.maxThroughput.value)} ${unitWords(capacity.maxThroughput)} through and refuses the rest with 429.`,
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
  const lock = plateau && oneWriter ? waitedForLock(levels) : [];
  if (lock.length > 0) return lock;
  const top = levels.reduce<Level | null>(
    (best, level) =>
      level.valid && (level.throughput?.value ?? 0) > (best?.throughput?.value ?? 0) ? level : best,
    null,
  );
  const most = top === null || top.sessions === null ? capacity.maxThroughput.value : requestsOf(top);
  const parallel = worked(most, baselineMs);
  const cpu = top?.target.cpuCores ?? null;
  const processor =
    cpu !== null
      ? `it used ${number(cpu)} of ${counted(hostCpus, 'core')}`
      : targetSeen
        ? 'its processor use could not be read'
        : 'its process could not be seen from here';
  return [
    {
      code: 'bottleneck.undetermined',
      gravity: 'note',
      confidence: null,
      statement: `What limits the target is undetermined: ${plateau ? 'at its greatest throughput' : 'its throughput still grew with the users; at the most that was seen'} it worked on ${parallel === null ? 'an unknown number of' : number(parallel)} requests at a time, and ${processor}.`,
      evidence: [
        {
          series: 'effective parallelism',
          value: parallel,
          unit: 'requests',
          ...loadCurve(levels, 'closed', (level) => worked(requestsOf(level), baselineMs)),
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

/** Requests that succeeded, per second; of a scenario those in its sessions. */
function requestsOf(level: Level): number | null {
  const { sessions, requests, durationMs } = level;
  if (sessions === null) return throughputOf(level);
  return durationMs > 0 ? (1000 * (requests.done - requests.failed)) / durationMs : null;
}

function throughputOf(level: Level): number | null {
  return level.throughput?.value ?? null;
}

/** Of SQLite: more throughput was not to be had, and sessions spent most of their time waiting for a transaction to begin. */
function waitedForLock(levels: readonly Level[]): Finding[] {
  const waits = levels.flatMap((level) => {
    const begin = level.steps.find(({ name }) => /(^| \/ )db\.begin$/.test(name))?.response.p95 ?? null;
    const whole = level.sessions?.duration.p95 ?? null;
    return level.valid && begin !== null && whole !== null && begin > whole / 2
      ? [{ level, begin, whole }]
      : [];
  });
  const longest = waits.toSorted((one, other) => other.begin - one.begin)[0];
  if (longest === undefined) return [];
  const { level, begin, whole } = longest;
  return [
    {
      code: 'bottleneck.lock',
      gravity: 'note',
      confidence: 0.9,
      statement: `SQLite lets one transaction write at a time: at ${loadWords(level)} p95 of the wait for it to begin was ${number(begin)} ms, of sessions that took ${number(whole)} ms.`,
      evidence: [
        { series: 'db.begin p95', value: begin, unit: 'ms' },
        { series: 'session p95', value: whole, unit: 'ms' },
      ],
      remedy:
        'Keep transactions short, with nothing but statements in them, and write several rows in one; a database with a server lets several write at once.',
    },
  ];
}

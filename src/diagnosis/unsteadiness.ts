/** Findings from a target that did not stay the same while it was measured: stalls, disagreeing levels, levels that never settle. */
import type { Finding, Level } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { awayReason, targetAway } from '../model/validity.ts';
import { loadCurve } from './loadCurve.ts';
import { counted, loadWords, number, unitOf } from './wording.ts';

/** A silence is a stall when it is long, and far longer than the answers of its level take. */
const shortestStallMs = 900;

export function stalls({ levels }: Evidence): Finding[] {
  const stalled = levels.filter(
    (level) =>
      level.valid &&
      level.longestSilenceMs >= Math.max(shortestStallMs, 10 * (usualMs(level) ?? Number.POSITIVE_INFINITY)),
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

/** How long one takes as a rule: of sessions a silence is the time between two that end well. */
function usualMs({ sessions, service }: Level): number | null {
  return sessions === null ? service.p50 : sessions.duration.p50;
}

/** The target went away and came back: what follows may be another process, and what came before another state. */
export function absences({ levels }: Evidence): Finding[] {
  const gone = levels.filter((level) => awayReason(level) !== null);
  const [first] = gone;
  if (first === undefined) return [];
  const again = gone.length > 1 ? `, and in ${gone.length - 1} more` : '';
  const why = awayReason(first)?.statement ?? '';
  return [
    {
      code: targetAway,
      gravity: 'failure',
      confidence: 0.95,
      statement: `At ${loadWords(first)} ${why}${again}. These levels do not count.`,
      evidence: [{ series: 'levels with the target away', value: gone.length, unit: 'levels' }],
      remedy:
        'Look why its process ended: its log, the kernel log (out of memory), the supervisor, a deployment. Then repeat.',
    },
  ];
}

/** Two levels of the same load that tell different stories: the target, or its machine, changed in between. */
export function disagreement({ levels }: Evidence): Finding[] {
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
    JSON.stringify(one.variant) === JSON.stringify(other.variant) &&
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

export function unsteady({ levels }: Evidence): Finding[] {
  const some = levels.filter(
    (level) =>
      !level.steady &&
      level.stoppedEarly === null &&
      level.load.kind === 'closed' &&
      level.throughput !== null &&
      level.throughput.value > 0,
  );
  if (some.length === 0 || some.length < levels.length / 4) return [];
  return [
    {
      code: 'levels.unsteady',
      gravity: 'warning',
      confidence: null,
      statement: `${some.length} of ${counted(levels.length, 'level')} never became steady.`,
      evidence: [{ series: 'levels unsteady', value: some.length, unit: 'levels' }],
      remedy:
        'Measure longer (--budget standard, or --duration for run), and keep other work off both machines.',
    },
  ];
}

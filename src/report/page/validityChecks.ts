/** The checks of the generator, each with the worst value seen and what is allowed. */
import { busiestAllowed, lagLimitMs, lostShareAllowed } from '../../model/validity.ts';
import type { Level, Report } from '../../model/report.ts';
import { formatMs, formatNumber, formatPercent } from '../format.ts';
import { loadText } from '../words.ts';
import { allLevels } from './words.ts';

export interface Check {
  readonly name: string;
  readonly value: string;
  readonly allowed: string;
  readonly ok: boolean | null;
}

interface Worst {
  readonly value: number;
  readonly level: Level;
}

function worst(levels: readonly Level[], of: (level: Level) => number | null): Worst | null {
  return levels.reduce<Worst | null>((found, level) => {
    const value = of(level);
    return value !== null && (found === null || value > found.value) ? { value, level } : found;
  }, null);
}

const told = (found: Worst | null, text: (value: number) => string): string =>
  found === null ? 'not measured' : `${text(found.value)} at ${loadText(found.level.load)}`;

export function validityChecks(report: Report): Check[] {
  const levels = allLevels(report).map(({ level }) => level);
  // A function shares the thread: a call that waits for it waits for the target.
  const inThread = report.target.kind === 'function';
  const lagLimit = inThread ? Number.POSITIVE_INFINITY : lagLimitMs(report.objectives);
  const cpuLimit = inThread ? lostShareAllowed : busiestAllowed;
  const lag = worst(levels, ({ generator }) => generator.lagP99Ms);
  const cpu = worst(levels, ({ generator }) => generator.cpu);
  // A trial that was ended for its backlog left requests unsent on purpose.
  const unsent = worst(levels, ({ requests, stoppedEarly }) =>
    stoppedEarly === 'backlog' || requests.due === 0 ? null : 1 - requests.sent / requests.due,
  );
  const invalid = levels.filter(({ valid }) => !valid).length;
  const unsteady = levels.filter(({ steady }) => !steady).length;
  return [
    {
      name: 'Generator lag p99',
      value: told(lag, (ms) => formatMs(ms)),
      allowed: inThread ? 'not judged: it is in the response' : `up to ${formatMs(lagLimit)}`,
      ok: lag === null ? null : lag.value <= lagLimit,
    },
    {
      name: inThread ? 'Share of its thread that the function lost' : 'Busiest generator thread',
      value: told(cpu, (share) => formatPercent(share)),
      allowed: `up to ${formatPercent(cpuLimit)}`,
      ok: cpu === null ? null : cpu.value <= cpuLimit,
    },
    {
      name: 'Requests due but not sent',
      value: told(unsent, (share) => formatPercent(share)),
      allowed: `up to ${formatPercent(0.02)}`,
      ok: unsent === null ? null : unsent.value <= 0.02,
    },
    {
      name: 'Valid levels',
      value: `${formatNumber(levels.length - invalid)} of ${formatNumber(levels.length)}`,
      allowed: 'invalid ones are in no fit',
      ok: invalid === 0,
    },
    {
      name: 'Steady levels',
      value: `${formatNumber(levels.length - unsteady)} of ${formatNumber(levels.length)}`,
      allowed: 'others are marked',
      ok: unsteady === 0,
    },
  ];
}

/** The verdict on a run: pass, fail or inconclusive, whether it may be believed, and the one sentence. Pure. */
import { demandOf, describeObjectives, qualityOf } from '../model/objectives.ts';
import { awayReason, targetAway } from '../model/validity.ts';
import type { Capacity, Level, Objective, Profile, Reason, Report } from '../model/report.ts';

const rate = (value: number): string => `${Number(value.toPrecision(3))}`;

/** 210 ± 4, or 204 to 219 where the interval leans. */
export function between(estimate: { value: number; low: number | null; high: number | null }): string {
  const { value, low, high } = estimate;
  if (low === null && high === null) return `${rate(value)} (interval unknown)`;
  if (low === null) return `at most ${rate(high ?? value)}`;
  if (high === null) return `at least ${rate(low)}`;
  const [down, up] = [value - low, high - value];
  const symmetric = Math.abs(up - down) <= 0.1 * (up + down);
  return symmetric
    ? `${rate(value)} ± ${Number(((up + down) / 2).toPrecision(2))}`
    : `${rate(low)} to ${rate(high)}`;
}

export function capacityStatement(
  capacity: Omit<Capacity, 'statement'>,
  objectives: readonly Objective[],
): string {
  const { sustainable, safeLoad, maxThroughput } = capacity;
  const held = describeObjectives(qualityOf(objectives));
  const unit = sustainable?.unit ?? maxThroughput?.unit;
  const noun = unit === 'sessions/s' ? 'sessions' : 'requests';
  if (capacity.atLeast && capacity.limitedBy === 'generator') {
    const least = Math.max(sustainable?.low ?? 0, maxThroughput?.value ?? 0);
    return `At least ${rate(least)} ${noun} per second: the generator was the limit, not the target.`;
  }
  if (sustainable === null) {
    const { lowestBad } = capacity.bracket;
    return lowestBad === null
      ? 'The capacity was not found.'
      : `The capacity was not found: no load that was tried, down to ${rate(lowestBad)} ${noun} per second, held ${held}.`;
  }
  if (sustainable.value === 0) return `No safe load: nothing that was tried holds ${held}.`;
  if (capacity.atLeast) {
    return `At least ${rate(sustainable.low ?? sustainable.value)} ${noun} per second hold ${held}: no higher load was tried.`;
  }
  if (safeLoad === null)
    return `No safe load can be promised: ${rate(capacity.confirmed?.ratePerSecond ?? sustainable.value)} ${noun} per second did not hold, though the search found ${between(sustainable)}.`;
  return `Safe to ${rate(safeLoad.value)} ${noun} per second.`;
}

/** How good the whole run is: which of its levels count, and why others do not. */
export function validity(
  levels: readonly Level[],
  capacity: Omit<Capacity, 'statement'> | null,
  stopped: Report['run']['stopped'],
): Report['validity'] {
  const reasons: Reason[] = [];
  if (stopped === 'interrupt')
    reasons.push({ code: 'stopped.interrupt', statement: 'the run was interrupted before it was finished' });
  if (stopped === 'time-limit')
    reasons.push({
      code: 'stopped.time-limit',
      statement: 'the time limit ended the run before it was finished',
    });
  if (stopped === 'data-ended')
    reasons.push({
      code: 'stopped.data-ended',
      statement: 'the rows of the data were all given before the run was finished',
    });
  if (stopped === 'target-died')
    reasons.push({ code: 'stopped.target-died', statement: 'the target stopped answering during the run' });
  if (capacity?.limitedBy === 'generator')
    reasons.push({
      code: 'generator.limit',
      statement: 'the generator reached its own limit before the target did',
    });
  if (stopped !== 'target-died' && levels.some((level) => awayReason(level) !== null))
    reasons.push({
      code: targetAway,
      statement: 'the target was away for a while during the run, and refused every connection',
    });
  const counted = levels.filter((level) => level.valid).length;
  if (levels.length > 0 && counted === 0) {
    reasons.push(...(levels[0]?.invalidReasons ?? []));
  }
  return { ok: reasons.length === 0, reasons };
}

/** @param gates objectives judged at the level that the verdict is about; null where there is none */
export function verdictOf(input: {
  readonly validity: Report['validity'];
  readonly capacity: Omit<Capacity, 'statement'> | null;
  readonly objectives: readonly Objective[];
  /** The level of `run`; null for an assessment. */
  readonly level: Level | null;
  /** Of `run --profile`: then its checks decide. */
  readonly profile?: Profile | null;
}): Report['verdict'] {
  const { validity: valid, capacity, level, objectives } = input;
  if (input.profile !== null && input.profile !== undefined) {
    const met = input.profile.checks.map((each) => each.met);
    if (!valid.ok || met.length === 0) return 'inconclusive';
    return met.includes(false) ? 'fail' : met.includes(null) ? 'inconclusive' : 'pass';
  }
  if (level !== null) {
    const met = level.objectives.map((each) => each.met);
    if (met.includes(false)) return valid.ok && level.valid ? 'fail' : 'inconclusive';
    return valid.ok && level.valid && !met.includes(null) ? 'pass' : 'inconclusive';
  }
  if (!valid.ok || capacity === null || capacity.sustainable === null) return 'inconclusive';
  if (capacity.sustainable.value === 0) return 'fail';
  if (capacity.atLeast && capacity.limitedBy === 'generator') return 'inconclusive';
  if (capacity.confirmed?.held === false) return 'fail';
  const wanted = demandOf(objectives);
  if (wanted !== null && (capacity.sustainable.low ?? 0) < wanted)
    return (capacity.sustainable.high ?? Infinity) < wanted ? 'fail' : 'inconclusive';
  return 'pass';
}

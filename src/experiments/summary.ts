/** What an assessment found, in the nouns of the report. Pure. */
import { throughputAt } from '../maths/usl/law.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Capacity, Level, Scaling } from '../model/report.ts';
import type { Assessment } from './assessment.ts';
import { goodput } from './experiment.ts';
import type { ScalingResult } from './scaling.ts';

/** The fitted law; null where nothing was fitted. */
export function scalingOf({ scaling }: Assessment): Scaling | null {
  const law = scaling?.law ?? null;
  // Through two points goes every law.
  if (scaling === null || law === null || scaling.points.length < 3) return null;
  const pair = (range: readonly [number, number] | null): [number, number] | null =>
    range === null ? null : [range[0], range[1]];
  const at = kneeLevel(scaling);
  const falls = seenToFall(scaling);
  return {
    law: law.law,
    gamma: law.gamma,
    alpha: law.alpha,
    beta: law.beta,
    intervals: {
      gamma: pair(law.intervals.gamma),
      alpha: pair(law.intervals.alpha),
      beta: pair(law.intervals.beta),
    },
    peakUsers: falls ? (law.peak?.users.value ?? null) : null,
    efficiency: at === null ? null : efficiencyOf(at, scaling),
    efficiencyUsers: at === null || at.load.kind !== 'closed' ? null : at.load.users,
    misfit: law.misfit,
    shape: shapeOf(law.shape, scaling),
    band: law.band.map(({ users, value, low, high }) => ({
      users,
      value: value ?? throughputAt(law, users),
      low,
      high,
    })),
  };
}

/** The law's shape, as far as it is a claim about the target: seen in the levels, beyond chance. */
function shapeOf(shape: Scaling['shape'], scaling: ScalingResult): Scaling['shape'] {
  if (shape === 'retrograde') return seenToFall(scaling) ? shape : 'sublinear';
  if (shape === 'superlinear') return seenToGain(scaling) ? shape : scaling.plateau ? 'sublinear' : 'linear';
  return shape;
}

/** Did some number of users carry more than so many times what one did? */
function seenToGain({ points }: ScalingResult): boolean {
  const one = points.find((each) => each.load.kind === 'closed' && each.load.users === 1)?.throughput ?? null;
  if (one === null || one.high === null) return false;
  const most = one.high;
  return points.some(
    ({ load, throughput }) =>
      load.kind === 'closed' && load.users > 1 && (throughput?.low ?? 0) > 1.02 * load.users * most,
  );
}

/** Did throughput fall behind its best by more than chance, at more users? */
function seenToFall({ points, maxThroughput }: ScalingResult): boolean {
  const best = points.reduce((most, level) => Math.max(most, goodput(level)), 0);
  const peak = points.findIndex((level) => goodput(level) === best);
  return points
    .slice(peak + 1)
    .some(
      (level) => goodput(level) < 0.95 * best && (level.throughput?.high ?? best) < (maxThroughput?.low ?? 0),
    );
}

/** Throughput of a level over that of as many users as the first would give. */
export function efficiencyOf(level: Level, scaling: ScalingResult): number | null {
  const one = scaling.points.find((each) => each.load.kind === 'closed' && each.load.users === 1);
  if (one === undefined || level.load.kind !== 'closed' || goodput(one) === 0) return null;
  return goodput(level) / (level.load.users * goodput(one));
}

/** The measured level nearest below the knee, or the largest where no knee was seen. */
function kneeLevel(scaling: ScalingResult): Level | null {
  const users = scaling.knee?.users ?? Number.POSITIVE_INFINITY;
  const below = scaling.points.filter(
    (level) => level.load.kind === 'closed' && level.load.users <= users * 1.05,
  );
  return below.at(-1) ?? scaling.points[0] ?? null;
}

/**
 * Everything about capacity; null where no load beyond the baseline was tried.
 * @param ofWebSocket a status of HTTP that refuses is the answer to a handshake: no connection
 */
export function capacityOf(
  assessment: Assessment,
  margin: number,
  ofWebSocket = false,
): Omit<Capacity, 'statement'> | null {
  const { scaling, capacity } = assessment;
  if (scaling === null) return null;
  const { knee, cliff } = scaling;
  const refused = (failure: string | null): boolean =>
    failure?.startsWith('connect.') === true || (ofWebSocket && failure?.startsWith('http.') === true);
  const limit = capacity?.limitedBy ?? (scaling.generatorLimited ? 'generator' : null);
  const limitedBy = limit === 'errors' && refused(capacity?.failure ?? null) ? 'connections' : limit;
  return {
    limitedBy,
    atLeast: capacity?.atLeast ?? scaling.generatorLimited,
    maxThroughput: scaling.maxThroughput,
    sustainable: capacity?.sustainable ?? null,
    safeLoad: capacity?.safeLoad ?? null,
    margin,
    bracket: { highestGood: capacity?.highestGood ?? null, lowestBad: capacity?.lowestBad ?? null },
    // Where the generator was the limit, its own knee cannot be told from the target's.
    knee: knee === null || limitedBy === 'generator' ? null : { ...knee },
    cliff: cliff === null ? null : { users: cliff.users, statement: cliffStatement(cliff) },
    connections: cliff !== null && refused(cliff.failure) ? connectionsOf(cliff, scaling.points) : null,
    confirmed: capacity?.confirmed ?? null,
  };
}

/**
 * Between the most users that were all taken, and the fewest of whom some were refused; of WebSockets, which are counted, as
 * many as stood while others were refused.
 */
function connectionsOf(
  { kind, below, users }: NonNullable<ScalingResult['cliff']>,
  points: readonly Level[],
): Estimate | null {
  if (kind !== 'errors' || below === 0) return null;
  const beyond = points.filter(({ load }) => load.kind === 'closed' && load.users >= users);
  const stood = Math.max(...beyond.map(({ connections }) => connections.channels ?? 0));
  const value = Math.round(stood);
  if (value >= below && value < users && Math.abs(stood - value) < sameCount) {
    return { value, low: value, high: value, unit: 'connections', method: 'stood while others were refused' };
  }
  return { value: below, low: below, high: users - 1, unit: 'connections', method: 'loads on both sides' };
}

/** A mean that is as near to a whole number was that number nearly all the time. */
const sameCount = 0.05;

function cliffStatement(cliff: NonNullable<ScalingResult['cliff']>): string {
  if (cliff.below === 0) return `at 1 user requests fail already, mostly with ${cliff.failure ?? 'errors'}`;
  const where =
    cliff.below > 0 && cliff.users - cliff.below > 1
      ? `between ${cliff.below} and ${cliff.users} users`
      : `at ${cliff.users} users`;
  return cliff.kind === 'errors'
    ? `${where} requests begin to fail, mostly with ${cliff.failure ?? 'errors'}`
    : `${where} throughput falls to ${Math.round(cliff.ratio * 100)} % of the most it was`;
}

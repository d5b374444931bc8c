/**
 * What a connection costs the target in memory: the slope of its resident memory over the WebSockets that stand, with its interval.
 *
 *   memory = base + connections * cost + traffic * cost of traffic
 *
 * 1. A plateau is a level with more connections than any before it: a process seldom gives memory back, so that what a smaller load
 *    uses after a greater one says nothing. The first level is none: under its first load a process settles.
 * 2. Traffic (messages and requests per second) is in the fit wherever it differs, so that what it costs is not laid to the connections.
 *    Handshakes are no traffic: they come with the connections.
 * 3. No number for fewer than five plateaus, for an interval that holds 0, or one that is wider than the value to either side by half.
 *
 * Deliberately absent: connections of HTTP, which come and go with the requests.
 */
import { tQuantile } from '../maths/distributions.ts';
import { leastSquares } from '../maths/leastSquares.ts';
import type { ConnectionMemory, Level } from '../model/report.ts';

const fewestPlateaus = 5;
/** A plateau has more connections than the one before by this factor: means of one and the same number differ a little. */
const leastStep = 1.02;
/** Half the interval, over the value. */
const widest = 0.5;
/** Levels whose traffic differs by less than this share of it have the same. */
const sameTraffic = 0.05;
const mebibyte = 2 ** 20;

interface Plateau {
  readonly connections: number;
  readonly perSecond: number;
  readonly bytes: number;
}

/** Null where no WebSocket stood. */
export function connectionMemoryOf(levels: readonly Level[], targetSeen: boolean): ConnectionMemory | null {
  if (levels.every(({ connections }) => (connections.channels ?? 0) === 0)) return null;
  const plateaus = plateausOf(levels).slice(1);
  const none = (reason: string): ConnectionMemory => ({ bytes: null, plateaus: plateaus.length, reason });
  if (!targetSeen) return none("the target's process could not be seen from here");
  if (plateaus.length < fewestPlateaus) {
    return none(
      `${plateaus.length} of at least ${fewestPlateaus} levels after the first had more connections than any before them and were seen`,
    );
  }
  const slope = slopeOf(plateaus);
  if (slope === null) return none('connections and traffic grew together: their costs cannot be told apart');
  const { value, reach } = slope;
  if (value - reach <= 0) return none(`its interval holds 0: ${tooFew}`);
  if (reach > widest * value) return none(`its interval is too wide: ${tooFew}`);
  const bytes = { value, low: value - reach, high: value + reach, unit: 'bytes', method: 'least squares' };
  return { bytes, plateaus: plateaus.length, reason: null };
}

const tooFew = 'the connections are too few for what else the memory does';

function plateausOf(levels: readonly Level[]): Plateau[] {
  const plateaus: Plateau[] = [];
  let most = 0;
  for (const { connections, target, requests, messages, durationMs, stoppedEarly } of levels) {
    const { channels, opened } = connections;
    if (channels === null || channels < leastStep * most) continue;
    most = channels;
    if (target.rssBytes === null || stoppedEarly === 'target-died') continue;
    const told = messages === null ? requests.done : messages.sent + messages.received;
    const handshakes = messages === null ? 0 : Math.min(opened, requests.done);
    const asked = messages === null ? 0 : requests.done - handshakes;
    const perSecond = (1000 * Math.max(told, asked)) / durationMs;
    plateaus.push({ connections: channels, perSecond, bytes: target.rssBytes });
  }
  return plateaus;
}

/** Null where the fit has no error to tell. @returns bytes of a connection, and how far its interval reaches */
function slopeOf(plateaus: readonly Plateau[]): { value: number; reach: number } | null {
  const traffic = plateaus.map(({ perSecond }) => perSecond);
  const [least, most] = [Math.min(...traffic), Math.max(...traffic)];
  const differs = most - least > sameTraffic * most;
  const mostConnections = Math.max(...plateaus.map(({ connections }) => connections));
  // Each regressor from 0 to 1, so that their parameters are of one size.
  const share = (at: number): number => (plateaus[at]?.connections ?? 0) / mostConnections;
  const busy = (at: number): number => (differs ? (plateaus[at]?.perSecond ?? 0) / most : 0);
  const base = (plateaus[0]?.bytes ?? 0) / mebibyte;
  const fit = leastSquares({
    x: plateaus.map((_, at) => at),
    y: plateaus.map(({ bytes }) => bytes / mebibyte),
    model: ([constant = 0, cost = 0, costOfTraffic = 0]) => {
      return (at) => constant + cost * share(at) + costOfTraffic * busy(at);
    },
    start: differs ? [base, 1, 1] : [base, 1],
  });
  const [, value = 0] = fit.parameters;
  const error = fit.standardErrors[1] ?? null;
  if (error === null || fit.degreesOfFreedom < 1) return null;
  const perConnection = mebibyte / mostConnections;
  return {
    value: value * perConnection,
    reach: tQuantile(0.975, fit.degreesOfFreedom) * error * perConnection,
  };
}

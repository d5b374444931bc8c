/** What the command line says of arrivals that are replayed. */
import { PlimsollError } from '../errors.ts';
import { replayOf, type Replay } from '../model/replay.ts';
import { random } from '../random.ts';
import { readArrivals } from './arrivalsFile.ts';
import type { OptionReader } from './options.ts';

/** Arrivals that were recorded, and the lines of their file. */
export interface ReplayGiven {
  readonly replay: Replay;
  readonly lines: number;
  /** Lines that say no instant. */
  readonly without: number;
}

/** Arrivals that were recorded; null where none are given. */
export function replayGiven(read: OptionReader): ReplayGiven | null {
  const file = read.text('replay');
  const [speed, rate] = [
    read.number('replaySpeed', 0.001, 1e6, false),
    read.number('replayRate', 0.001, 1e4, false),
  ];
  if (file === null) {
    if (speed === null && rate === null) return null;
    throw new PlimsollError(
      'PLM_OPTION',
      speed === null ? '--replay-rate' : '--replay-speed',
      'it goes with --replay',
    );
  }
  const other = (['users', 'rate', 'arrivals', 'profile'] as const).map((name) => read.text(name)?.from);
  const clash = other.find((from) => from?.startsWith('--') === true);
  if (clash !== undefined)
    throw new PlimsollError(
      'PLM_OPTION',
      `--replay together with ${clash}`,
      'the file says how many come, and when',
    );
  const mostMs = read.durationMs('duration');
  const scaled = { speed: speed ?? 1, rate: rate ?? 1, ...(mostMs === null ? {} : { mostMs }) };
  const { instantsMs, without } = readArrivals(file.text);
  const draw = random(read.number('seed', 0, 2 ** 31) ?? 1, 77);
  return { replay: replayOf(instantsMs, scaled, draw), lines: instantsMs.length + without, without };
}

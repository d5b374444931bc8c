/** What only the page says of limits, outcomes and times; the words it shares with the terminal are in ../words.ts. */
import type { Capacity, Level, Report } from '../../model/report.ts';

const limits: Record<NonNullable<Capacity['limitedBy']>, string> = {
  target: 'the target, not by an objective or the generator',
  objective: 'the objective',
  errors: 'errors of the target',
  'rate-limit': 'a rate limit',
  connections: 'connections',
  generator: 'the generator, not the target',
};

export const limitText = (limit: Capacity['limitedBy']): string =>
  limit === null ? 'nothing that was found' : limits[limit];

export type Outcome = 'held' | 'failed' | 'invalid';

/** Whether a level held its objectives. One without objectives that could be judged counts as held. */
export function outcome(level: Level): Outcome {
  if (!level.valid) return 'invalid';
  if (level.stoppedEarly === 'backlog' || level.growing) return 'failed';
  return level.objectives.some(({ met }) => met === false) ? 'failed' : 'held';
}

export interface NumberedLevel {
  readonly level: Level;
  readonly experiment: string;
  /** As the seconds of the timeline refer to it. */
  readonly index: number;
}

/** Every level, in the order in which it was measured. */
export function allLevels(report: Report): NumberedLevel[] {
  return report.experiments
    .flatMap(({ name, levels }) => levels.map((level) => ({ level, experiment: name })))
    .map((entry, index) => ({ ...entry, index }));
}

/** Minutes and seconds of the run: 1:05, 45:00. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

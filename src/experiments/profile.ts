/**
 * Profiles: loads that follow each other in a known shape, as traffic does: a climb, a burst, a spike, a long hold.
 *
 * 1. A shape is parametric: shares of the greatest load, which is in users, or in arrivals per second.
 * 2. Each stage is a level of its own. Between two stages what is under way comes back first.
 * 3. `stress` climbs until a stage breaks its objectives, and then goes back to where it began.
 *
 * What a profile proves is judged elsewhere (diagnosis/profileChecks.ts).
 */
import type { Load } from '../model/load.ts';
import type { Level, Profile } from '../model/report.ts';
import { stopped, type Experiment } from './experiment.ts';

export type ProfileName = Profile['name'];

export interface Shape {
  /** Of the greatest load, stage by stage. */
  readonly shares: readonly number[];
  /** The greatest load where none is given. */
  readonly users: number;
  readonly stageMs: number;
  /** Stages that are to be higher than the one before. */
  readonly climbs?: true;
  /** Ends the climb at the first stage that breaks an objective, and goes back to the first load. */
  readonly untilBroken?: true;
  /** In words, for people who choose one. */
  readonly about: string;
}

const even = (count: number, share: (at: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => share((index + 1) / count));

export const shapes = {
  linear: {
    shares: [0.1, 0.2, 0.4, 0.8, 1],
    users: 10,
    stageMs: 10_000,
    climbs: true,
    about: '1, 2, 4, 8, 10 users: does it scale',
  },
  progressive: {
    shares: even(5, (at) => at),
    users: 20,
    stageMs: 15_000,
    climbs: true,
    about: 'five holds up to the greatest load',
  },
  steps: { shares: even(4, (at) => at), users: 40, stageMs: 15_000, climbs: true, about: 'four steps up' },
  ramp: {
    shares: even(10, (at) => at),
    users: 50,
    stageMs: 5_000,
    climbs: true,
    about: 'ten short steps up',
  },
  burst: {
    shares: [0.1, 0.4, 0.75, 1, 0.1],
    users: 20,
    stageMs: 10_000,
    about: '2, 8, 15, 20 users and back',
  },
  spike: { shares: [0.1, 1, 0.1], users: 50, stageMs: 15_000, about: 'ten times the base at once, and back' },
  sine: {
    shares: even(12, (at) => 0.55 - 0.45 * Math.cos(2 * Math.PI * at)),
    users: 20,
    stageMs: 10_000,
    about: 'one wave, as a day has',
  },
  sustained: {
    shares: [1, 1, 1],
    users: 10,
    stageMs: 60_000,
    about: 'one load for three minutes: does it drift',
  },
  soak: {
    shares: even(10, () => 1),
    users: 10,
    stageMs: 360_000,
    about: 'one load for an hour: does it drift',
  },
  stress: {
    shares: even(9, (at) => 2 ** (9 * at - 9)),
    users: 256,
    stageMs: 8_000,
    untilBroken: true,
    climbs: true,
    about: 'doubled until it breaks, and back: does it recover',
  },
  multiples: {
    shares: [0.001, 0.01, 0.1, 1],
    users: 1000,
    stageMs: 15_000,
    climbs: true,
    about: '1, 10, 100 and 1000 times the base',
  },
} as const satisfies Record<ProfileName, Shape>;

export interface ProfilePlan {
  readonly name: ProfileName;
  /** The greatest load; that of the shape when null. */
  readonly greatest: Load | null;
  /** Of each stage; that of the shape when null. */
  readonly stageMs: number | null;
  readonly maxUsers: number;
  readonly maxRatePerSecond: number;
}

export interface Stage {
  readonly load: Load;
  readonly durationMs: number;
}

/** The stages that a profile goes through, as long as nothing ends it. */
export function stagesOf({ name, greatest, stageMs, maxUsers }: ProfilePlan): Stage[] {
  const shape: Shape = shapes[name];
  const durationMs = Math.max(1000, Math.ceil((stageMs ?? shape.stageMs) / 1000) * 1000);
  const loads = shape.shares.map((share): Load => {
    if (greatest?.kind === 'open') return { ...greatest, ratePerSecond: greatest.ratePerSecond * share };
    const users = Math.max(1, Math.round((greatest?.users ?? shape.users) * share));
    return { kind: 'closed', users: Math.min(users, maxUsers) };
  });
  // A small greatest load has fewer steps: one that does not differ from the one before shows nothing.
  const climbing =
    shape.climbs === true ? loads.filter((load, at) => at === 0 || !alike(load, loads[at - 1]!)) : loads;
  const [first] = loads;
  if (shape.untilBroken === true && first !== undefined) climbing.push(first);
  return climbing.map((load) => ({ load, durationMs }));
}

function alike(one: Load, other: Load): boolean {
  if (one.kind === 'closed') return other.kind === 'closed' && one.users === other.users;
  return other.kind === 'open' && one.ratePerSecond === other.ratePerSecond;
}

export function* profile(plan: ProfilePlan): Experiment<readonly Level[]> {
  const stages = stagesOf(plan);
  const levels: Level[] = [];
  for (let at = 0; at < stages.length; at++) {
    const { load, durationMs } = stages[at]!;
    const level = yield {
      experiment: 'run',
      purpose: `${plan.name}, stage ${at + 1} of ${stages.length}`,
      load,
      durationMs,
      minDone: 0,
      maxDurationMs: durationMs,
      maxInFlight: plan.maxUsers,
      maxRatePerSecond: plan.maxRatePerSecond,
      alone: true,
    };
    levels.push(level);
    if (stopped(level)) break;
    const shape: Shape = shapes[plan.name];
    const broke =
      level.stoppedEarly === 'backlog' || level.growing || level.objectives.some(({ met }) => met === false);
    if (shape.untilBroken === true && broke && at < stages.length - 2) at = stages.length - 2;
  }
  return levels;
}

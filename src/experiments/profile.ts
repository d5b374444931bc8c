/**
 * Profiles: loads that follow each other in a known shape, as traffic does: a climb, a burst, a spike, a long hold.
 *
 * 1. A shape is parametric: shares of the greatest load, which is in users, or in arrivals per second.
 * 2. Each stage is a level of its own. Between two stages what is under way comes back first.
 * 3. `stress` climbs until a stage breaks its objectives, and then goes back to where it began.
 * 4. `volume` changes what is sent and not how many send it; `resource-intensive` changes which scenarios are played.
 * 5. Several profiles follow each other, each judged by its own levels.
 *
 * What a profile proves is judged elsewhere (diagnosis/profileChecks.ts).
 */
import type { Load, Variant } from '../model/load.ts';
import type { Level, ProfileName } from '../model/report.ts';
import { stopped, type Experiment } from './experiment.ts';

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
  /** What each stage sends, where that is not the same. */
  readonly variants?: readonly Variant[];
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
    // From trough to trough: the last stage is the first again.
    shares: [0.1, ...even(12, (at) => 0.55 - 0.45 * Math.cos(2 * Math.PI * at))],
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
  volume: {
    shares: even(5, () => 1),
    users: 4,
    stageMs: 10_000,
    variants: [1, 10, 100, 1024, 10_240].map((kib) => ({ kind: 'bytes', bytes: kib * 1024 })),
    about: 'bodies of 1 KiB to 10 MiB from the same users: does time grow with the size',
  },
  'resource-intensive': {
    shares: even(3, () => 1),
    users: 10,
    stageMs: 20_000,
    variants: [
      { kind: 'mix', mix: 'usual' },
      { kind: 'mix', mix: 'heavy' },
      { kind: 'mix', mix: 'usual' },
    ],
    about: 'the usual mix, four sessions of five heavy, and back',
  },
} as const satisfies Record<ProfileName, Shape>;

export interface ProfilePlan {
  /** One, or several that follow each other. */
  readonly names: readonly ProfileName[];
  /** The greatest load; that of the shape when null. */
  readonly greatest: Load | null;
  /** Of each stage; that of the shape when null. */
  readonly stageMs: number | null;
  readonly maxUsers: number;
  readonly maxRatePerSecond: number;
  /** Of `volume`, in bytes; those of the shape when null. */
  readonly sizes: readonly number[] | null;
}

export interface Stage {
  readonly of: ProfileName;
  readonly load: Load;
  readonly durationMs: number;
  /** What is sent; the usual when null. */
  readonly variant: Variant | null;
}

/** The stages that profiles go through, as long as nothing ends them. */
export const stagesOf = (plan: ProfilePlan): Stage[] => plan.names.flatMap((name) => stagesIn(name, plan));

function stagesIn(name: ProfileName, { greatest, stageMs, maxUsers, sizes }: ProfilePlan): Stage[] {
  const shape: Shape = shapes[name];
  const durationMs = Math.max(1000, Math.ceil((stageMs ?? shape.stageMs) / 1000) * 1000);
  const loadAt = (share: number): Load => {
    if (greatest?.kind === 'open') return { ...greatest, ratePerSecond: greatest.ratePerSecond * share };
    const users = Math.max(1, Math.round((greatest?.users ?? shape.users) * share));
    return { kind: 'closed', users: Math.min(users, maxUsers) };
  };
  if (shape.variants !== undefined) {
    const given: readonly Variant[] | undefined =
      name === 'volume' ? sizes?.map((bytes) => ({ kind: 'bytes', bytes })) : undefined;
    const variants = given ?? shape.variants;
    return variants.map((variant) => ({ of: name, load: loadAt(1), durationMs, variant }));
  }
  const loads = shape.shares.map(loadAt);
  // A small greatest load has fewer steps: one that does not differ from the one before shows nothing.
  const climbing =
    shape.climbs === true ? loads.filter((load, at) => at === 0 || !alike(load, loads[at - 1]!)) : loads;
  const [first] = loads;
  if (shape.untilBroken === true && first !== undefined) climbing.push(first);
  return climbing.map((load) => ({ of: name, load, durationMs, variant: null }));
}

function alike(one: Load, other: Load): boolean {
  if (one.kind === 'closed') return other.kind === 'closed' && one.users === other.users;
  return other.kind === 'open' && one.ratePerSecond === other.ratePerSecond;
}

/** What a profile has measured: nothing where an earlier one was ended from outside. */
export interface Followed {
  readonly name: ProfileName;
  readonly levels: readonly Level[];
}

export function* profile(plan: ProfilePlan): Experiment<readonly Followed[]> {
  const followed: Followed[] = [];
  let ended = false;
  for (const name of plan.names) {
    const levels: readonly Level[] = ended ? [] : yield* follow(name, plan);
    followed.push({ name, levels });
    ended ||= levels.some(stopped);
  }
  return followed;
}

function* follow(name: ProfileName, plan: ProfilePlan): Experiment<readonly Level[]> {
  const stages = stagesIn(name, plan);
  const levels: Level[] = [];
  for (let at = 0; at < stages.length; at++) {
    const { load, durationMs, variant } = stages[at]!;
    const level = yield {
      experiment: 'run',
      purpose: `${name}, stage ${at + 1} of ${stages.length}`,
      load,
      ...(variant === null ? {} : { variant }),
      durationMs,
      minDone: 0,
      maxDurationMs: durationMs,
      maxInFlight: plan.maxUsers,
      maxRatePerSecond: plan.maxRatePerSecond,
      alone: true,
    };
    levels.push(level);
    if (stopped(level)) break;
    const shape: Shape = shapes[name];
    const broke =
      level.stoppedEarly === 'backlog' || level.growing || level.objectives.some(({ met }) => met === false);
    if (shape.untilBroken === true && broke && at < stages.length - 2) at = stages.length - 2;
  }
  return levels;
}

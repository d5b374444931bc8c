/** Settings: everything that a run needs to know, resolved once from flags, variables, file and defaults. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createJiti } from 'jiti';
import { PlimsollError } from '../errors.ts';
import { budgets, type BudgetName } from '../experiments/budget.ts';
import type { ProfilePlan } from '../experiments/profile.ts';
import type { HttpTarget } from '../engine/messages.ts';
import type { Load } from '../model/load.ts';
import {
  defaultObjectives,
  describeObjective,
  isMessageMetric,
  parseObjectives,
} from '../model/objectives.ts';
import type { Objective } from '../model/report.ts';
import { httpRequest } from '../protocols/httpRequest.ts';
import { isDatabase } from '../protocols/databases/databaseUrl.ts';
import { grpcAsHttp } from '../protocols/grpc/grpcUrl.ts';
import { asHttp } from '../protocols/webSocketUrl.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { chatCounting } from './chatCounting.ts';
import { replayGiven, type ReplayGiven } from './replaying.ts';
import { profilesGiven } from './profiling.ts';
import { routeOf, streamsOf } from './routeOptions.ts';
import { whatToLoad } from './target.ts';
import { OptionReader, optionTable, parseHeader, readBody, type RawOptions } from './options.ts';

export const formats = ['html', 'json', 'md', 'csv', 'junit', 'txt'] as const;
export type Format = (typeof formats)[number];

export interface Settings {
  readonly target: HttpTarget;
  readonly objectives: readonly Objective[];
  readonly budget: BudgetName;
  readonly until: 'baseline' | 'scaling' | 'capacity';
  readonly load: Load | null;
  /** Of `run`; each stage of a profile. */
  readonly durationMs: number;
  readonly profile: ProfilePlan | null;
  readonly replay: ReplayGiven | null;
  readonly arrivals: 'even' | 'poisson';
  readonly maxUsers: number;
  readonly maxRatePerSecond: number;
  readonly margin: number;
  readonly timeLimitMs: number | null;
  readonly pid: number | null;
  readonly watchPort: number | null;
  readonly start: string | null;
  readonly startTimeoutMs: number;
  readonly workers: number;
  readonly seed: number;
  readonly out: string;
  readonly formats: readonly Format[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

const configNames = ['plimsoll.config.ts', 'plimsoll.config.js', 'plimsoll.config.mjs'];

/** Flags, variables and the configuration file of this folder. @throws PLM_CONFIG */
export async function optionsFrom(flags: RawOptions): Promise<OptionReader> {
  const { file, name } = await readConfig();
  return new OptionReader(flags, file, name);
}

/**
 * @param target null where none is given
 * @throws PlimsollError of exit code 2 for anything that cannot be used
 */
export async function settingsFor(target: string | null, flags: RawOptions): Promise<Settings> {
  const read = await optionsFrom(flags);
  const body = read.text('body');
  const users = read.number('users', 1, 1_000_000);
  const ratePerSecond = read.ratePerSecond('rate');
  const arrivals = read.choice('arrivals', ['poisson', 'even']) ?? 'poisson';
  if (users !== null && ratePerSecond !== null) {
    throw new PlimsollError(
      'PLM_OPTION',
      '--users together with --rate',
      'a load is either closed or open; give one of them',
    );
  }
  if (users !== null && read.text('arrivals')?.from.startsWith('--') === true) {
    throw new PlimsollError(
      'PLM_OPTION',
      '--arrivals together with --users',
      'only the requests of an open load arrive; give --rate in the place of --users, or leave --arrivals out',
    );
  }
  const maxUsers = read.number('maxUsers', 1, 1_000_000) ?? 10_000;
  if (users !== null && users > maxUsers) {
    throw new PlimsollError(
      'PLM_OPTION',
      `--users ${users}`,
      `it is more than --max-users ${maxUsers}; raise that too`,
    );
  }
  const load: Load | null =
    ratePerSecond !== null
      ? { kind: 'open', ratePerSecond, arrivals }
      : users !== null
        ? { kind: 'closed', users }
        : null;
  const slo = read.text('slo');
  const workers =
    read.number('workers', 1, 256) ?? Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
  const what = await whatToLoad(target, read, workers);
  const request = {
    method: (read.text('method')?.text ?? (body === null ? 'GET' : 'POST')).toUpperCase(),
    headers: read.list('header').map(parseHeader),
    body: body === null ? null : readBody(body.text),
  };
  // What can never be sent is refused here, and not by the first worker.
  if (what.url !== null && !isDatabase(what.kind)) {
    httpRequest({
      url: grpcAsHttp(asHttp(what.url)),
      ...request,
      body: request.body === null ? null : Buffer.from(request.body),
    });
  }
  const plan = profilesGiven(read, { ...what, ...request }, { greatest: load, maxUsers });
  const objectives = slo === null ? usualObjectives(what.recipe, plan) : parseObjectives(slo.text);
  const unnumbered = objectives.find(({ metric }) => isMessageMetric(metric));
  if (unnumbered !== undefined && what.scenario === null) {
    throw new PlimsollError(
      'PLM_OBJECTIVE',
      `"${describeObjective(unnumbered)}" for a URL`,
      'only a scenario knows which number a message has: write one with channel.expectSequence',
    );
  }
  const start = read.text('start')?.text ?? null;
  if (start !== null && what.url === null) {
    throw new PlimsollError(
      'PLM_OPTION',
      '--start with a scenario without a base URL',
      'there is no port to wait for; give --base-url, or start it by hand',
    );
  }
  return {
    target: {
      ...what,
      ...request,
      timeoutMs: read.durationMs('timeout') ?? 10_000,
      insecure: read.on('insecure'),
      route: routeOf(read),
      streams: streamsOf(what.url, read),
      chats: chatCounting(read, what.scenario !== null),
    },
    objectives,
    budget: read.choice('budget', Object.keys(budgets) as BudgetName[]) ?? 'quick',
    until: lastOf(read.choices('experiments', ['baseline', 'scaling', 'capacity'])),
    load,
    durationMs: read.durationMs('duration') ?? 10_000,
    profile: plan,
    replay: replayGiven(read),
    arrivals,
    maxUsers,
    maxRatePerSecond: read.ratePerSecond('maxRate') ?? Number.POSITIVE_INFINITY,
    margin: read.share('margin', 0, 0.95) ?? 0.2,
    timeLimitMs: read.durationMs('timeLimit'),
    pid: read.number('pid', 1, 2 ** 31),
    watchPort: read.number('watchPort', 1, 65_535),
    start,
    startTimeoutMs: read.durationMs('startTimeout') ?? 30_000,
    workers,
    seed: read.number('seed', 0, 2 ** 31) ?? 1,
    out: resolve(read.text('out')?.text ?? 'plimsoll-report'),
    formats: read.choices('format', formats) ?? ['html', 'json', 'md', 'csv'],
    json: read.on('json'),
    quiet: read.on('quiet'),
    debug: read.on('debug'),
  };
}

/** What must hold where nothing is said. Of chats the first token and the pace count: their length is asked for. */
function usualObjectives(recipe: Recipe | null, plan: ProfilePlan | null): readonly Objective[] {
  if (recipe?.kind === 'chat') return parseObjectives('ttft.p95<800ms,tpot.p95<50ms,errors<1%');
  // How long a large body may take is for its own checks to say; beside other profiles it is judged as they are.
  const onlyVolume = plan?.names.every((name) => name === 'volume') === true;
  return onlyVolume ? parseObjectives('errors<1%') : defaultObjectives;
}

function lastOf(
  names: readonly ('baseline' | 'scaling' | 'capacity')[] | null,
): 'baseline' | 'scaling' | 'capacity' {
  if (names === null || names.includes('capacity')) return 'capacity';
  return names.includes('scaling') ? 'scaling' : 'baseline';
}

async function readConfig(): Promise<{ file: Readonly<Record<string, unknown>>; name: string }> {
  const name = configNames.find((each) => existsSync(each));
  if (name === undefined) return { file: {}, name: '' };
  let file: unknown;
  try {
    file = await createJiti(import.meta.url).import(resolve(name), { default: true });
  } catch (error) {
    throw new PlimsollError('PLM_CONFIG', name, (error as Error).message, error);
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw new PlimsollError('PLM_CONFIG', name);
  const unknown = Object.keys(file).find((key) => !(key in optionTable));
  if (unknown !== undefined) throw new PlimsollError('PLM_CONFIG', name, `it has no option "${unknown}"`);
  return { file: file as Record<string, unknown>, name };
}

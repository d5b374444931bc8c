/**
 * What a person writes: a scenario is one user's session, as an async function.
 *
 *     import { expect, scenario } from 'plimsoll';
 *
 *     export default scenario('talk', { baseUrl: 'http://localhost:3000', think: [1, 3] }, async ({ http, step }) => {
 *       const { id } = await http.post('/sessions', { json: { user: 'ada' } }).json<{ id: string }>();
 *       const reply = await step('turn', () => http.post(`/sessions/${id}/turns`, { json: { say: 'hello' } }));
 *       expect(reply.status, 201);
 *     });
 *
 * A file exports one as default, or a list of them: then each has its share of the users and arrivals, by `weight`.
 *
 * 1. Closed load: every user runs it again and again, with the think time between. Open load: each arrival runs it once.
 * 2. The unit of load is the session: `--rate 5/s` is five sessions a second, and so is a capacity.
 * 3. A session has failed when a request of it failed, an `expect` or `check` did not hold, or the function threw.
 *    A failed request does not throw by itself: its reply says so.
 */
import { databaseAddress } from '../protocols/databases/databaseUrl.ts';
import { grpcAddress } from '../protocols/grpc/grpcUrl.ts';
import type { Command } from './commands/command.ts';
import type { DatabaseOptions, Db } from './databases/db.ts';
import type { Feed, Rows } from './feed.ts';
import type { Grpc, GrpcOptions } from './grpc/grpc.ts';
import type { Http } from './http/http.ts';
import type { Llm } from './llm/llm.ts';
import type { Queue } from './queues/queue.ts';
import type { Redis } from './databases/redis.ts';
import type { Vary } from './vary.ts';
import type { Webhooks } from './webhooks/webhook.ts';
import type { Ws } from './ws/ws.ts';

/** Rows by name, as `feed(...)` makes them. */
export type Feeds = Readonly<Record<string, Feed<unknown>>>;

/**
 * Seconds: fixed, drawn evenly from a range, or drawn from a log-normal distribution, as people's pauses are (most short,
 * some very long), by its median and the deviation of its logarithm (0.6 when left out).
 */
export type Think =
  number | readonly [from: number, to: number] | { readonly median: number; readonly sigma?: number };

/** What setup and teardown are given. */
export interface SetupContext {
  readonly http: Http;
  readonly ws: Ws;
  readonly db: Db;
  readonly redis: Redis;
  /** Runs a program; it may take two minutes unless it says otherwise. */
  readonly command: Command;
  /** Addresses that the target calls when what was set up is there. */
  readonly webhook: Webhooks;
  readonly grpc: Grpc;
}

export interface ScenarioOptions<Data extends Feeds = Feeds, Setup = unknown> {
  /** Done once before the load; what it returns is `setup` in every session. Plain data: it goes to other threads. */
  readonly setup?: (context: SetupContext) => PromiseLike<Setup>;
  /** Done once after the load, however that ended. */
  readonly teardown?: (context: SetupContext & { readonly setup: Setup }) => PromiseLike<unknown>;
  /**
   * Done by each user before its first session: a login, say. It is part of that session, with a step of its own, and what it
   * requests counts. Where it fails the session is over, and the user's next one begins with it again.
   */
  readonly begin?: (context: ScenarioContext<Data, Setup>) => PromiseLike<unknown>;
  /** What paths that begin with / are joined to. `--base-url` takes precedence. */
  readonly baseUrl?: string;
  /** What `db` speaks to, or `redis`; one of each at most. Without a base URL it is the target of the run. */
  readonly database?: DatabaseOptions | readonly DatabaseOptions[];
  /** What `grpc` calls. Without a base URL it is the target of the run. */
  readonly grpc?: GrpcOptions;
  /** Between two sessions of a user of closed load. 0 when left out. */
  readonly think?: Think;
  /** Rows that sessions draw on, for `data`. */
  readonly data?: Data;
  /** Of several scenarios in a file: how often this one is played, relative to the others. 1 when left out. */
  readonly weight?: number;
  /** Its sessions cost the target much: `--profile resource-intensive` plays them more often. False when left out. */
  readonly heavy?: boolean;
  /** How many redirects a request follows; 10 when left out, 0 for none. */
  readonly redirects?: number;
  /** How long cookies are kept: for a session (when left out), for all sessions of the user, or not at all. */
  readonly cookies?: 'session' | 'user' | 'none';
  /** Asks for compressed answers. What comes compressed is read either way. */
  readonly compression?: boolean;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a scenario is given: the user it plays, and the user's tools. */
export interface ScenarioContext<Data extends Feeds = Feeds, Setup = unknown> {
  readonly http: Http;
  readonly ws: Ws;
  readonly llm: Llm;
  /** Runs a program, as one request. */
  readonly command: Command;
  /** Addresses that the target calls when work is done. */
  readonly webhook: Webhooks;
  /** Work that the target takes at once and does later: its backlog, and how it drains. */
  readonly queue: Queue;
  readonly db: Db;
  readonly redis: Redis;
  readonly grpc: Grpc;
  /** The rows of the options' `data`: `data.users.next()`. */
  readonly data: { readonly [Name in keyof Data]: Rows<Data[Name] extends Feed<infer Row> ? Row : never> };
  readonly vary: Vary;
  /** What the options' `setup` returned. */
  readonly setup: Setup;
  readonly user: ScenarioUser;
  /**
   * Names a part of the session, and measures it: the answer of the one request it returns, or the time the function
   * takes. Times and failures of each name are in the report.
   */
  step<Result>(name: string, part: () => PromiseLike<Result>): PromiseLike<Result>;
  /** A time that the script has measured itself, in milliseconds: it stands beside the steps. */
  measure(name: string, ms: number): void;
  /** Something to be counted, in all and per second: tokens, items. */
  count(name: string, amount: number): void;
  /** Notes whether something holds; the session goes on, and counts as failed where it does not. */
  check(what: string, holds: boolean): boolean;
  /** Waits: the person thinks, or the client does something else. */
  pause(think: Think): Promise<void>;
}

export interface ScenarioUser {
  /** From 0; no two users of a run share one. */
  readonly number: number;
  /** How many sessions it has begun before. */
  readonly session: number;
  /** What the user keeps from session to session. */
  readonly state: Record<string, unknown>;
  /** Of the user's own seeded chance: at least 0, below 1. */
  random(): number;
}

export type ScenarioFunction<Data extends Feeds = Feeds, Setup = unknown> = (
  context: ScenarioContext<Data, Setup>,
) => PromiseLike<unknown>;

const brand = Symbol.for('plimsoll.scenario');

export interface Scenario {
  readonly name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what setup returned is of the file's own type
  readonly options: ScenarioOptions<Feeds, any>;
  readonly run: ScenarioFunction;
}

export function scenario(name: string, run: ScenarioFunction): Scenario;
export function scenario<Data extends Feeds = Feeds, Setup = undefined>(
  name: string,
  options: ScenarioOptions<Data, Setup>,
  run: ScenarioFunction<Data, Setup>,
): Scenario;
export function scenario(
  name: string,
  given: ScenarioOptions | ScenarioFunction,
  last?: ScenarioFunction,
): Scenario {
  const options = typeof given === 'function' ? {} : given;
  const run = typeof given === 'function' ? given : last;
  if (typeof name !== 'string' || name === '' || typeof run !== 'function') {
    throw new TypeError('scenario(name, options, async ({ http }) => { ... }) needs a name and a function');
  }
  refuseWrong(name, options);
  return Object.freeze({ [brand]: true, name, options, run });
}

/** Whatever module the file took `scenario` from. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && brand in value;
}

const known: Readonly<Record<keyof ScenarioOptions, true>> = {
  setup: true,
  teardown: true,
  begin: true,
  baseUrl: true,
  database: true,
  grpc: true,
  think: true,
  data: true,
  weight: true,
  heavy: true,
  redirects: true,
  cookies: true,
  compression: true,
  headers: true,
};

/** @throws TypeError for an option that is unknown, or has a value that means nothing */
function refuseWrong(name: string, options: ScenarioOptions): void {
  const wrong = (what: string): TypeError => new TypeError(`scenario "${name}": ${what}`);
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(known, option));
  if (unknown !== undefined)
    throw wrong(`there is no option "${unknown}"; there are ${Object.keys(known).join(', ')}`);
  const { weight = 1, heavy = false, think = 0, redirects = 0, cookies = 'session' } = options;
  if (options.begin !== undefined && typeof options.begin !== 'function')
    throw wrong('begin is a function, as the session itself');
  if (!(weight > 0 && Number.isFinite(weight))) throw wrong(`weight ${weight} is not a number above 0`);
  if (typeof heavy !== 'boolean') throw wrong('heavy is true or false');
  if (!isThink(think)) throw wrong(`think ${JSON.stringify(think)} is no time`);
  if (!(Number.isInteger(redirects) && redirects >= 0))
    throw wrong(`redirects ${redirects} is not a number of times`);
  refuseWrongDatabases(asList(options.database), wrong);
  if (options.grpc !== undefined) refuseWrongGrpc(options.grpc, wrong);
  if (!['session', 'user', 'none'].includes(cookies))
    throw wrong(`cookies "${cookies}" is none of session, user and none`);
}

const asList = (given: ScenarioOptions['database']): readonly DatabaseOptions[] =>
  given === undefined ? [] : Array.isArray(given) ? (given as DatabaseOptions[]) : [given as DatabaseOptions];

/** The databases that a scenario names. */
export const databasesOf = ({ options }: Scenario): readonly DatabaseOptions[] => asList(options.database);

/** @param wrong makes the error of what is said; no URL is in it, for that may hold a password */
function refuseWrongDatabases(
  databases: readonly DatabaseOptions[],
  wrong: (what: string) => TypeError,
): void {
  const seen: string[] = [];
  for (const { url, pool = 1 } of databases) {
    if (typeof url !== 'string') throw wrong('its database has no url');
    if (!(Number.isInteger(pool) && pool >= 1)) throw wrong(`pool ${pool} is not a number of connections`);
    try {
      const { kind } = databaseAddress(url);
      seen.push(kind === 'redis' ? 'redis' : 'db');
    } catch (error) {
      throw wrong(`database: ${(error as Error).message}`);
    }
  }
  if (new Set(seen).size < seen.length) throw wrong(`it names two databases for one ${seen[0]}`);
}

/** @param wrong makes the error of what is said */
function refuseWrongGrpc({ url, proto }: GrpcOptions, wrong: (what: string) => TypeError): void {
  if (typeof url !== 'string') throw wrong('its grpc has no url');
  if (proto !== undefined && proto.length === 0) throw wrong('its grpc names no proto');
  try {
    if (grpcAddress(url).method === '') return;
  } catch (error) {
    throw wrong(`grpc: ${(error as Error).message}`);
  }
  throw wrong('grpc: its URL names no method; the calls of the session do');
}

/** Whether it is a time that can be waited for. */
export function isThink(think: Think): boolean {
  const isTime = (value: unknown): boolean =>
    typeof value === 'number' && value >= 0 && Number.isFinite(value);
  if (typeof think === 'number') return isTime(think);
  if ('median' in think) return isTime(think.median) && isTime(think.sigma ?? 0);
  return isTime(think[0]) && isTime(think[1]) && think[0] <= think[1];
}

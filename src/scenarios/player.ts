/**
 * Plays a scenario as the engine's protocol: an exchange is one session of one user.
 *
 * 1. The engine counts sessions; their requests, steps and checks are told to the recorder that the player is given.
 * 2. A session ends once, when its function has ended and no request of it is under way. What the function does not
 *    await is a fault of the script, and said so.
 * 3. Failure kinds of a session: that of its first failed request; else `check`, or `script` where the function threw.
 * 4. A script that throws never ends the run: it is counted, and the last message is kept for a person.
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import { random, type Random } from '../random.ts';
import type { Protocol, Session } from '../protocols/protocol.ts';
import { Account } from './account.ts';
import type { Databases, UserDatabases } from './databases.ts';
import { ExpectationFailed } from './expect.ts';
import { FeedEnded, type Cursor } from './feed.ts';
import type { OpenFeeds } from './feedFile.ts';
import type { Tally } from '../model/tally.ts';
import { RequestFailed } from './reply.ts';
import { isThink, type Scenario, type ScenarioContext, type ScenarioUser } from './scenario.ts';
import type { SetupValues } from './setup.ts';
import type { Measures } from './statements.ts';
import { thinkMs } from './think.ts';
import { UserHttp, type Habits } from './userHttp.ts';
import { UserLlm } from './userLlm.ts';
import { MessageMissed, UserWs } from './userWs.ts';
import { varyBy, type Vary } from './vary.ts';
import { whereThrown } from './whereThrown.ts';
import { Wires, type WireOptions } from './wires.ts';

/** What a player tells: requests by their instants, steps by name. The tally of sessions is one. */
export interface SessionRecorder {
  readonly requests: Pick<Tally, 'sent' | 'connected' | 'done'>;
  step(name: string, durationMs: number, failed: boolean, nowMs: number): void;
  time(name: string, ms: number, nowMs: number): void;
  count(name: string, amount: number, nowMs: number): void;
}

export interface PlayOptions extends WireOptions {
  readonly scenario: Scenario;
  readonly feeds: OpenFeeds;
  /** Of the thread: what its scenarios name. */
  readonly databases: Databases;
  /** What the setup of the scenarios returned, by their names. */
  readonly setup: SetupValues;
  /** The file it came from, for messages. */
  readonly file: string;
  readonly seed: number;
  /** Which of the threads this is, from 0, and how many there are: numbers of users differ between them. */
  readonly share: number;
  readonly shares: number;
}

export class Player implements Protocol {
  readonly name = 'scenario';
  readonly options: PlayOptions;
  readonly recorder: SessionRecorder;
  readonly wires: Wires;
  readonly habits: Habits;
  readonly data: Readonly<Record<string, Cursor>>;
  /** What was said when the rows of a feed had all been given; empty while there are more. */
  ended = '';
  /** What a person should read about the last script that failed; empty while none did. */
  scriptError = '';
  #users = 0;

  constructor(options: PlayOptions, recorder: SessionRecorder) {
    this.options = options;
    this.recorder = recorder;
    // Headers of the command line count more than those of the file.
    const {
      headers = {},
      redirects = 10,
      cookies = 'session',
      compression = false,
    } = options.scenario.options;
    this.habits = { redirects, cookies };
    const own = [
      ...(compression ? [['accept-encoding', 'gzip, deflate, br'] as const] : []),
      ...Object.entries(headers),
    ];
    this.wires = new Wires({ ...options, headers: [...own, ...options.headers] });
    const data = Object.entries(options.scenario.options.data ?? {});
    this.data = Object.fromEntries(data.map(([name, feed]) => [name, options.feeds.get(feed)!]));
  }

  get counts(): { connections: number; retries: number } {
    return this.wires.counts;
  }

  get lastError(): string {
    return this.scriptError || this.wires.lastError || this.options.databases.lastError;
  }

  get lastRedirect(): string {
    return this.wires.lastRedirect;
  }

  session(): Session {
    const { share, shares } = this.options;
    return new ScriptedUser(this, this.#users++ * shares + share);
  }
}

class ScriptedUser implements Session {
  sentMs = 0;
  firstMs = 0;
  doneMs = 0;
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  pauseMs = 0;

  readonly #player: Player;
  readonly #vary: Vary;
  readonly #user: { number: number; session: number; state: Record<string, unknown>; random: Random };
  #account: Account;
  #http: UserHttp;
  #ws: UserWs;
  #databases: UserDatabases;
  #context: ScenarioContext;
  #finish: ((session: Session) => void) | null = null;
  /** The function has ended; requests of it may still be under way. */
  #over = false;
  /** Grows when a session ends or is given up, so that what goes on in its function finds nobody. */
  #turn = 0;
  /** The first fault that no request shows; empty while there is none. */
  #faultKind: 'check' | 'script' | 'data' | 'missed' | '' = '';

  constructor(player: Player, number: number) {
    this.#player = player;
    const draw = random(player.options.seed, number + 1);
    this.#vary = varyBy(draw);
    this.#user = { number, session: -1, state: {}, random: draw };
    [this.#account, this.#http, this.#ws, this.#databases, this.#context] = this.#equipped();
  }

  exchange(finish: (session: Session) => void, dueMs = performance.now()): void {
    if (this.#finish !== null) throw new Error('a user has at most one session under way');
    this.#finish = finish;
    this.#over = false;
    this.#faultKind = '';
    this.failure = '';
    this.#user.session++;
    this.#account.begin(dueMs);
    this.#http.begin();
    this.sentMs = performance.now();
    const turn = ++this.#turn;
    this.#played().then(
      () => {
        if (turn === this.#turn) this.#functionEnded();
      },
      (error: unknown) => {
        if (turn !== this.#turn) return;
        this.#threw(error);
        this.#functionEnded();
      },
    );
  }

  abort(failure: string): void {
    this.#turn++;
    this.#account.close();
    this.#http.retire(failure);
    this.#ws.retire();
    this.#databases.retire();
    // The function may play on: it keeps the old context, which sends and notes nothing more.
    [this.#account, this.#http, this.#ws, this.#databases, this.#context] = this.#equipped();
    if (this.#finish === null) return;
    this.failure = failure;
    this.#end();
  }

  close(): void {
    this.#http.close();
    this.#ws.retire();
  }

  /** What a user needs for its sessions: made anew when one was given up, for its function may play on with the old. */
  #equipped(): [Account, UserHttp, UserWs, UserDatabases, ScenarioContext] {
    const { wires, recorder, habits, data } = this.#player;
    const account = new Account(recorder.requests);
    account.idle = () => {
      if (this.#over && account === this.#account) this.#complete();
    };
    const http = new UserHttp(wires, account, habits);
    const ws = new UserWs(wires, account);
    const recorded: Measures = {
      time: (name, ms) => {
        if (account === this.#account) recorder.time(name, ms, performance.now());
      },
      count: (name, amount) => {
        if (account === this.#account) recorder.count(name, amount, performance.now());
      },
    };
    const { scenario, databases: pools } = this.#player.options;
    const databases = pools.equip(scenario, account, recorded);
    const context: ScenarioContext = {
      http,
      ws,
      db: databases.db,
      redis: databases.redis,
      llm: new UserLlm(http, recorded),
      measure: recorded.time,
      count: recorded.count,
      user: this.#user as ScenarioUser,
      step: (name, part) => this.#step(name, part),
      check: (what, holds) => {
        if (!holds && account === this.#account) this.#note('check', `check did not hold: ${what}`);
        return holds;
      },
      data,
      vary: this.#vary,
      setup: this.#player.options.setup[scenario.name],
      pause: (think) => {
        if (!isThink(think)) throw new TypeError(`pause(${JSON.stringify(think)}) is no time`);
        return new Promise((resolve) => setTimeout(resolve, thinkMs(think, this.#user.random)));
      },
    };
    return [account, http, ws, databases, context];
  }

  #played(): PromiseLike<unknown> {
    try {
      const promise = this.#player.options.scenario.run(this.#context) as PromiseLike<unknown> | undefined;
      return typeof promise?.then === 'function' ? promise : Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #functionEnded(): void {
    this.#over = true;
    if (this.#account.underWay === 0) return this.#complete();
    this.#note('script', 'a request was not awaited: the function ended before its answer came');
  }

  #complete(): void {
    this.failure = this.#account.failure === '' ? this.#faultKind : this.#account.failure;
    this.#end();
  }

  #end(): void {
    const finish = this.#finish;
    this.#finish = null;
    this.#over = false;
    this.doneMs = performance.now();
    this.firstMs = this.doneMs;
    this.bytesSent = this.#account.bytesSent;
    this.bytesReceived = this.#account.bytesReceived;
    this.pauseMs = this.#thinkMs();
    finish?.(this);
  }

  #thinkMs(): number {
    return thinkMs(this.#player.options.scenario.options.think ?? 0, this.#user.random);
  }

  #threw(error: unknown): void {
    // A request that failed is known already; that the script gave up over it is no fault of its own.
    if (error instanceof RequestFailed && error.failure !== '') return;
    if (error instanceof FeedEnded) {
      this.#player.ended = error.message;
      return this.#note('data', error.message);
    }
    const { file } = this.#player.options;
    const kind =
      error instanceof ExpectationFailed ? 'check' : error instanceof MessageMissed ? 'missed' : 'script';
    this.#note(kind, `${error instanceof Error ? error.message : String(error)}${whereThrown(error, file)}`);
  }

  #note(kind: 'check' | 'script' | 'data' | 'missed', message: string): void {
    if (this.#faultKind === '') this.#faultKind = kind;
    this.#player.scriptError = message;
  }

  #step<Result>(name: string, part: () => PromiseLike<Result>): PromiseLike<Result> {
    const fromMs = performance.now();
    const { recorder } = this.#player;
    const turn = this.#turn;
    const before = this.#account.failure;
    const told = (failed: boolean): void => {
      if (turn !== this.#turn) return;
      const nowMs = performance.now();
      recorder.step(name, nowMs - fromMs, failed || this.#account.failure !== before, nowMs);
    };
    let promise: PromiseLike<Result>;
    try {
      promise = part();
    } catch (error) {
      told(true);
      throw error;
    }
    promise.then(
      () => told(false),
      () => told(true),
    );
    return promise;
  }
}

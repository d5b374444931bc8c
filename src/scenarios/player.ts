/**
 * Plays a scenario as the engine's protocol: an exchange is one session of one user.
 *
 * 1. The engine counts sessions; their requests, steps and checks are told to the recorder that the player is given.
 * 2. A session ends once, when its function has ended and no request of it is under way. What the function does not
 *    await is a fault of the script, and said so.
 * 3. Failure kinds of a session: that of its first failed request; else that of an expectation (`check`, `limit`) or a message that
 *    did not come (`missed`), or `script` where the function threw.
 * 4. A script that throws never ends the run: it is counted, and the last message is kept for a person.
 * 5. Where the target is the function itself, a session is its own request, and functions begin one in a turn of the loop: one
 *    that keeps its thread would else end together with those after it, and no message would come through.
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import { random, type Random } from '../random.ts';
import type { Protocol, Session } from '../protocols/protocol.ts';
import { Account } from './account.ts';
import { ChildGroups } from './commands/childGroups.ts';
import { ExpectationFailed, LimitWrong } from './expectationFailed.ts';
import type { Databases } from './databases/databases.ts';
import { GrpcTargets } from './grpc/grpcTargets.ts';
import type { GrpcRecorder } from './grpc/grpcRecorder.ts';
import { FeedEnded, type Cursor } from './feed.ts';
import type { OpenFeeds } from './feedFile.ts';
import type { Limits } from '../model/objectives.ts';
import type { MessageSlice } from '../model/slice.ts';
import type { Tally } from '../model/tally.ts';
import { MessageMissed } from './messageMissed.ts';
import { RequestFailed } from './http/reply.ts';
import { isThink, type Scenario, type ScenarioContext, type ScenarioUser } from './scenario.ts';
import type { SetupValues } from './setup.ts';
import type { Measures } from './databases/statements.ts';
import { thinkMs } from './think.ts';
import { Turnstile } from './turnstile.ts';
import { UserCommands, type CommandGround } from './commands/userCommands.ts';
import { UserQueue, type QueueRecorder } from './queues/userQueue.ts';
import { UserHttp, type Habits } from './http/userHttp.ts';
import { noBooks, type ChatBooks } from './llm/chatBooks.ts';
import { UserLlm } from './llm/userLlm.ts';
import type { ChannelRecorder } from './ws/channelRecorder.ts';
import { WebhookReceiver } from './webhooks/receiver.ts';
import { UserWebhooks } from './webhooks/userWebhooks.ts';
import { UserWs } from './ws/userWs.ts';
import { varyBy, type Vary } from './vary.ts';
import { whereThrown } from './whereThrown.ts';
import { Wires, type WireOptions } from './http/wires.ts';

/** What a player tells: requests by their instants, steps by name. The tally of sessions is one. */
export interface SessionRecorder {
  readonly requests: Pick<Tally, 'sent' | 'connected' | 'done'>;
  step(name: string, durationMs: number, failed: boolean, nowMs: number): void;
  time(name: string, ms: number, nowMs: number): void;
  count(name: string, amount: number, nowMs: number): void;
  /** The end of a session in which nothing failed or took longer than it may. */
  good(nowMs: number): void;
  messages(change: Partial<MessageSlice>, nowMs: number): void;
  queued(name: string, what: 'enqueued' | 'completed', nowMs: number): void;
}

export interface PlayOptions extends WireOptions {
  readonly scenario: Scenario;
  readonly feeds: OpenFeeds;
  /** Of the thread: what its scenarios name. */
  readonly databases: Databases;
  /** Of the thread: what its scenarios call by gRPC. None when left out. */
  readonly grpc?: GrpcTargets;
  /** What the setup of the scenarios returned, by their names. */
  readonly setup: SetupValues;
  /** By the objectives of the run. */
  readonly limits: Limits;
  /** The file it came from, for messages. */
  readonly file: string;
  readonly seed: number;
  /** Which of the threads this is, from 0, and how many there are: numbers of users differ between them. */
  readonly share: number;
  readonly shares: number;
  /** The function is the target. False when left out. */
  readonly isTarget?: boolean;
  /** Where commands under way are noted; this thread's own when left out. */
  readonly groups?: ChildGroups;
  /** What chats are counted and priced with; nothing when left out. */
  readonly books?: ChatBooks;
}

/** Of so many names the limits are kept at hand: a script may make up names without end. */
const limitsMost = 1000;

export class Player implements Protocol {
  readonly name = 'scenario';
  readonly options: PlayOptions;
  readonly recorder: SessionRecorder;
  readonly wires: Wires;
  readonly habits: Habits;
  readonly data: Readonly<Record<string, Cursor>>;
  readonly ground: CommandGround;
  readonly webhooks = new WebhookReceiver();
  /** Where functions wait for the thread; null where they are not the target. */
  readonly turnstile: Turnstile | null;
  /** What was said when the rows of a feed had all been given; empty while there are more. */
  ended = '';
  /** What a person should read about the last script that failed; empty while none did. */
  scriptError = '';
  #users = 0;
  /** By the names of steps: to join a name for each step would cost more than the step. */
  readonly #limitsMs = new Map<string, number>();

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
    this.ground = {
      groups: options.groups ?? new ChildGroups(),
      timeoutMs: options.timeoutMs,
      lastError: '',
    };
    this.turnstile = options.isTarget === true ? new Turnstile() : null;
    const data = Object.entries(options.scenario.options.data ?? {});
    this.data = Object.fromEntries(data.map(([name, feed]) => [name, options.feeds.get(feed)!]));
  }

  get counts(): { connections: number; retries: number } {
    return this.wires.counts;
  }

  get openChannels(): number | null {
    return this.wires.channels === 0 ? null : this.wires.openChannels;
  }

  get lastError(): string {
    return (
      this.scriptError ||
      this.wires.lastError ||
      this.options.databases.lastError ||
      (this.options.grpc?.lastError ?? '') ||
      this.ground.lastError
    );
  }

  get lastRedirect(): string {
    return this.wires.lastRedirect;
  }

  /** How long a step or time of this name may take. */
  limitMs(name: string): number {
    const known = this.#limitsMs.get(name);
    if (known !== undefined) return known;
    const { limits, scenario } = this.options;
    const limitMs =
      limits.steps[name] ?? limits.steps[`${scenario.name} / ${name}`] ?? Number.POSITIVE_INFINITY;
    if (this.#limitsMs.size < limitsMost) this.#limitsMs.set(name, limitMs);
    return limitMs;
  }

  session(): Session {
    const { share, shares } = this.options;
    return new ScriptedUser(this, this.#users++ * shares + share);
  }
}

/** Failures of a session that no request shows. */
type Fault = 'check' | 'limit' | 'script' | 'data' | 'missed';

function faultOf(error: unknown): Fault {
  if (error instanceof LimitWrong) return 'limit';
  if (error instanceof ExpectationFailed) return 'check';
  return error instanceof MessageMissed ? 'missed' : 'script';
}

/** What a session has to work with, over one account: made together, and given up together. */
interface Tools {
  readonly account: Account;
  readonly context: ScenarioContext;
  /** A session begins. */
  begin(): void;
  /** Gives up what is under way. */
  retire(failure: string): void;
  /** Drops what rests, and what was left open. */
  close(): void;
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
  #tools: Tools;
  #finish: ((session: Session) => void) | null = null;
  /** The function has ended; requests of it may still be under way. */
  #over = false;
  /** Grows when a session ends or is given up, so that what goes on in its function finds nobody. */
  #turn = 0;
  /** The first fault that no request shows; empty while there is none. */
  #faultKind: Fault | '' = '';

  constructor(player: Player, number: number) {
    this.#player = player;
    const draw = random(player.options.seed, number + 1);
    this.#vary = varyBy(draw);
    this.#user = { number, session: -1, state: {}, random: draw };
    this.#tools = this.#equipped();
  }

  exchange(finish: (session: Session) => void, dueMs = performance.now()): void {
    if (this.#finish !== null) throw new Error('a user has at most one session under way');
    this.#finish = finish;
    this.#over = false;
    this.#faultKind = '';
    this.failure = '';
    this.#user.session++;
    const { turnstile } = this.#player;
    this.sentMs = performance.now();
    this.#tools.account.begin(dueMs, turnstile === null ? Number.NaN : this.sentMs);
    this.#tools.begin();
    const turn = ++this.#turn;
    if (turnstile === null) return this.#play(turn);
    turnstile.enter(() => {
      if (turn === this.#turn) this.#play(turn);
    });
  }

  #play(turn: number): void {
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
    this.#tools.retire(failure);
    // The function may play on: it keeps the old tools, which send and note nothing more.
    this.#tools = this.#equipped();
    if (this.#finish === null) return;
    this.failure = failure;
    this.#end();
  }

  close(): void {
    this.#tools.close();
  }

  /** What a user needs for its sessions: made anew when one was given up, for its function may play on with the old. */
  #equipped(): Tools {
    const { wires, ground, webhooks, recorder, habits, data, options } = this.#player;
    const {
      scenario,
      databases: pools,
      grpc: targets = GrpcTargets.none,
      limits,
      setup,
      books = noBooks,
    } = options;
    const account = new Account(recorder.requests, limits);
    account.idle = () => {
      if (this.#over && account === this.#tools.account) this.#complete();
    };
    const http = new UserHttp(wires, account, habits);
    const commands = new UserCommands(ground, account);
    const webhook = new UserWebhooks(webhooks, account);
    const recorded: Measures & ChannelRecorder & QueueRecorder & GrpcRecorder = {
      time: (name, ms) => {
        if (account !== this.#tools.account) return;
        if (ms > this.#player.limitMs(name)) account.isLate = true;
        recorder.time(name, ms, performance.now());
      },
      step: (name, ms, failed) => {
        if (account !== this.#tools.account) return;
        if (ms > this.#player.limitMs(name)) account.isLate = true;
        recorder.step(name, ms, failed, performance.now());
      },
      count: (name, amount) => {
        if (account === this.#tools.account) recorder.count(name, amount, performance.now());
      },
      messages: (change) => {
        if (account === this.#tools.account) recorder.messages(change, performance.now());
      },
      queued: (name, what) => {
        if (account === this.#tools.account) recorder.queued(name, what, performance.now());
      },
    };
    const ws = new UserWs(wires, account, recorded);
    const databases = pools.equip(scenario, account, recorded);
    const grpc = targets.equip(scenario, account, recorded);
    const context: ScenarioContext = {
      http,
      ws,
      db: databases.db,
      redis: databases.redis,
      grpc,
      llm: new UserLlm(http, recorded, books),
      command: commands.run,
      webhook,
      queue: new UserQueue(recorded),
      measure: recorded.time,
      count: recorded.count,
      user: this.#user as ScenarioUser,
      step: (name, part) => this.#step(name, part),
      check: (what, holds) => {
        if (!holds && account === this.#tools.account) this.#note('check', `check did not hold: ${what}`);
        return holds;
      },
      data,
      vary: this.#vary,
      setup: setup[scenario.name],
      pause: (think) => {
        if (!isThink(think)) throw new TypeError(`pause(${JSON.stringify(think)}) is no time`);
        return new Promise((resolve) => setTimeout(resolve, thinkMs(think, this.#user.random)));
      },
    };
    return {
      account,
      context,
      begin: () => {
        http.begin();
        // Addresses of the session before are over.
        webhook.retire();
      },
      retire: (failure) => {
        account.close();
        http.retire(failure);
        ws.retire();
        commands.retire();
        webhook.retire();
        databases.retire();
        grpc.retire();
      },
      close: () => {
        http.close();
        ws.retire();
        grpc.retire();
        commands.retire();
        webhook.retire();
      },
    };
  }

  #played(): PromiseLike<unknown> {
    try {
      const promise = this.#player.options.scenario.run(this.#tools.context) as
        PromiseLike<unknown> | undefined;
      return typeof promise?.then === 'function' ? promise : Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #functionEnded(): void {
    this.#over = true;
    if (this.#tools.account.underWay === 0) return this.#complete();
    this.#note('script', 'a request was not awaited: the function ended before its answer came');
  }

  #complete(): void {
    this.failure = this.#tools.account.failure === '' ? this.#faultKind : this.#tools.account.failure;
    this.#end();
  }

  #end(): void {
    const finish = this.#finish;
    this.#finish = null;
    this.#over = false;
    this.doneMs = performance.now();
    this.firstMs = this.doneMs;
    this.#tools.account.over(this.doneMs, this.failure);
    if (this.failure === '' && !this.#tools.account.isLate) this.#player.recorder.good(this.doneMs);
    this.bytesSent = this.#tools.account.bytesSent;
    this.bytesReceived = this.#tools.account.bytesReceived;
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
    this.#note(
      faultOf(error),
      `${error instanceof Error ? error.message : String(error)}${whereThrown(error, file)}`,
    );
  }

  #note(kind: Fault, message: string): void {
    // What follows from the first fault is not to be told in its place.
    if (this.#faultKind !== '') return;
    this.#faultKind = kind;
    this.#player.scriptError = message;
  }

  #step<Result>(name: string, part: () => PromiseLike<Result>): PromiseLike<Result> {
    const fromMs = performance.now();
    const { recorder } = this.#player;
    const turn = this.#turn;
    const before = this.#tools.account.failure;
    const told = (failed: boolean): void => {
      if (turn !== this.#turn) return;
      const nowMs = performance.now();
      if (nowMs - fromMs > this.#player.limitMs(name)) this.#tools.account.isLate = true;
      recorder.step(name, nowMs - fromMs, failed || this.#tools.account.failure !== before, nowMs);
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

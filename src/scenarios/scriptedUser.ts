/**
 * One user of a scenario: an exchange is one session.
 *
 * 1. A session ends once, when its function has ended and no request of it is under way. What the function does not
 *    await is a fault of the script, and said so.
 * 2. Failure kinds of a session: that of its first failed request; else that of an expectation (`check`, `limit`) or a message that
 *    did not come (`missed`), or `script` where the function threw.
 * 3. A script that throws never ends the run: it is counted, and the last message is kept for a person.
 * 4. Where the target is the function itself, a session is its own request, and functions begin one in a turn of the loop: one
 *    that keeps its thread would else end together with those after it, and no message would come through.
 */
// The global of the same name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import { random, type Random } from '../random.ts';
import type { Session } from '../protocols/protocol.ts';
import { ExpectationFailed, LimitWrong } from './expectationFailed.ts';
import { FeedEnded } from './feed.ts';
import { RequestFailed } from './http/reply.ts';
import { MessageMissed } from './messageMissed.ts';
import type { Playing } from './playing.ts';
import type { ScenarioFunction } from './scenario.ts';
import { thinkMs } from './think.ts';
import { equipped, type Tools } from './tools.ts';
import { varyBy, type Vary } from './vary.ts';
import { whereThrown } from './whereThrown.ts';

/** Failures of a session that no request shows. */
type Fault = 'check' | 'limit' | 'script' | 'data' | 'missed';

function faultOf(error: unknown): Fault {
  if (error instanceof LimitWrong) return 'limit';
  if (error instanceof ExpectationFailed) return 'check';
  return error instanceof MessageMissed ? 'missed' : 'script';
}

export class ScriptedUser implements Session {
  sentMs = 0;
  firstMs = 0;
  doneMs = 0;
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  pauseMs = 0;

  readonly #playing: Playing;
  readonly #vary: Vary;
  readonly #user: { number: number; session: number; state: Record<string, unknown>; random: Random };
  #tools: Tools;
  #finish: ((session: Session) => void) | null = null;
  /** Whether what each user does first is done. */
  #hasBegun = false;
  /** The function has ended; requests of it may still be under way. */
  #over = false;
  /** Grows when a session ends or is given up, so that what goes on in its function finds nobody. */
  #turn = 0;
  /** The first fault that no request shows; empty while there is none. */
  #faultKind: Fault | '' = '';

  constructor(playing: Playing, number: number) {
    this.#playing = playing;
    const draw = random(playing.options.seed, number + 1);
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
    const { turnstile } = this.#playing;
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

  /** Made anew when a session was given up, for its function may play on with the old. */
  #equipped(): Tools {
    const tools = equipped(this.#playing, {
      user: this.#user,
      vary: this.#vary,
      checkFailed: (what) => this.#note('check', `check did not hold: ${what}`),
    });
    tools.account.idle = () => {
      if (this.#over && tools === this.#tools) this.#complete();
    };
    return tools;
  }

  #played(): PromiseLike<unknown> {
    const { run, options } = this.#playing.options.scenario;
    const { begin } = options;
    try {
      const promise = (
        begin === undefined || this.#hasBegun ? run(this.#tools.context) : this.#begun(begin, run)
      ) as PromiseLike<unknown> | undefined;
      return typeof promise?.then === 'function' ? promise : Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** The user's first session, or the next after one whose beginning failed. */
  async #begun(begin: ScenarioFunction, run: ScenarioFunction): Promise<void> {
    const { account, context } = this.#tools;
    await context.step('begin', async () => begin(context));
    if (account.isClosed || account.failure !== '' || this.#faultKind !== '') return;
    this.#hasBegun = true;
    await run(context);
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
    if (this.failure === '' && !this.#tools.account.isLate) this.#playing.recorder.good(this.doneMs);
    this.bytesSent = this.#tools.account.bytesSent;
    this.bytesReceived = this.#tools.account.bytesReceived;
    this.pauseMs = this.#thinkMs();
    finish?.(this);
  }

  #thinkMs(): number {
    return thinkMs(this.#playing.options.scenario.options.think ?? 0, this.#user.random);
  }

  #threw(error: unknown): void {
    // A request that failed is known already; that the script gave up over it is no fault of its own.
    if (error instanceof RequestFailed && error.failure !== '') return;
    if (error instanceof FeedEnded) {
      this.#playing.ended = error.message;
      return this.#note('data', error.message);
    }
    const { file } = this.#playing.options;
    this.#note(
      faultOf(error),
      `${error instanceof Error ? error.message : String(error)}${whereThrown(error, file)}`,
    );
  }

  #note(kind: Fault, message: string): void {
    // What follows from the first fault is not to be told in its place.
    if (this.#faultKind !== '') return;
    this.#faultKind = kind;
    this.#playing.scriptError = message;
  }
}

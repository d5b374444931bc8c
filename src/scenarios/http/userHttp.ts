/**
 * The requests of one user, each on a kept connection of the user's own, or a stream of HTTP/2. Bench: bench/run.ts.
 *
 * Calls of a user whose account is closed never end, and send nothing.
 */
import { cancelled } from '../../model/failures.ts';
import type { Account } from '../account.ts';
import type { BodyListener, HttpSession, HttpWire } from '../../protocols/httpWire.ts';
import type { Call, Http, Reply, RequestOptions } from './http.ts';
import { Cookies } from './cookies.ts';
import { handOver } from './handingOver.ts';
import { carriedOn, leadsOn, redirect } from './redirect.ts';
import { KeptReply, pendingCall } from './reply.ts';
import { retryAfterMs } from './retryAfter.ts';
import type { Wires } from './wires.ts';

let settle: (reply: Reply) => void = () => undefined;
const take = (resolve: (reply: Reply) => void): void => {
  settle = resolve;
};

/** Options of requests that the tools of a user make for it. */
export interface UserRequest extends RequestOptions {
  readonly follower?: Follower;
}

/** Follows an answer while it comes. */
export interface Follower {
  /**
   * The request leaves. What was heard before, of a redirect or a refusal, is over.
   * @param cancel ends it before its time, unless it has ended: the connection is closed, or the stream of HTTP/2
   */
  begins(cancel: () => void): void;
  readonly heard: BodyListener;
  /** Why an answer that came whole and well is a failure all the same; empty when it is none. */
  verdict(): string;
  /** It has ended, redirects and all. @param dueMs when it was due, on the worker's own clock */
  ended(dueMs: number, isCancelled: boolean): void;
}

/** What a user does of itself. */
export interface Habits {
  /** How many redirects it follows. */
  readonly redirects: number;
  readonly cookies: 'session' | 'user' | 'none';
}

/** The connections of one user. */
export class UserHttp implements Http {
  readonly #wires: Wires;
  readonly #account: Account;
  readonly #lanes: Lane[] = [];
  readonly #resting = new Map<HttpWire, Lane[]>();
  #lastWire: HttpWire | null = null;
  #lastResting: Lane[] = [];
  readonly #habits: Habits;
  readonly #cookies = new Cookies();

  constructor(wires: Wires, account: Account, habits: Habits) {
    this.#habits = habits;
    this.#wires = wires;
    this.#account = account;
  }

  /** A session begins. */
  begin(): void {
    if (this.#habits.cookies === 'session') this.#cookies.clear();
  }

  get(url: string, options?: RequestOptions): Call {
    return this.request('GET', url, options);
  }
  head(url: string, options?: RequestOptions): Call {
    return this.request('HEAD', url, options);
  }
  post(url: string, options?: RequestOptions): Call {
    return this.request('POST', url, options);
  }
  put(url: string, options?: RequestOptions): Call {
    return this.request('PUT', url, options);
  }
  patch(url: string, options?: RequestOptions): Call {
    return this.request('PATCH', url, options);
  }
  delete(url: string, options?: RequestOptions): Call {
    return this.request('DELETE', url, options);
  }

  request(method: string, url: string, options?: UserRequest): Call {
    if (this.#account.isClosed) return pendingCall(() => undefined);
    const call = pendingCall(take);
    this.#send(method, url, options, settle, this.#redirectsOf(options), options?.retryAfter ?? 0);
    return call;
  }

  #redirectsOf(options: RequestOptions | undefined): number {
    return options?.redirects ?? this.#habits.redirects;
  }

  #send(
    method: string,
    url: string,
    options: UserRequest | undefined,
    resolve: (reply: Reply) => void,
    redirects: number,
    retries: number,
  ): void {
    const cookie = this.#cookies.any ? this.#cookies.header(this.#wires.whole(url)) : '';
    const { request, wire } = this.#wires.prepare(method, url, options, cookie);
    const resting = this.#restingOn(wire);
    const lane = resting.pop() ?? this.#lane(wire, resting);
    const { session } = lane;
    lane.resolve = resolve;
    lane.options = options;
    lane.redirects = redirects;
    lane.retries = retries;
    lane.busy = true;
    lane.turn++;
    this.#account.underWay++;
    session.request = request;
    session.timed = options?.stream === true;
    session.hears = null;
    if (options?.follower !== undefined) this.#follow(lane, options.follower);
    session.exchange(landed);
    lane.dueMs = this.#account.sent(session.sentMs);
  }

  #follow(lane: Lane, follower: Follower): void {
    const { session } = lane;
    session.hears = follower.heard;
    const { turn } = lane;
    follower.begins(() =>
      // Never while the wire reads what it is heard of.
      queueMicrotask(() => {
        if (lane.busy && lane.turn === turn) session.abort(cancelled);
      }),
    );
  }

  /** Gives up what is under way. The account is closed by then. */
  retire(failure: string): void {
    for (const lane of this.#lanes) {
      if (lane.busy) lane.session.abort(failure);
      else lane.session.close();
    }
  }

  /** Drops the connections that rest. */
  close(): void {
    for (const lane of this.#lanes) if (!lane.busy) lane.session.close();
  }

  /** The lanes of a wire that rest. Most users have but one wire: the one they took last is looked at first. */
  #restingOn(wire: HttpWire): Lane[] {
    if (wire === this.#lastWire) return this.#lastResting;
    const resting = this.#resting.get(wire) ?? [];
    this.#resting.set(wire, resting);
    this.#lastWire = wire;
    this.#lastResting = resting;
    return resting;
  }

  #lane(wire: HttpWire, home: Lane[]): Lane {
    const lane = new Lane(this, wire, home);
    this.#lanes.push(lane);
    return lane;
  }

  /** Called when the request on a lane has ended. */
  landed(lane: Lane): void {
    const { session, options, resolve } = lane;
    const { status } = session;
    const accepted = options?.accept?.includes(status) === true;
    const isRefused = session.failure.startsWith('http.');
    let failure = accepted && isRefused ? '' : session.failure;
    // What looks well may be a stream that broke off.
    if (failure === '' && status >= 200 && status < 300) failure = options?.follower?.verdict() ?? '';
    const isCancelled = failure === cancelled;
    let again: (() => void) | null = null;
    const account = this.#account;
    if (!account.isClosed) {
      if (session.setsCookie && status > 0 && this.#habits.cookies !== 'none')
        this.#cookies.keep(session.request.url, session.answer?.cookies() ?? []);
      if (!isCancelled && status >= 300 && status < 400) {
        const onward = this.#onward(lane);
        if (onward !== null && lane.redirects > 0) again = onward;
        else if (this.#redirectsOf(options) > 0 && leadsOn(status)) failure = 'redirects';
      } else if (isRefused && !accepted && lane.retries > 0) again = this.#later(lane);
    }
    // To the script, what it cancelled on purpose has not failed.
    const failing = isCancelled ? '' : failure;
    lane.busy = false;
    account.underWay--;
    const responseMs = session.doneMs - lane.dueMs;
    if (!account.isClosed) {
      account.done(lane.dueMs, session, failure);
      lane.home.push(lane);
      if (again !== null) {
        try {
          return again();
        } catch {
          // What can never be sent is not followed: the script gets the redirect itself.
        }
      }
      account.ended(failing);
    }
    options?.follower?.ended(lane.dueMs, isCancelled);
    handOver(
      resolve,
      new KeptReply(status, failing, responseMs, session.request, session.answer, lane.dueMs),
    );
  }

  /** Follows the redirect that a lane has got; null where there is none that can be followed. */
  #onward({ session, options, resolve, redirects, retries }: Lane): (() => void) | null {
    const { request, status, answer } = session;
    const to = redirect(request.method, request.url, status, answer?.header('location') ?? null);
    if (to === null) return null;
    const carried = carriedOn(options, to);
    return () => this.#send(to.method, to.url.href, carried, resolve, redirects - 1, retries);
  }

  /** Makes the request again when the answer says so; null where it does not say. */
  #later({ session, options, resolve, redirects, retries }: Lane): (() => void) | null {
    const { request, status, answer } = session;
    const waitMs =
      status === 429 || status === 503
        ? retryAfterMs(answer?.header('retry-after') ?? null, Date.now())
        : null;
    if (waitMs === null) return null;
    return () => {
      // It counts as under way, or the session would end meanwhile.
      const account = this.#account;
      account.underWay++;
      setTimeout(() => {
        account.underWay--;
        if (account.isClosed) return;
        this.#send(request.method, request.url.href, options, resolve, redirects, retries - 1);
      }, waitMs);
    };
  }
}

/** A connection of the user, and the request under way on it: kept, so that a request allocates little. */
class Lane {
  /** Where it rests. */
  readonly home: Lane[];
  readonly session: HttpSession;
  readonly user: UserHttp;
  resolve: (reply: Reply) => void = () => undefined;
  options: UserRequest | undefined = undefined;
  /** How many redirects may still be followed, and how often it may be made again. */
  redirects = 0;
  retries = 0;
  dueMs = 0;
  busy = false;
  /** Counts requests: a wish to end an earlier one finds that it is over. */
  turn = 0;

  constructor(user: UserHttp, wire: HttpWire, home: Lane[]) {
    this.user = user;
    this.home = home;
    this.session = wire.session();
    this.session.keeps = true;
    this.session.holder = this;
  }
}

function landed({ holder }: HttpSession): void {
  const lane = holder as Lane;
  lane.user.landed(lane);
}

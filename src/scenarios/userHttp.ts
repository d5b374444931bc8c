/**
 * The requests of one user, each on a kept connection of the user's own, or a stream of HTTP/2. Bench: bench/run.ts.
 *
 * 1. What is sent is told to the tally, and told once when it ends; what was given up is never told as done.
 * 2. A user that was retired sends nothing more: a script that plays on after its session was given up would send what
 *    no level counts. Its calls never end.
 */
import type { Tally } from '../model/tally.ts';
import type { HttpSession, HttpWire } from '../protocols/httpWire.ts';
import type { Call, Http, Reply, RequestOptions } from './http.ts';
import { Cookies } from './cookies.ts';
import { carriedOn, redirect } from './redirect.ts';
import { KeptReply, pendingCall } from './reply.ts';
import { retryAfterMs } from './retryAfter.ts';
import type { Wires } from './wires.ts';

let settle: (reply: Reply) => void = () => undefined;
const take = (resolve: (reply: Reply) => void): void => {
  settle = resolve;
};

/** What a user does of itself. */
export interface Habits {
  /** How many redirects it follows. */
  readonly redirects: number;
  readonly cookies: 'session' | 'user' | 'none';
}

/** The connections of one user. */
export class UserHttp implements Http {
  readonly #wires: Wires;
  readonly #tally: Pick<Tally, 'sent' | 'connected' | 'done'>;
  readonly #lanes: Lane[] = [];
  readonly #resting = new Map<HttpWire, Lane[]>();
  #lastWire: HttpWire | null = null;
  #lastResting: Lane[] = [];
  #retired = false;
  readonly #habits: Habits;
  readonly #cookies = new Cookies();
  /** When the next request was due; NaN: when it is made. */
  #dueMs = Number.NaN;
  /** Requests under way. */
  underWay = 0;
  /** The first failure of the session; empty while there is none. */
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  /** Told when the last request under way has ended. */
  idle: (() => void) | null = null;

  constructor(wires: Wires, tally: Pick<Tally, 'sent' | 'connected' | 'done'>, habits: Habits) {
    this.#habits = habits;
    this.#wires = wires;
    this.#tally = tally;
  }

  /** A session begins, whose first request is due at this instant. */
  begin(dueMs: number): void {
    if (this.#habits.cookies === 'session') this.#cookies.clear();
    this.#dueMs = dueMs;
    this.failure = '';
    this.bytesSent = 0;
    this.bytesReceived = 0;
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

  request(method: string, url: string, options?: RequestOptions): Call {
    if (this.#retired) return pendingCall(() => undefined);
    const call = pendingCall(take);
    this.#send(
      method,
      url,
      options,
      settle,
      options?.redirects ?? this.#habits.redirects,
      options?.retryAfter ?? 0,
    );
    return call;
  }

  #redirectsOf(options: RequestOptions | undefined): number {
    return options?.redirects ?? this.#habits.redirects;
  }

  #send(
    method: string,
    url: string,
    options: RequestOptions | undefined,
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
    this.underWay++;
    session.request = request;
    session.exchange(landed);
    lane.dueMs = Number.isNaN(this.#dueMs) ? session.sentMs : this.#dueMs;
    this.#dueMs = Number.NaN;
    this.#tally.sent(lane.dueMs, session.sentMs);
  }

  /** Gives up what is under way, without telling the tally, and sends nothing more. */
  retire(failure: string): void {
    this.#retired = true;
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
    let again: (() => void) | null = null;
    if (!this.#retired) {
      if (session.setsCookie && status > 0 && this.#habits.cookies !== 'none')
        this.#cookies.keep(session.request.url, session.answer?.cookies() ?? []);
      if (status >= 300 && status < 400) {
        const onward = this.#onward(lane);
        if (lane.redirects > 0) again = onward;
        else if (onward !== null && this.#redirectsOf(options) > 0) failure = 'redirects';
      } else if (isRefused && !accepted && lane.retries > 0) again = this.#later(lane);
    }
    lane.busy = false;
    this.underWay--;
    const responseMs = session.doneMs - lane.dueMs;
    if (!this.#retired) {
      const { connectMs = 0, handshakeMs = 0 } = session;
      if (connectMs > 0) this.#tally.connected(connectMs, handshakeMs);
      this.#tally.done(
        lane.dueMs,
        session.sentMs,
        session.firstMs,
        session.doneMs,
        failure,
        session.bytesSent,
        session.bytesReceived,
      );
      this.bytesSent += session.bytesSent;
      this.bytesReceived += session.bytesReceived;
      lane.home.push(lane);
      if (again !== null) {
        try {
          return again();
        } catch {
          // What can never be sent is not followed: the script gets the redirect itself.
        }
      }
      if (failure !== '' && this.failure === '') this.failure = failure;
      if (this.underWay === 0) this.idle?.();
    }
    resolve(new KeptReply(status, failure, responseMs, session.request, session.answer));
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
      this.underWay++;
      setTimeout(() => {
        this.underWay--;
        if (this.#retired) return;
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
  options: RequestOptions | undefined = undefined;
  /** How many redirects may still be followed, and how often it may be made again. */
  redirects = 0;
  retries = 0;
  dueMs = 0;
  busy = false;

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

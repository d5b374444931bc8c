/**
 * The requests of one user, each on a kept connection of the user's own. Bench: bench/run.ts.
 *
 * 1. What is sent is told to the tally, and told once when it ends; what was given up is never told as done.
 * 2. A user that was retired sends nothing more: a script that plays on after its session was given up would send what
 *    no level counts. Its calls never end.
 */
import type { Tally } from '../model/tally.ts';
import type { Http1, Http1Session } from '../protocols/http1.ts';
import type { Call, Http, Reply, RequestOptions } from './http.ts';
import { KeptReply, PendingCall } from './reply.ts';
import type { Wires } from './wires.ts';

let settle: (reply: Reply) => void = () => undefined;
const take = (resolve: (reply: Reply) => void): void => {
  settle = resolve;
};

/** The connections of one user. */
export class UserHttp implements Http {
  readonly #wires: Wires;
  readonly #tally: Pick<Tally, 'sent' | 'done'>;
  readonly #idle = new Map<Http1, Http1Session[]>();
  readonly #busy = new Set<Flight>();
  #retired = false;
  /** When the next request was due; NaN: when it is made. */
  #dueMs = Number.NaN;
  /** The first failure of the session; empty while there is none. */
  failure = '';
  bytesSent = 0;
  bytesReceived = 0;
  /** Told when the last request under way has ended. */
  idle: (() => void) | null = null;

  constructor(wires: Wires, tally: Pick<Tally, 'sent' | 'done'>) {
    this.#wires = wires;
    this.#tally = tally;
  }

  get underWay(): number {
    return this.#busy.size;
  }

  /** A session begins, whose first request is due at this instant. */
  begin(dueMs: number): void {
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
    if (this.#retired) return new PendingCall(() => undefined);
    const { request, wire } = this.#wires.prepare(method, url, options);
    const session = this.#session(wire);
    session.request = request;
    const call = new PendingCall(take);
    const flight = new Flight(this, wire, session, settle, options?.accept);
    this.#busy.add(flight);
    session.exchange(flight.finish);
    flight.dueMs = Number.isNaN(this.#dueMs) ? session.sentMs : this.#dueMs;
    this.#dueMs = Number.NaN;
    this.#tally.sent(flight.dueMs, session.sentMs);
    return call;
  }

  /** Called by a flight. */
  landed(flight: Flight, failure: string): void {
    const { session } = flight;
    this.#busy.delete(flight);
    this.#tally.done(
      flight.dueMs,
      session.sentMs,
      session.firstMs,
      session.doneMs,
      failure,
      session.bytesSent,
      session.bytesReceived,
    );
    this.bytesSent += session.bytesSent;
    this.bytesReceived += session.bytesReceived;
    if (failure !== '' && this.failure === '') this.failure = failure;
    this.#idle.get(flight.wire)?.push(session);
    if (this.#busy.size === 0) this.idle?.();
  }

  /** Gives up what is under way, without telling the tally, and sends nothing more. */
  retire(failure: string): void {
    this.#retired = true;
    for (const flight of this.#busy) {
      flight.abandoned = true;
      flight.session.abort(failure);
    }
    this.#busy.clear();
    this.close();
  }

  /** Drops the connections that rest. */
  close(): void {
    for (const sessions of this.#idle.values()) for (const session of sessions) session.close();
  }

  #session(wire: Http1): Http1Session {
    const resting = this.#idle.get(wire);
    const known = resting?.pop();
    if (known !== undefined) return known;
    if (resting === undefined) this.#idle.set(wire, []);
    const session = wire.session();
    session.keeps = true;
    return session;
  }
}

/** One request under way. */
class Flight {
  readonly user: UserHttp;
  readonly wire: Http1;
  readonly session: Http1Session;
  readonly finish: () => void;
  dueMs = 0;
  abandoned = false;

  constructor(
    user: UserHttp,
    wire: Http1,
    session: Http1Session,
    resolve: (reply: Reply) => void,
    accept: readonly number[] | undefined,
  ) {
    this.user = user;
    this.wire = wire;
    this.session = session;
    this.finish = () => {
      const { status, answer, doneMs } = session;
      const failure =
        accept?.includes(status) === true && session.failure.startsWith('http.') ? '' : session.failure;
      if (!this.abandoned) user.landed(this, failure);
      resolve(new KeptReply(status, failure, doneMs - this.dueMs, answer));
    };
  }
}

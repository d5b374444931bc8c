/**
 * A target in virtual time, behind the same Protocol as a real wire: some servers, one queue, first come first served.
 * Its sessions hold the engine to the contract: one exchange at a time, ended once, never inside `exchange`.
 */
import type { Protocol, Session } from '../../src/protocols/protocol.ts';
import type { VirtualTime } from './virtualTime.ts';

export interface VirtualServerOptions {
  /** Infinite when left out. */
  readonly servers?: number;
  /** @param nowMs when service begins */
  readonly serviceMs: (nowMs: number) => number;
  /** A failure kind that refuses the request at once; '' lets it in. */
  readonly refuse?: (nowMs: number) => string;
}

const refusedAfterMs = 0.1;

export class VirtualServer implements Protocol {
  readonly name = 'virtual';
  readonly counts = { connections: 0, retries: 0 };
  readonly #time: VirtualTime;
  readonly #options: VirtualServerOptions;
  readonly #queue: VirtualSession[] = [];
  #busy = 0;
  /** Requests that came in, answers that left, and the most that were ever inside. */
  received = 0;
  answered = 0;
  inside = 0;
  mostInside = 0;

  constructor(time: VirtualTime, options: VirtualServerOptions) {
    this.#time = time;
    this.#options = options;
  }

  session(): Session {
    return new VirtualSession(this, this.#time);
  }

  enter(session: VirtualSession): void {
    this.received++;
    this.inside++;
    this.mostInside = Math.max(this.mostInside, this.inside);
    const failure = this.#options.refuse?.(this.#time.nowMs()) ?? '';
    if (failure !== '') {
      const turn = session.turn;
      this.#time.after(refusedAfterMs, () => this.#leave(session, turn, failure));
    } else if (this.#busy < (this.#options.servers ?? Number.POSITIVE_INFINITY)) this.#serve(session);
    else this.#queue.push(session);
  }

  /** The generator gave up; the server works on what it has begun. */
  forget(session: VirtualSession): void {
    const place = this.#queue.indexOf(session);
    if (place >= 0) this.#queue.splice(place, 1);
    this.inside--;
  }

  #serve(session: VirtualSession): void {
    this.#busy++;
    const turn = session.turn;
    this.#time.after(this.#options.serviceMs(this.#time.nowMs()), () => {
      this.#busy--;
      const next = this.#queue.shift();
      if (next !== undefined) this.#serve(next);
      this.#leave(session, turn, '');
    });
  }

  #leave(session: VirtualSession, turn: number, failure: string): void {
    if (turn !== session.turn) return;
    this.inside--;
    if (failure === '') this.answered++;
    session.end(failure);
  }
}

class VirtualSession implements Session {
  sentMs = 0;
  firstMs = 0;
  doneMs = 0;
  failure = '';
  readonly bytesSent = 70;
  readonly bytesReceived = 130;
  /** Grows with every exchange: an answer to one that was aborted finds nobody. */
  turn = 0;
  #connected = false;
  #finish: ((session: Session) => void) | null = null;
  readonly #server: VirtualServer;
  readonly #time: VirtualTime;

  constructor(server: VirtualServer, time: VirtualTime) {
    this.#server = server;
    this.#time = time;
  }

  exchange(finish: (session: Session) => void): void {
    if (this.#finish !== null) throw new Error('a session has at most one exchange under way');
    this.#finish = finish;
    this.turn++;
    this.sentMs = this.#time.nowMs();
    if (!this.#connected) this.#server.counts.connections++;
    this.#connected = true;
    this.#server.enter(this);
  }

  end(failure: string): void {
    this.doneMs = this.#time.nowMs();
    this.firstMs = failure === '' ? this.doneMs : 0;
    this.failure = failure;
    if (failure !== '' && !failure.startsWith('http.')) this.#connected = false;
    const finish = this.#finish;
    this.#finish = null;
    finish?.(this);
  }

  abort(failure: string): void {
    this.#connected = false;
    if (this.#finish === null) return;
    this.turn++;
    this.#server.forget(this);
    this.end(failure);
  }

  close(): void {
    if (this.#finish !== null) throw new Error('close() with an exchange under way');
    this.#connected = false;
  }
}

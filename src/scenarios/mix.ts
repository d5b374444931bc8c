/**
 * Several scenarios side by side, as one protocol of the engine: a mix of user classes by their weights.
 *
 * 1. Closed load: a user is of one class, and stays what it is. Open load: each arrival is of the class whose turn it is,
 *    whichever user plays it, so that a class of long sessions gets its share.
 * 2. Sessions are counted together by the engine, and apart by name by the recorder; so are steps, under the name of
 *    their scenario.
 */
import { performance } from 'node:perf_hooks';
import type { Load } from '../model/load.ts';
import type { Protocol, Session } from '../protocols/protocol.ts';
import { Player, type PlayOptions, type SessionRecorder } from './player.ts';
import type { Scenario } from './scenario.ts';
import { Turns } from './turns.ts';

export interface MixRecorder extends SessionRecorder {
  /** The end of a session of this scenario. */
  session(scenario: string, durationMs: number, failed: boolean, nowMs: number): void;
}

export interface MixOptions extends Omit<PlayOptions, 'scenario'> {
  readonly scenarios: readonly Scenario[];
}

export class Mix implements Protocol {
  readonly name = 'mix';
  readonly recorder: MixRecorder;
  readonly players: readonly Player[];
  readonly #turns: Turns;
  readonly #share: number;
  readonly #shares: number;
  #users = 0;
  #arrivals = 0;
  /** Whether arrivals take turns; else users do. */
  open = false;

  constructor({ scenarios, ...options }: MixOptions, recorder: MixRecorder) {
    this.recorder = recorder;
    this.#turns = new Turns(scenarios.map((scenario) => scenario.options.weight ?? 1));
    this.#share = options.share;
    this.#shares = options.shares;
    this.players = scenarios.map((scenario, index) => {
      const named: SessionRecorder = {
        requests: recorder.requests,
        step: (name, ...rest) => recorder.step(`${scenario.name} / ${name}`, ...rest),
        time: (name, ...rest) => recorder.time(`${scenario.name} / ${name}`, ...rest),
        count: (name, ...rest) => recorder.count(name, ...rest),
        good: (nowMs) => recorder.good(nowMs),
        messages: (...rest) => recorder.messages(...rest),
        queued: (name, ...rest) => recorder.queued(`${scenario.name} / ${name}`, ...rest),
      };
      // Numbers of users differ between scenarios as they do between threads.
      const share = options.share * scenarios.length + index;
      return new Player({ ...options, scenario, share, shares: options.shares * scenarios.length }, named);
    });
  }

  get counts(): { connections: number; retries: number } {
    const sum = { connections: 0, retries: 0 };
    for (const { counts } of this.players) {
      sum.connections += counts.connections;
      sum.retries += counts.retries;
    }
    return sum;
  }

  get openChannels(): number | null {
    const known = this.players.flatMap(({ openChannels }) => openChannels ?? []);
    return known.length === 0 ? null : known.reduce((sum, open) => sum + open, 0);
  }

  get ended(): string {
    return this.#said(({ ended }) => ended);
  }

  get lastError(): string {
    return this.#said(({ lastError }) => lastError);
  }

  get lastRedirect(): string {
    return this.#said(({ lastRedirect }) => lastRedirect);
  }

  begin(load: Load): void {
    this.open = load.kind === 'open';
  }

  session(): Session {
    return new MixedUser(this, this.#classAt(this.#users++));
  }

  /** The class of the next arrival. */
  nextArrival(): number {
    return this.#classAt(this.#arrivals++);
  }

  /** What the first player says that says anything. */
  #said(of: (player: Player) => string): string {
    return this.players.map(of).find((text) => text !== '') ?? '';
  }

  #classAt(nth: number): number {
    return this.#turns.at(nth * this.#shares + this.#share);
  }
}

/** A user of a mix: a session of each class that it has played, one at a time. */
class MixedUser implements Session {
  holder: unknown = null;
  readonly #mix: Mix;
  readonly #ownClass: number;
  readonly #sessions: (Session | undefined)[] = [];
  #class: number;
  #now: Session;

  constructor(mix: Mix, ownClass: number) {
    this.#mix = mix;
    this.#ownClass = this.#class = ownClass;
    this.#now = this.#of(ownClass);
  }

  get sentMs(): number {
    return this.#now.sentMs;
  }
  get firstMs(): number {
    return this.#now.firstMs;
  }
  get doneMs(): number {
    return this.#now.doneMs;
  }
  get failure(): string {
    return this.#now.failure;
  }
  get bytesSent(): number {
    return this.#now.bytesSent;
  }
  get bytesReceived(): number {
    return this.#now.bytesReceived;
  }
  get pauseMs(): number {
    return this.#now.pauseMs ?? 0;
  }

  exchange(finish: (session: Session) => void, dueMs = performance.now()): void {
    const mix = this.#mix;
    this.#class = mix.open ? mix.nextArrival() : this.#ownClass;
    this.#now = this.#of(this.#class);
    this.#now.exchange((session) => {
      // What was given up is counted by nobody.
      if (session.failure !== 'abandoned') {
        const { scenario } = mix.players[this.#class]!.options;
        const durationMs = session.doneMs - session.sentMs;
        mix.recorder.session(scenario.name, durationMs, session.failure !== '', session.doneMs);
      }
      finish(this);
    }, dueMs);
  }

  abort(failure: string): void {
    this.#now.abort(failure);
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
  }

  #of(index: number): Session {
    return (this.#sessions[index] ??= this.#mix.players[index]!.session());
  }
}

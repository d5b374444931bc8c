/**
 * Several scenarios side by side, as one protocol of the engine: a mix of user classes by their weights.
 *
 * 1. Closed load: a user is of one class, and stays what it is. Open load: each arrival is of the class whose turn it is,
 *    whichever user plays it, so that a class of long sessions gets its share.
 * 2. Sessions are counted together by the engine, and apart by name by the recorder; so are steps, under the name of
 *    their scenario.
 * 3. In the heavy mix the scenarios that are marked heavy play four sessions of five, or more where they did so before. A user
 *    may then be of another class.
 */
import { performance } from 'node:perf_hooks';
import type { Load, Variant } from '../model/load.ts';
import type { Protocol, Session } from '../protocols/protocol.ts';
import { Player } from './player.ts';
import type { PlayOptions, SessionRecorder } from './playing.ts';
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
  readonly #usual: Turns;
  readonly #heavy: Turns;
  readonly #share: number;
  readonly #shares: number;
  #turns: Turns;
  #users = 0;
  #arrivals = 0;
  /** Whether arrivals take turns; else users do. */
  open = false;

  constructor({ scenarios, ...options }: MixOptions, recorder: MixRecorder) {
    this.recorder = recorder;
    this.#usual = this.#turns = new Turns(scenarios.map(weightOf));
    this.#heavy = new Turns(heavyWeights(scenarios));
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
        enqueued: (name, nowMs) => recorder.enqueued(`${scenario.name} / ${name}`, nowMs),
        completed: (name, ...rest) => recorder.completed(`${scenario.name} / ${name}`, ...rest),
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

  begin(load: Load, variant?: Variant): void {
    this.open = load.kind === 'open';
    this.#turns = variant?.kind === 'mix' && variant.mix === 'heavy' ? this.#heavy : this.#usual;
  }

  session(): Session {
    return new MixedUser(this, this.#users++);
  }

  /** The class of the next arrival. */
  nextArrival(): number {
    return this.classAt(this.#arrivals++);
  }

  /** What the first player says that says anything. */
  #said(of: (player: Player) => string): string {
    return this.players.map(of).find((text) => text !== '') ?? '';
  }

  /** The class of the nth user of this thread, or of its nth arrival. */
  classAt(nth: number): number {
    return this.#turns.at(nth * this.#shares + this.#share);
  }
}

const weightOf = ({ options }: Scenario): number => options.weight ?? 1;

/** The least share of the sessions that those marked heavy have in the heavy mix. */
const heavyShare = 0.8;

/** Weights by which those that are marked play most; those given where none or all are. */
export function heavyWeights(scenarios: readonly Scenario[]): number[] {
  const sum = (of: readonly Scenario[]): number => of.reduce((so, each) => so + weightOf(each), 0);
  const [all, heavy] = [sum(scenarios), sum(scenarios.filter(({ options }) => options.heavy === true))];
  if (heavy === 0 || heavy === all) return scenarios.map(weightOf);
  const share = Math.max(heavyShare, (1 + heavy / all) / 2);
  return scenarios.map((each) =>
    each.options.heavy === true
      ? (share * weightOf(each)) / heavy
      : ((1 - share) * weightOf(each)) / (all - heavy),
  );
}

/** A user of a mix: a session of each class that it has played, one at a time. */
class MixedUser implements Session {
  holder: unknown = null;
  readonly #mix: Mix;
  readonly #nth: number;
  readonly #sessions: (Session | undefined)[] = [];
  #class: number;
  #now: Session;

  /** @param nth which user of this thread it is, from 0 */
  constructor(mix: Mix, nth: number) {
    this.#mix = mix;
    this.#nth = nth;
    this.#class = mix.classAt(nth);
    this.#now = this.#of(this.#class);
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
    this.#class = mix.open ? mix.nextArrival() : mix.classAt(this.#nth);
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

/**
 * Plays a scenario as the engine's protocol: a session of the engine is a user, and an exchange one session of that user
 * (scriptedUser.ts). The engine counts sessions; their requests, steps and checks are told to the recorder that the player is
 * given.
 */
import type { Protocol, Session } from '../protocols/protocol.ts';
import { ChildGroups } from './commands/childGroups.ts';
import type { CommandGround } from './commands/userCommands.ts';
import type { Cursor } from './feed.ts';
import type { Habits } from './http/userHttp.ts';
import { Wires } from './http/wires.ts';
import type { Playing, PlayOptions, SessionRecorder } from './playing.ts';
import { ScriptedUser } from './scriptedUser.ts';
import { Turnstile } from './turnstile.ts';
import { WebhookReceiver } from './webhooks/receiver.ts';

/** Of so many names the limits are kept at hand: a script may make up names without end. */
const limitsMost = 1000;

export class Player implements Protocol, Playing {
  readonly name = 'scenario';
  readonly options: PlayOptions;
  readonly recorder: SessionRecorder;
  readonly wires: Wires;
  readonly habits: Habits;
  readonly data: Readonly<Record<string, Cursor>>;
  readonly ground: CommandGround;
  readonly webhooks = new WebhookReceiver();
  readonly turnstile: Turnstile | null;
  ended = '';
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

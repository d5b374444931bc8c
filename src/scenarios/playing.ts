/** What all users of a scenario in one thread share: its options, its wires, and whom they tell. The player is one (player.ts). */
import type { Limits } from '../model/objectives.ts';
import type { MessageSlice } from '../model/slice.ts';
import type { Tally } from '../model/tally.ts';
import type { ChildGroups } from './commands/childGroups.ts';
import type { CommandGround } from './commands/userCommands.ts';
import type { Databases } from './databases/databases.ts';
import type { Cursor } from './feed.ts';
import type { OpenFeeds } from './feedFile.ts';
import type { GrpcTargets } from './grpc/grpcTargets.ts';
import type { Habits } from './http/userHttp.ts';
import type { Wires, WireOptions } from './http/wires.ts';
import type { ChatBooks } from './llm/chatBooks.ts';
import type { Scenario } from './scenario.ts';
import type { SetupValues } from './setup.ts';
import type { Turnstile } from './turnstile.ts';
import type { WebhookReceiver } from './webhooks/receiver.ts';

/** What a player tells: requests by their instants, steps by name. The tally of sessions is one. */
export interface SessionRecorder {
  readonly requests: Pick<Tally, 'sent' | 'connected' | 'done'>;
  step(name: string, durationMs: number, failed: boolean, nowMs: number): void;
  time(name: string, ms: number, nowMs: number): void;
  count(name: string, amount: number, nowMs: number): void;
  /** The end of a session in which nothing failed or took longer than it may. */
  good(nowMs: number): void;
  messages(change: Partial<MessageSlice>, nowMs: number): void;
  enqueued(name: string, nowMs: number): void;
  /** @returns whether it counts: the job was enqueued under the load that is held now */
  completed(name: string, enqueuedMs: number, nowMs: number): boolean;
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

export interface Playing {
  readonly options: PlayOptions;
  readonly recorder: SessionRecorder;
  readonly wires: Wires;
  readonly habits: Habits;
  readonly data: Readonly<Record<string, Cursor>>;
  readonly ground: CommandGround;
  readonly webhooks: WebhookReceiver;
  /** Where functions wait for the thread; null where they are not the target. */
  readonly turnstile: Turnstile | null;
  /** What was said when the rows of a feed had all been given; empty while there are more. */
  ended: string;
  /** What a person should read about the last script that failed; empty while none did. */
  scriptError: string;
  /** How long a step or time of this name may take. */
  limitMs(name: string): number;
}

/**
 * What the main thread and its workers say to each other. Plain data, structured-cloned.
 *
 *   main -> worker   hold (a load, from now) | rest (send no more) | abandon (give up what is in flight) | quit
 *   worker -> main   ready | slice (one second, and a last shorter one) | rested (nothing is in flight) | ended (no data left)
 *                    script-cost (what of a busy thread's work is the script's; once)
 *
 * Failure: a worker that throws ends with an 'error' event; the crew turns it into PLM_WORKER.
 */
import type { Limits } from '../model/objectives.ts';
import type { Report } from '../model/report.ts';
import type { ScriptCost } from '../model/scriptCost.ts';
import type { Slice } from '../model/slice.ts';
import type { Route } from '../protocols/route.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { RowCounts } from '../scenarios/feed.ts';
import type { Told } from '../scenarios/grpc/grpcTargets.ts';
import type { ChatCounting } from '../scenarios/llm/chatBooks.ts';
import type { Assignment } from './driver.ts';

/** What a worker loads: one HTTP request, sent again and again, or the sessions of a scenario. */
export interface HttpTarget {
  readonly kind: Report['target']['kind'];
  /** Of a scenario the base URL; null for a function, which asks nobody. */
  readonly url: string | null;
  /** The file of a scenario, or what a recipe was made from; null for the one request. */
  readonly scenario: string | null;
  readonly recipe: Recipe | null;
  /** Of the scenarios in it; none for the one request. */
  readonly names: readonly string[];
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
  readonly timeoutMs: number;
  readonly insecure: boolean;
  readonly route: Route;
  /** HTTP/2 or gRPC, with so many streams on a connection; null for HTTP/1.1. */
  readonly streams: number | null;
  /** How chats of its scenarios are counted and priced. */
  readonly chats: ChatCounting;
}

/** What each worker is started with. */
export interface WorkerData {
  readonly target: HttpTarget;
  /** What the setup of its scenarios returned, by their names. */
  readonly setup: Readonly<Record<string, unknown>>;
  /** What targets of gRPC said of their methods. */
  readonly told: Told;
  readonly seed: number;
  /** Which of the workers it is, from 0, and how many there are. */
  readonly share: number;
  readonly shares: number;
  readonly limits: Limits;
  /** How many rows of each feed were given, over all workers. */
  readonly given: RowCounts;
  /** Where commands under way are noted (scenarios/commands/childGroups.ts). */
  readonly groups: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: 'hold'; readonly assignment: Assignment }
  | { readonly kind: 'rest' }
  | { readonly kind: 'abandon' }
  | { readonly kind: 'quit' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'ended'; readonly what: string }
  | { readonly kind: 'script-cost'; readonly cost: ScriptCost }
  | {
      readonly kind: 'rested';
      /** Requests sent once more on a fresh connection since the worker last rested. */
      readonly retried: number;
      readonly lastError: string;
      readonly lastRedirect: string;
    };

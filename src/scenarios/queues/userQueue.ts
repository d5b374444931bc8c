/** The queues of one user's session (queue.ts): told to the recorder while the session's account is open. */
import { performance } from 'node:perf_hooks';
import type { Job, Queue, Taken } from './queue.ts';

export interface QueueRecorder {
  time(name: string, ms: number): void;
  enqueued(name: string): void;
  /** @returns whether it counts: the job was enqueued under the load that is held now */
  completed(name: string, enqueuedMs: number): boolean;
}

const nothing: Job = { completed: () => undefined };

export class UserQueue implements Queue {
  readonly #recorder: QueueRecorder;

  constructor(recorder: QueueRecorder) {
    this.#recorder = recorder;
  }

  enqueued(by: Taken = { ok: true, responseMs: 0 }, name = 'completion'): Job {
    if (name === '')
      throw new TypeError(
        "queue.enqueued(taken, '') names no queue: leave the name out for 'completion', or give one",
      );
    if (!by.ok) return nothing;
    const recorder = this.#recorder;
    const enqueuedMs = performance.now();
    const dueMs = by.dueMs ?? enqueuedMs - by.responseMs;
    let isDone = false;
    recorder.enqueued(name);
    return {
      completed: () => {
        if (isDone) return;
        isDone = true;
        if (recorder.completed(name, enqueuedMs)) recorder.time(name, performance.now() - dueMs);
      },
    };
  }
}

/**
 * The `queue` of a scenario: work that the target takes at once and does later.
 *
 *     const job = queue.enqueued(await http.post('/jobs', { json: { say: 'hello' } }));
 *     await done.called(30);            // or a message of a WebSocket, or a poll
 *     job.completed();
 *
 * 1. Backlog is what was enqueued and is not completed: of each second and each level, with the rate at which it drains once
 *    the load has ended.
 * 2. From when the request was due that enqueued it until `completed` is the time `completion`, which stands beside the steps and
 *    may be an objective.
 * 3. A reply that failed has enqueued nothing. A job is completed once, and counts under the load it was
 *    enqueued under; one that never is stays in the backlog, and took longer
 *    than any limit.
 */
export interface Queue {
  /**
   * The target has taken a job.
   * @param by the reply that says so; the time begins now when left out
   * @param name of the queue and of its time, where there are several; `completion` when left out
   * @throws TypeError for an empty name
   */
  enqueued(by?: Taken, name?: string): Job;
}

/** A reply of `http`, for example. */
export interface Taken {
  readonly ok: boolean;
  readonly responseMs: number;
  /** When its request was due, where the reply knows that; else it is taken to have ended just now. */
  readonly dueMs?: number;
}

export interface Job {
  /** It is known to be done. A session other than the one that enqueued it may say so too. */
  completed(): void;
}

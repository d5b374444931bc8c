/**
 * The `webhook` of a scenario: an address that the target calls when work is done that it took before.
 *
 *     const done = await webhook.expect();
 *     await http.post('/jobs', { json: { say: 'hello', callback: done.url } });
 *     measure('completion', (await done.called(30)).afterMs);
 *
 * 1. It listens on 127.0.0.1 alone, with one port for a scenario in a thread, opened with the first address: for targets on this machine.
 * 2. An address is of one session, and called once. Later calls, and those after the session, are answered with 410 and not told.
 * 3. A call is no request of ours, and counts as none. One that is waited for in vain fails the session (`missed`).
 */
export interface Webhooks {
  /** An address of its own. */
  expect(): Promise<Webhook>;
}

export interface Webhook {
  readonly url: string;
  /** The call, once it has come. @param seconds how long it is waited for, 60 when left out */
  called(seconds?: number): Promise<WebhookCall>;
}

export interface WebhookCall {
  readonly method: string;
  /** Milliseconds from `expect` until the call had come whole. */
  readonly afterMs: number;
  /** @param name in any case. @returns null where it has no such header */
  header(name: string): string | null;
  /** Of the body, the first 1 MiB. */
  text(): string;
  /** @throws where the body is no JSON */
  json<Value = unknown>(): Value;
}

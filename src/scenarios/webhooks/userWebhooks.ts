/** The addresses of one user's session (webhook.ts): given up with it. */
import { performance } from 'node:perf_hooks';
import type { Account } from '../account.ts';
import { jsonIn } from '../http/reply.ts';
import { MessageMissed } from '../messageMissed.ts';
import type { Received, WebhookReceiver } from './receiver.ts';
import type { Webhook, WebhookCall, Webhooks } from './webhook.ts';

export class UserWebhooks implements Webhooks {
  readonly #receiver: WebhookReceiver;
  readonly #account: Account;
  readonly #given = new Set<() => void>();

  constructor(receiver: WebhookReceiver, account: Account) {
    this.#receiver = receiver;
    this.#account = account;
  }

  async expect(): Promise<Webhook> {
    if (this.#account.isClosed) return new Promise(() => undefined);
    let came: (call: WebhookCall) => void = () => undefined;
    const call = new Promise<WebhookCall>((resolve) => (came = resolve));
    const fromMs = performance.now();
    const { url, forget } = await this.#receiver.expect((received) => came(callOf(received, fromMs)));
    this.#given.add(forget);
    return { url, called: (seconds = 60) => this.#within(call, seconds) };
  }

  /** Gives up all addresses: whoever calls them now is told that nobody is there. */
  retire(): void {
    for (const forget of this.#given) forget();
    this.#given.clear();
  }

  #within(call: Promise<WebhookCall>, seconds: number): Promise<WebhookCall> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        if (!this.#account.isClosed)
          reject(new MessageMissed(`the webhook was not called within ${seconds} s`));
      }, seconds * 1000);
      void call.then((came) => {
        clearTimeout(late);
        if (!this.#account.isClosed) resolve(came);
      });
    });
  }
}

function callOf({ method, headers, body, atMs }: Received, fromMs: number): WebhookCall {
  const text = (): string => body.toString('utf8');
  return {
    method,
    afterMs: atMs - fromMs,
    header: (name) => [headers[name.toLowerCase()] ?? []].flat().join(', ') || null,
    text,
    json: <Value>() => jsonIn<Value>(text(), 'the call of the webhook'),
  };
}

import { describe, expect, it, type TestContext } from 'vitest';
import { Account } from '../account.ts';
import { MessageMissed } from '../messageMissed.ts';
import { WebhookReceiver } from './receiver.ts';
import { UserWebhooks } from './userWebhooks.ts';

function user({ onTestFinished }: TestContext, receiver = new WebhookReceiver()) {
  const account = new Account({ connected: () => undefined, sent: () => undefined, done: () => undefined });
  const webhooks = new UserWebhooks(receiver, account);
  onTestFinished(() => {
    account.close();
    webhooks.retire();
  });
  return { account, webhooks };
}

const call = async (url: string, body = '{"id":7}'): Promise<number> =>
  (await fetch(url, { method: 'POST', body, headers: { 'x-of': 'job' } })).status;

describe('an address of a session', () => {
  it('is on this machine, its own, and tells the one call that comes', async (context) => {
    const { webhooks } = user(context);
    const [one, two] = [await webhooks.expect(), await webhooks.expect()];
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]{36}$/);
    expect(new URL(two.url).origin).toBe(new URL(one.url).origin);
    const waiting = two.called();
    expect(await call(two.url)).toBe(204);
    const came = await waiting;
    expect([came.method, came.header('X-Of'), came.header('x-none'), came.json()]).toEqual([
      'POST',
      'job',
      null,
      { id: 7 },
    ]);
    expect(came.afterMs).toBeGreaterThan(0);
    expect(await call(two.url)).toBe(410);
  });

  it('may be called before it is waited for', async (context) => {
    const { webhooks } = user(context);
    const done = await webhooks.expect();
    await call(done.url, 'not json');
    const came = await done.called(5);
    expect(came.text()).toBe('not json');
    expect(() => came.json()).toThrow('the call of the webhook is no JSON');
  });

  it('that is waited for in vain has failed', async (context) => {
    const done = await user(context).webhooks.expect();
    const waiting = done.called(0.03);
    await expect(waiting).rejects.toThrow(MessageMissed);
    await expect(waiting).rejects.toThrow('within 0.03 s');
  });

  it('is given up with the session: whoever calls it then is told so', async (context) => {
    const receiver = new WebhookReceiver();
    const [mine, other] = [user(context, receiver), user(context, receiver)];
    const [done, kept] = [await mine.webhooks.expect(), await other.webhooks.expect()];
    mine.webhooks.retire();
    expect([await call(done.url), await call(kept.url)]).toEqual([410, 204]);
  });
});

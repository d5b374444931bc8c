/**
 * What every protocol's Session promises (../protocol.ts), as tests any protocol can run.
 *
 * A protocol brings a stand: a target of its own wire that behaves in one of these ways.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Protocol, Session } from '../protocol.ts';

/**
 * answers: with success, kept connections and all.
 * silent: accepts the request and never answers.
 * breaks: resets the connection in the middle of each answer.
 * refuses: nothing listens.
 */
export type Behaviour = 'answers' | 'silent' | 'breaks' | 'refuses';

export interface Stand {
  /** Its timeout is 100 ms where the target is silent, and long enough never to be met elsewhere. */
  readonly protocol: Protocol;
  /** Requests the target has received so far. */
  requests(): number;
  close(): Promise<void>;
}

/** Ends an exchange as a promise, and fails if it ends twice or inside the call. */
export function exchanged(session: Session): Promise<Session> {
  return new Promise((resolve, reject) => {
    let inside = true;
    let ends = 0;
    session.exchange((ended) => {
      ends++;
      if (inside) reject(new Error('finish was called inside exchange()'));
      else if (ends > 1) reject(new Error('finish was called twice'));
      else if (ended !== session) reject(new Error('finish was called with another session'));
      // Give a second call the chance to be seen.
      else setImmediate(() => setImmediate(() => resolve(ended)));
    });
    inside = false;
  });
}

export function sessionContract(name: string, stand: (behaviour: Behaviour) => Promise<Stand>): void {
  describe(`the session contract: ${name}`, () => {
    const stands: Stand[] = [];
    const open = async (behaviour: Behaviour): Promise<Stand> => {
      const one = await stand(behaviour);
      stands.push(one);
      return one;
    };
    afterEach(async () => {
      for (const one of stands.splice(0)) await one.close();
    });

    it('brings three exchanges to success over one connection, with instants in order', async () => {
      const { protocol, requests } = await open('answers');
      const session = protocol.session();
      const beforeMs = performance.now();
      let previousDoneMs = beforeMs;
      for (let nth = 1; nth <= 3; nth++) {
        await exchanged(session);
        expect(session.failure).toBe('');
        expect(session.sentMs).toBeGreaterThanOrEqual(previousDoneMs);
        expect(session.firstMs).toBeGreaterThanOrEqual(session.sentMs);
        expect(session.doneMs).toBeGreaterThanOrEqual(session.firstMs);
        expect(session.doneMs).toBeLessThanOrEqual(performance.now());
        expect(session.bytesSent).toBeGreaterThan(0);
        expect(session.bytesReceived).toBeGreaterThan(0);
        previousDoneMs = session.doneMs;
      }
      expect(requests()).toBe(3);
      expect(protocol.counts).toEqual({ connections: 1, retries: 0 });
      session.close();
    });

    it('begins the next exchange inside finish', async () => {
      const { protocol, requests } = await open('answers');
      const session = protocol.session();
      let done = 0;
      await new Promise<void>((resolve) => {
        const again = (): void => {
          if (++done === 17) resolve();
          else session.exchange(again);
        };
        session.exchange(again);
      });
      expect(requests()).toBe(17);
      expect(session.failure).toBe('');
      session.close();
    });

    it('counts as many requests as the target does, over 23 sessions of 7 exchanges', async () => {
      const { protocol, requests } = await open('answers');
      const sessions = Array.from({ length: 23 }, () => protocol.session());
      await Promise.all(
        sessions.map(async (session) => {
          for (let nth = 0; nth < 7; nth++) {
            await exchanged(session);
            expect(session.failure).toBe('');
          }
        }),
      );
      expect(requests()).toBe(161);
      expect(protocol.counts.connections).toBe(23);
      for (const session of sessions) session.close();
    });

    it('refuses a second exchange while one is under way', async () => {
      const { protocol } = await open('answers');
      const session = protocol.session();
      const first = exchanged(session);
      expect(() => session.exchange(() => undefined)).toThrow(/one exchange/);
      await first;
      expect(session.failure).toBe('');
      session.close();
    });

    it('reconnects after close', async () => {
      const { protocol } = await open('answers');
      const session = protocol.session();
      await exchanged(session);
      session.close();
      session.close();
      await exchanged(session);
      expect(session.failure).toBe('');
      expect(protocol.counts).toEqual({ connections: 2, retries: 0 });
      session.close();
    });

    it('ends in a timeout when the target is silent, and serves again afterwards', async () => {
      const { protocol, requests } = await open('silent');
      const session = protocol.session();
      for (let nth = 1; nth <= 2; nth++) {
        await exchanged(session);
        expect(session.failure).toBe('timeout');
        expect(session.firstMs).toBe(0);
        expect(session.doneMs - session.sentMs).toBeGreaterThanOrEqual(100);
        expect(session.doneMs - session.sentMs).toBeLessThan(1000);
      }
      expect(requests()).toBe(2);
    });

    it('ends in the kind that abort names, exactly once, and serves again afterwards', async () => {
      const { protocol } = await open('silent');
      const session = protocol.session();
      const ended = exchanged(session);
      setTimeout(() => session.abort('stopped'), 20);
      await ended;
      expect(session.failure).toBe('stopped');
      expect(session.doneMs).toBeGreaterThanOrEqual(session.sentMs);
      session.abort('nothing under way');
      expect(session.failure).toBe('stopped');
      await exchanged(session);
      expect(session.failure).toBe('timeout');
    });

    it('is aborted right after exchange, before anything is connected', async () => {
      const { protocol } = await open('answers');
      const session = protocol.session();
      const ended: string[] = [];
      session.exchange((one) => ended.push(one.failure));
      session.abort('at once');
      expect(ended).toEqual(['at once']);
      await exchanged(session);
      expect(session.failure).toBe('');
      expect(ended).toEqual(['at once']);
      session.close();
    });

    it('ends in reset or closed when the answer breaks off, and each exchange tries anew', async () => {
      const { protocol, requests } = await open('breaks');
      const session = protocol.session();
      for (let nth = 1; nth <= 5; nth++) {
        await exchanged(session);
        expect(['reset', 'closed']).toContain(session.failure);
        expect(session.firstMs).toBeGreaterThan(0);
        expect(session.bytesReceived).toBeGreaterThan(0);
      }
      expect(requests()).toBe(5);
      expect(protocol.counts.retries).toBe(0);
    });

    it('ends in connect.refused when nothing listens', async () => {
      const { protocol } = await open('refuses');
      const session = protocol.session();
      for (let nth = 1; nth <= 3; nth++) {
        await exchanged(session);
        expect(session.failure).toBe('connect.refused');
        expect(session.firstMs).toBe(0);
        expect(session.bytesSent).toBe(0);
        expect(session.doneMs).toBeGreaterThanOrEqual(session.sentMs);
      }
      expect(protocol.counts).toEqual({ connections: 0, retries: 0 });
      session.abort('late');
      session.close();
    });
  });
}

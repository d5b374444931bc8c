/**
 * The connections of one thread to one database: opened when they are needed, at most so many, kept until the end.
 *
 * 1. Whoever comes first is served first. A connection that is opened for somebody, and fails, is that one's failure.
 * 2. A connection goes back only clean; what is lost, or in the midst of something, is destroyed, and its place is free.
 * 3. Nothing stays open after `close`.
 *
 * The clients have pools of their own. This one is the same for all databases, tells waiting from working, and destroys what a
 * session leaves in the middle.
 */
import type { DatabaseConnection, DatabaseWire } from './database.ts';
import { messageOf } from '../failures.ts';

export interface Held {
  readonly connection: DatabaseConnection;
  /** How long it took to open, for the one it was opened for; 0 for all later ones. */
  connectMs: number;
  /** It has ended by itself. */
  isLost: boolean;
}

export interface Waiter {
  take(held: Held): void;
  fail(failure: string, message: string): void;
}

export class DatabasePool {
  readonly wire: DatabaseWire;
  readonly size: number;
  /** What was said of the last connection that could not be opened, and of the last statement that failed. */
  lastError = '';
  readonly #timeoutMs: number;
  readonly #idle: Held[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #connecting = new Set<Waiter>();
  readonly #lent = new Set<Held>();
  /** Connections that are open or being opened. */
  #open = 0;
  #isClosed = false;

  /** @param timeoutMs to open a connection */
  constructor(wire: DatabaseWire, size: number, timeoutMs: number) {
    this.wire = wire;
    this.size = size;
    this.#timeoutMs = timeoutMs;
  }

  get open(): number {
    return this.#open;
  }

  /**
   * Asks for a connection. The waiter is told once, unless it is forgotten before.
   * @returns whether it has to wait until others give one back
   */
  acquire(waiter: Waiter): boolean {
    const held = this.#idle.pop();
    if (held !== undefined) {
      this.#lend(held, waiter);
      return false;
    }
    this.#waiting.push(waiter);
    this.#fill();
    return this.#waiting.includes(waiter);
  }

  forget(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#connecting.delete(waiter);
  }

  release(held: Held): void {
    if (held.isLost || this.#isClosed || !held.connection.isClean()) return this.discard(held);
    this.#lent.delete(held);
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#idle.push(held);
    else this.#lend(held, waiter);
  }

  discard(held: Held): void {
    if (!this.#lent.delete(held)) return;
    this.#open--;
    held.connection.destroy();
    this.#fill();
  }

  /** The words of a failure, without the password. */
  told(error: unknown): string {
    const { password } = this.wire.address;
    // Several addresses that all failed have a code, and no words of their own.
    const message = messageOf(error) || String((error as { code?: unknown }).code ?? error);
    this.lastError = password === '' ? message : message.replaceAll(password, '***');
    return this.lastError;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#connecting.clear();
    for (const held of this.#lent) this.discard(held);
    const idle = this.#idle.splice(0);
    this.#open -= idle.length;
    await Promise.all(idle.map(({ connection }) => connection.end().catch(() => connection.destroy())));
  }

  #lend(held: Held, waiter: Waiter): void {
    this.#lent.add(held);
    waiter.take(held);
  }

  /** Opens what may be opened for those who wait. */
  #fill(): void {
    while (!this.#isClosed && this.#open < this.size) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) return;
      this.#connecting.add(waiter);
      void this.#connect(waiter);
    }
  }

  async #connect(waiter: Waiter): Promise<void> {
    this.#open++;
    const fromMs = performance.now();
    let held: Held | null = null;
    let isLost = false;
    try {
      const connection = await this.wire.connect(this.#timeoutMs, () => {
        isLost = true;
        if (held !== null) this.#lost(held);
      });
      held = { connection, connectMs: performance.now() - fromMs, isLost };
    } catch (error) {
      this.#open--;
      const message = this.told(error);
      if (this.#connecting.delete(waiter)) waiter.fail(this.wire.failureOf(error, true), message);
      return this.#fill();
    }
    this.#lent.add(held);
    if (this.#connecting.delete(waiter)) return waiter.take(held);
    // Whom it was opened for waits no longer.
    held.connectMs = 0;
    this.release(held);
  }

  #lost(held: Held): void {
    held.isLost = true;
    const at = this.#idle.indexOf(held);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#open--;
    held.connection.destroy();
  }
}

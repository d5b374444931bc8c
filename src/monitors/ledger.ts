/**
 * Growth of a counter that moves from the dead to the living.
 *
 * When a process ends and is waited for, the kernel adds its counts to those of its parent. So the parents gain at once
 * what the child gained over its whole life, and what we already counted of the child must be taken off again.
 *
 * 1. Growth is never negative. Counts that nobody inherits (an orphan's, or where SIGCHLD is ignored) are lost.
 * 2. An heir may show its gain one reading after the child is missed, as the two are not read at one instant: a loss
 *    that found no gain waits for one reading more, and no longer, lest it eat what is earned later.
 */
export class Ledger {
  #pending = 0;

  /**
   * @param gained what the living gained, with what they inherited
   * @param lost what was last seen of those who ended since
   * @returns what was truly new
   */
  settle(gained: number, lost: number): number {
    const growth = gained - this.#pending - lost;
    this.#pending = Math.max(0, Math.min(lost, -growth));
    return Math.max(0, growth);
  }
}

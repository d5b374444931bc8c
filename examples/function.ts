/**
 * A function as the target: no server, no base URL. Its capacity is in calls a second, on this machine:
 *
 *     npx plimsoll run examples/function.ts --rate 100/s --duration 10s --workers 1
 *     npx plimsoll capacity examples/function.ts --workers 1
 *
 * Import code of your own and call it. Each worker thread loads this file anew, and has lines, caches and pools of its own.
 */
import { createHash } from 'node:crypto';
import { expect, scenario } from 'plimsoll';

/** Two desks serve those who come, 8 ms each: one thread carries at most 250 calls a second. */
let freeDesks = 2;
const line: (() => void)[] = [];

async function served(order: string): Promise<string> {
  if (freeDesks > 0) freeDesks--;
  else await new Promise<void>((called) => line.push(called));
  await new Promise((done) => setTimeout(done, 8));
  const next = line.shift();
  if (next === undefined) freeDesks++;
  else next();
  return createHash('sha256').update(order).digest('hex');
}

export default scenario('desks', async ({ vary }) => {
  const receipt = await served(vary.line());
  expect(receipt.length, 64);
});

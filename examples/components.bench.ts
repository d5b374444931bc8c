/**
 * Components by themselves: operations per second at 1, 10, 100 and 1000 under way at a time. In the folder of the repository:
 *
 *     npx plimsoll bench examples/components.bench.ts
 *
 * Exit code 1 where a rate lies below what is acceptable, 4 where its interval does not decide. The rates asked for here are
 * far below what any machine gives.
 */
import { createHash } from 'node:crypto';
import { benchmark } from 'plimsoll';

const order = JSON.stringify({ id: 7, lines: Array.from({ length: 12 }, (_, nth) => ({ nth, amount: 3 })) });

const parse = benchmark('parse an order', { target: 50_000, acceptable: 2_000 }, () => {
  const { lines } = JSON.parse(order) as { lines: { amount: number }[] };
  return lines.reduce((sum, { amount }) => sum + amount, 0);
});

const digest = benchmark('digest an order', { target: 20_000, acceptable: 1_000, loads: [1, 100] }, () =>
  createHash('sha256').update(order).digest('hex'),
);

/** One at a time it is as slow as its timer: what is acceptable is asked of many at a time. */
const wait = benchmark(
  'wait 5 ms',
  { target: 19_000, acceptable: 500, loads: [100] },
  () => new Promise((done) => setTimeout(done, 5)),
);

export default [parse, digest, wait];

/** Four at a time wait for a timer of 20 ms: one thread carries 200 calls a second, for each has four places of its own. */
import { scenario } from 'plimsoll';

let free = 4;
const line: (() => void)[] = [];

export default scenario('waits', async () => {
  if (free > 0) free--;
  else await new Promise<void>((called) => line.push(called));
  await new Promise((done) => setTimeout(done, 20));
  const next = line.shift();
  if (next === undefined) free++;
  else next();
});

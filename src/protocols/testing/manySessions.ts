/** A process of its own for tests: so many sessions at once; prints how often each failure kind came. */
import { http1 } from '../http1.ts';

const [url = '', count = '0'] = process.argv.slice(2);
const protocol = http1({ url, method: 'GET', headers: [], body: null, timeoutMs: 5000, insecure: false });
const kinds: Record<string, number> = {};
let left = Number(count);
for (let nth = left; nth > 0; nth--) {
  protocol.session().exchange(({ failure }) => {
    kinds[failure] = (kinds[failure] ?? 0) + 1;
    if (--left === 0) process.stdout.write(JSON.stringify(kinds), () => process.exit(0));
  });
}

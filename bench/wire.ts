/**
 * The wire alone: http1 in a closed loop that counts nothing, in a process of its own. What the rest of Plimsoll costs is
 * the difference to it.
 *
 *   npx jiti bench/wire.ts URL CONNECTIONS SECONDS     prints {"perSecond": 90000, "userUs": 2.1, "systemUs": 6.2}: the processor time of one request
 */
import { http1 } from '../src/protocols/http1.ts';
import type { Session } from '../src/protocols/protocol.ts';

const [url = '', connections = '50', seconds = '4'] = process.argv.slice(2);
const wire = http1({ url, method: 'GET', headers: [], body: null, timeoutMs: 10_000, insecure: false });
let done = 0;
let failed = 0;
const again = (session: Session): void => {
  done++;
  if (session.failure !== '') failed++;
  session.exchange(again);
};
for (let user = 0; user < Number(connections); user++) wire.session().exchange(again);

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
await wait(500);
const [fromDone, fromMs, fromCpu] = [done, performance.now(), process.cpuUsage()];
await wait(Number(seconds) * 1000);
const perSecond = ((done - fromDone) * 1000) / (performance.now() - fromMs);
const { user, system } = process.cpuUsage(fromCpu);
const each = done - fromDone;
process.stdout.write(
  `${JSON.stringify({ perSecond, userUs: user / each, systemUs: system / each, failed })}\n`,
);
process.exit(failed > 0 ? 1 : 0);

/** The helper thread of an alarm: sleeps, rings, sleeps. Entry of `new Worker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { AlarmClock } from './alarm.ts';

const clock = new AlarmClock(workerData as SharedArrayBuffer);
for (let seen = clock.sleep(0); ; seen = clock.sleep(seen)) parentPort?.postMessage(seen);

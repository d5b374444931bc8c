/** Loads a scenario file on a thread of its own, to see whether that comes to an end. Entry of `new Worker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadScenarios } from './loading.ts';

// What is wrong with the file is told when it is loaded in earnest.
await loadScenarios(workerData as string).catch(() => undefined);
parentPort?.postMessage('loaded');

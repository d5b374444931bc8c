/**
 * Benchmarks seen from the main thread: each gets a worker thread of its own, one after the other, so that none inherits the
 * heap or the compiled code of another.
 *
 * A thread that says nothing for long is blocked; then the run fails with PLM_BLOCKED. Nothing outlives the call.
 */
import { Worker } from 'node:worker_threads';
import { PlimsollError } from '../errors.ts';
import type { BenchCost } from '../model/bench.ts';
import type { Slice } from '../model/slice.ts';
import { endedWith, lossOf } from './crew.ts';

export interface BenchWorkerData {
  readonly file: string;
  readonly name: string;
  readonly durationMs: number;
}

export type FromBenchWorker =
  | { readonly kind: 'began'; readonly load: number }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'ended'; readonly seen: BenchCost };

export interface BenchListener {
  began(load: number): void;
  ended(seen: BenchCost, slices: readonly Slice[]): void;
}

const blockedAfterMs = 15_000;

/** @param workerUrl the compiled worker; beside this file when left out @throws PLM_BLOCKED, PLM_ENDED */
export async function bench(
  data: BenchWorkerData,
  listener: BenchListener,
  signal: AbortSignal,
  workerUrl = new URL('./benchWorker.js', import.meta.url),
): Promise<void> {
  if (signal.aborted) return;
  const worker = new Worker(workerUrl, { workerData: data });
  let slices: Slice[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const blocked = (): void =>
        reject(
          new PlimsollError(
            'PLM_BLOCKED',
            `"${data.name}" in ${data.file}`,
            `nothing was heard of it for ${blockedAfterMs / 1000} s`,
          ),
        );
      let late = setTimeout(blocked, blockedAfterMs);
      signal.addEventListener('abort', () => resolve(), { once: true });
      worker.on('message', (message: FromBenchWorker) => {
        clearTimeout(late);
        late = setTimeout(blocked, blockedAfterMs);
        if (message.kind === 'slice') slices.push(message.slice);
        if (message.kind === 'began') listener.began(message.load);
        if (message.kind !== 'ended') return;
        listener.ended(message.seen, slices);
        slices = [];
      });
      worker.once('error', (error) => reject(lossOf(error, data.file)));
      worker.once('exit', (code) => {
        clearTimeout(late);
        if (code === 0) resolve();
        else reject(lossOf(endedWith(code), data.file));
      });
    });
  } finally {
    await worker.terminate();
  }
}

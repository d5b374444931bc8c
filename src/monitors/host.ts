/** Facts about the machine that Plimsoll runs on, once per run. */
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

export interface HostFacts {
  /** CPUs that this process may run on. */
  readonly cpus: number;
  readonly cpuModel: string;
  /** Of the machine, or of the container where that has less. */
  readonly memoryBytes: number;
  readonly node: string;
  readonly os: string;
}

export function hostFacts(): HostFacts {
  const constrainedBytes = process.constrainedMemory();
  return {
    cpus: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() || 'unknown',
    // Without a limit it is 0, or a number beyond any memory, depending on the kernel.
    memoryBytes: constrainedBytes > 0 ? Math.min(constrainedBytes, totalmem()) : totalmem(),
    node: process.version,
    os: `${type()} ${release()} ${arch()}`,
  };
}

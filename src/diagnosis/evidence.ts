/** What all findings are drawn from. */
import type { ScriptCost } from '../model/scriptCost.ts';
import type { Capacity, ConnectionMemory, Level, Objective, Scaling } from '../model/report.ts';

export interface Evidence {
  readonly levels: readonly Level[];
  readonly objectives: readonly Objective[];
  readonly scaling: Scaling | null;
  readonly capacity: Omit<Capacity, 'statement'> | null;
  /** Whether throughput stopped growing: else its greatest is only the greatest that was tried. */
  readonly plateau: boolean;
  /** Mean service time of one user on the idle target. */
  readonly baselineMs: number | null;
  readonly hostCpus: number;
  readonly lastRedirect: string;
  /** What was said of the last failure; empty where nothing was. */
  readonly lastError: string;
  /** Of the file that was played; none for a URL. */
  readonly scenarioNames: readonly string[];
  /** What of a recording or description was played, and what was not; empty where there is none. */
  readonly note: string;
  /** What of a generator's thread the script took, where that was busier than it may be; null where none was. */
  readonly scriptCost: ScriptCost | null;
  readonly targetSeen: boolean;
  readonly connectionMemory: ConnectionMemory | null;
  /** Whether it is SQLite, which lets one transaction write at a time. */
  readonly oneWriter: boolean;
}

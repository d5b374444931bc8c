/**
 * Hands replies to the scripts that wait for them, when the thread has read every answer that lay ready.
 *
 * A script resumed at once would write its next request between two reads, and so wake the target for each request instead
 * of each round: that costs a tenth to a quarter of the throughput (bench/throughput.ts). A reply carries its instants, so
 * that what it waits here is in no response time; it is in what the script itself takes time of, a step or a session, and is
 * a turn of the loop.
 */
import type { Reply } from './http.ts';

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reply: Reply;
}

let waiting: Waiting[] = [];

export function handOver(resolve: (reply: Reply) => void, reply: Reply): void {
  if (waiting.push({ resolve, reply }) === 1) setImmediate(handAllOver);
}

function handAllOver(): void {
  const round = waiting;
  waiting = [];
  for (const { resolve, reply } of round) resolve(reply);
}

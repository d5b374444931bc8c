/** Server-sent events of an answer, each with the instant at which it came whole (through eventsource-parser). */
import { createParser } from 'eventsource-parser';
import type { Arrival } from '../../protocols/httpWire.ts';

export interface ServerEvent {
  /** Its type; `message` where none is given. */
  readonly event: string;
  readonly data: string;
  /** The worker's own clock. */
  readonly atMs: number;
}

export function eventsOf(arrivals: readonly Arrival[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  let atMs = 0;
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => events.push({ event, data, atMs }),
  });
  // A character may come in two parts.
  const decoder = new TextDecoder();
  for (const arrival of arrivals) {
    ({ atMs } = arrival);
    parser.feed(decoder.decode(arrival.bytes, { stream: true }));
  }
  return events;
}

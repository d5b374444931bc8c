/** Server-sent events of an answer, each with the instant at which it came whole (through eventsource-parser). */
import { createParser } from 'eventsource-parser';
import { keptBytes, type Arrival } from '../../protocols/httpWire.ts';

export interface ServerEvent {
  /** Its type; `message` where none is given. */
  readonly event: string;
  readonly data: string;
  /** The worker's own clock. */
  readonly atMs: number;
}

export function eventsOf(arrivals: readonly Arrival[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const reader = new EventReader((event) => void events.push(event));
  for (const { bytes, atMs } of arrivals) reader.take(bytes, atMs);
  return events;
}

/** Reads events while they come. */
export class EventReader {
  /** An event is longer than what is kept of an answer: nothing more is read. */
  isOverlong = false;
  readonly #feed: (text: string) => void;
  // A character may come in two parts.
  readonly #decoder = new TextDecoder();
  #atMs = 0;

  constructor(onEvent: (event: ServerEvent) => void) {
    const parser = createParser({
      onEvent: ({ event = 'message', data }) => onEvent({ event, data, atMs: this.#atMs }),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.isOverlong = true;
      },
      maxBufferSize: keptBytes,
    });
    this.#feed = (text) => parser.feed(text);
  }

  take(bytes: Buffer, atMs: number): void {
    if (this.isOverlong) return;
    this.#atMs = atMs;
    this.#feed(this.#decoder.decode(bytes, { stream: true }));
  }
}

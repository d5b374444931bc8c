/** A message as it came, taken apart when a script asks for it. */
import type { RawData } from 'ws';
import { jsonIn } from '../http/reply.ts';
import type { Message } from './ws.ts';

export class KeptMessage implements Message {
  readonly isBinary: boolean;
  waitedMs = 0;
  readonly #data: RawData;

  constructor(data: RawData, isBinary: boolean) {
    this.#data = data;
    this.isBinary = isBinary;
  }

  bytes(): Buffer {
    const data = this.#data;
    if (Array.isArray(data)) return Buffer.concat(data);
    return Buffer.isBuffer(data) ? data : Buffer.from(data);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  json<Value = unknown>(): Value {
    return jsonIn<Value>(this.text(), 'the message');
  }
}

/** A message that a script's own test cannot read is not the one it looks for. */
export function safely<Value>(read: (message: Message) => Value, message: Message, otherwise: Value): Value {
  try {
    return read(message);
  } catch {
    return otherwise;
  }
}

/** Messages of a channel that are numbered, with the count of their numbers (model/sequence.ts). */
import { sequenceChange, type Sequence } from '../../model/sequence.ts';
import { safely } from './keptMessage.ts';
import type { ChannelRecorder } from './channelRecorder.ts';
import type { Message, MessageSequence } from './ws.ts';

export class NumberedMessages implements MessageSequence {
  readonly #numberOf: (message: Message) => number | null | undefined;
  readonly #sequence: Sequence;
  readonly #recorder: ChannelRecorder;

  constructor(
    numberOf: (message: Message) => number | null | undefined,
    sequence: Sequence,
    recorder: ChannelRecorder,
  ) {
    this.#numberOf = numberOf;
    this.#sequence = sequence;
    this.#recorder = recorder;
  }

  get numbered(): number {
    return this.#sequence.numbered;
  }
  get lost(): number {
    return this.#sequence.lost;
  }
  get duplicated(): number {
    return this.#sequence.duplicated;
  }
  get reordered(): number {
    return this.#sequence.reordered;
  }

  take(message: Message): void {
    const number = safely(this.#numberOf, message, null);
    if (Number.isSafeInteger(number)) this.#told(() => this.#sequence.take(number as number));
  }

  end(last: number): void {
    if (!Number.isSafeInteger(last))
      throw new TypeError(`the last number of a sequence is whole, not ${last}`);
    this.#told(() => this.#sequence.end(last));
  }

  #told(change: () => void): void {
    const { numbered, lost, duplicated, reordered } = this.#sequence;
    change();
    this.#recorder.messages(sequenceChange(this.#sequence, { numbered, lost, duplicated, reordered }));
  }
}

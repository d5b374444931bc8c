/**
 * The voice of the service, /v1/voice: an utterance of audio comes in, its answer goes out as text and as audio.
 *
 *     client   binary frames of 20 ms each, then {"type": "end"}
 *     service  {"type": "answer", "text", "first", "last"} when the model has answered,
 *              the binary frames with these numbers, one every 20 ms, then {"type": "done", "last"}
 *
 * 1. An answer is a turn of the same model and workers as all others: refused, counted and slowed as they are.
 * 2. Frames leave at their instants: the nth is due 20 ms * n after the answer, and nothing drifts.
 * 3. The first four bytes of a frame are its number on this channel, from 1, big endian. What follows is silence.
 * 4. Every error is {"type": "error", "error"}; the channel stays open, and is ready for the next utterance.
 */
import type { Random } from '../random.ts';
import type { Agenda } from './agenda.ts';
import type { Turns } from './turns.ts';
import { reply } from './words.ts';

export const frameMs = 20;
/** 16 kHz, 16 bits, one channel. */
export const frameBytes = 640;
/** A spoken word is about a fifth of a second; the demo speaks twice as fast. */
export const framesPerToken = 5;
/** A minute. */
const framesMost = 3000;

/** Where a voice speaks to. */
export interface Line {
  text(message: Readonly<Record<string, unknown>>): void;
  frame(bytes: Uint8Array): void;
}

export interface VoiceParts {
  readonly agenda: Agenda;
  readonly arrivalMs: () => number;
  readonly turns: Turns;
  readonly words: Random;
}

export class Voice {
  readonly #parts: VoiceParts;
  readonly #line: Line;
  #heard = 0;
  #spoken = 0;
  #isAnswering = false;
  #isGone = false;

  constructor(parts: VoiceParts, line: Line) {
    this.#parts = parts;
    this.#line = line;
  }

  /** A frame of the utterance. */
  hear(): void {
    if (this.#heard < framesMost) this.#heard++;
  }

  /** A message of text. */
  told(text: string): void {
    if (!/^\s*\{\s*"type"\s*:\s*"end"\s*\}\s*$/.test(text)) return this.#wrong(wanted);
    if (this.#isAnswering) return this.#wrong('The last utterance is still being answered.');
    if (this.#heard === 0) return this.#wrong('There was no audio before the end of the utterance.');
    this.#heard = 0;
    const { turns, arrivalMs, words } = this.#parts;
    const atMs = arrivalMs();
    const refusal = turns.refusal(atMs);
    if (refusal !== undefined) {
      return this.#wrong(`${refusal.why}. Try again in ${refusal.retryAfterSeconds} s.`);
    }
    this.#isAnswering = true;
    turns.take(atMs, ({ outputTokens, doneMs }) => {
      const [first, last] = [this.#spoken + 1, this.#spoken + outputTokens * framesPerToken];
      const text = reply(words, outputTokens);
      if (!this.#isGone) this.#line.text({ type: 'answer', text, first, last });
      this.#speak(last, doneMs);
    });
  }

  /** Whoever listened has left; the model does not know. */
  leave(): void {
    this.#isGone = true;
  }

  #speak(last: number, dueMs: number): void {
    if (this.#isGone) return;
    const bytes = new Uint8Array(frameBytes);
    new DataView(bytes.buffer).setUint32(0, ++this.#spoken);
    this.#line.frame(bytes);
    if (this.#spoken < last) {
      this.#parts.agenda.at(dueMs + frameMs, (nextMs) => this.#speak(last, nextMs));
      return;
    }
    this.#isAnswering = false;
    this.#line.text({ type: 'done', last });
  }

  #wrong(error: string): void {
    this.#line.text({ type: 'error', error });
  }
}

const wanted = 'Send the audio of an utterance as binary frames, and then {"type": "end"}.';

import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { EventQueue } from './agenda.ts';
import { Turns, turnsDefaults, type TurnsOptions } from './turns.ts';
import { frameBytes, framesPerToken, Voice } from './voice.ts';

interface Said {
  readonly atMs: number;
  readonly message: Readonly<Record<string, unknown>> | number;
}

function laboratory(options: Partial<TurnsOptions> = {}) {
  const queue = new EventQueue();
  let nowMs = 0;
  const said: Said[] = [];
  const agenda = {
    at: (dueMs: number, run: (atMs: number) => void) =>
      queue.at(dueMs, (atMs) => {
        nowMs = atMs;
        run(atMs);
      }),
  };
  const turns = new Turns(agenda, { ...turnsDefaults, ...options }, 0, () => {});
  const voice = new Voice(
    { agenda, arrivalMs: () => nowMs, turns, words: random(7, 3) },
    {
      text: (message) => void said.push({ atMs: nowMs, message }),
      frame: (bytes) => {
        expect(bytes.length).toBe(frameBytes);
        said.push({ atMs: nowMs, message: new DataView(bytes.buffer).getUint32(0) });
      },
    },
  );
  const speak = (frames: number): void => {
    for (let nth = 0; nth < frames; nth++) voice.hear();
    voice.told('{"type":"end"}');
  };
  return { queue, turns, voice, said, speak };
}

describe('the voice', () => {
  it('answers an utterance with text, numbered frames every 20 ms, and the number of them', () => {
    const { queue, said, speak, turns } = laboratory();
    speak(13);
    queue.runUntil(20_000);
    const [answer, ...rest] = said.map(({ message }) => message);
    const { first, last } = answer as { first: number; last: number };
    expect(first).toBe(1);
    const frames = last;
    expect(frames % framesPerToken).toBe(0);
    expect((answer as { text: string }).text.split(' ')).toHaveLength(frames / framesPerToken);
    expect(rest).toEqual([...Array.from({ length: frames }, (_, nth) => nth + 1), { type: 'done', last }]);
    const times = said.filter(({ message }) => typeof message === 'number').map(({ atMs }) => atMs);
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(span).toBeCloseTo(20 * (frames - 1), 9);
    expect(turns.counts).toMatchObject({ accepted: 1, answered: 1, inFlight: 0 });
  });

  it('takes the next utterance only when it has spoken to the end', () => {
    const { queue, said, speak } = laboratory();
    speak(2);
    speak(2);
    expect((said[0]?.message as { error: string }).error).toContain('still being answered');
    queue.runUntil(20_000);
    speak(2);
    queue.runUntil(40_000);
    const kinds = said.flatMap(({ message }) => (typeof message === 'number' ? [] : [message['type']]));
    expect(kinds).toEqual(['error', 'answer', 'done', 'answer', 'done']);
    const numbers = said.flatMap(({ message }) => (typeof message === 'number' ? message : []));
    expect(numbers).toEqual(numbers.map((_, nth) => nth + 1));
  });

  it('says what is wrong with an utterance without audio, or with words that it does not know', () => {
    const { said, voice, speak } = laboratory();
    speak(0);
    voice.told('hello');
    expect(said.map(({ message }) => (message as { error: string }).error)).toEqual([
      'There was no audio before the end of the utterance.',
      'Send the audio of an utterance as binary frames, and then {"type": "end"}.',
    ]);
  });

  it('is refused as turns are, and says so', () => {
    const { said, speak, turns } = laboratory({
      defect: { kind: 'rate-limit', perSecond: 1, burst: 0 },
    });
    speak(3);
    expect((said[0]?.message as { error: string }).error).toContain('too many turns');
    expect(turns.counts).toMatchObject({ accepted: 0, refused: 1 });
  });

  it('says nothing more to who has left, and the turn is counted all the same', () => {
    const { queue, said, speak, voice, turns } = laboratory();
    speak(3);
    voice.leave();
    queue.runUntil(20_000);
    expect(said).toEqual([]);
    expect(turns.counts).toMatchObject({ answered: 1, inFlight: 0 });
  });
});

/**
 * A voice over a WebSocket, with the service of the demo: the user speaks in frames of 20 ms, and listens to the answer, whose
 * frames are numbered. In the folder of the repository:
 *
 *     npx plimsoll run examples/voice.ts --users 10 --duration 20s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll run examples/voice.ts --users 30 --duration 20s --slo "first sound.p95<500ms,ws.frame.lag.p99<5ms,errors<1%" --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario, type Message } from 'plimsoll';

interface Told {
  readonly type: 'answer' | 'done' | 'error';
  readonly first: number;
  readonly last: number;
}

const frameMs = 20;
/** 20 ms of sound: 16 kHz, 16 bits, one channel. */
const frame = new Uint8Array(640);

const says =
  (type: Told['type']) =>
  (message: Message): boolean =>
    !message.isBinary && message.json<Told>().type === type;

/** The number in the first four bytes of a frame; null for text. */
function numberOf(message: Message): number | null {
  if (!message.isBinary) return null;
  const bytes = message.bytes();
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

export default scenario(
  'voice',
  { baseUrl: 'http://127.0.0.1:3070', think: [0.2, 0.6] },
  async ({ ws, vary, measure, pause }) => {
    const voice = await ws.connect('/v1/voice');
    const heard = voice.expectSequence(numberOf, { first: 1 });
    for (let utterance = 1; utterance <= 2; utterance++) {
      const frames = Array.from({ length: vary.whole(20, 40) }, () => frame);
      await voice.stream(frames, { everyMs: frameMs });

      // People notice the silence between their last word and the first sound of the answer.
      const spokenMs = performance.now();
      const reply = await voice.request({ type: 'end' }, says('answer'));
      const answer = reply.json<Told>();
      await voice.receive((message) => numberOf(message) === answer.first);
      measure('first sound', performance.now() - spokenMs);
      await voice.receive(says('done'));
      heard.end(answer.last);
      expect(heard.lost, 0, 'frames lost');
      await pause([0.1, 0.3]);
    }
    measure('ping', await voice.ping());
    await voice.close();
  },
);

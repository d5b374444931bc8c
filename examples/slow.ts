/**
 * Listeners that do not read for a while, in a room of the demo's service in which one user speaks: what does the service do with what
 * they do not take? It could keep it, drop it, or close. In the folder of the repository:
 *
 *     npx plimsoll run examples/slow.ts --users 10 --duration 20s --start "node dist/demo/service.js --port 3070"
 */
import { scenario } from 'plimsoll';

const baseUrl = 'http://127.0.0.1:3070';
const room = '/v1/rooms/regatta';
/** Of each message: small ones would all fit in the buffers of the network. */
const fill = 'x'.repeat(20_000);

interface Said {
  readonly by: number;
  readonly seq: number;
}

const listener = scenario('slow listener', { baseUrl, weight: 9 }, async ({ ws, pause }) => {
  const channel = await ws.connect(room);
  // Numbers are of one speaker: the first that is heard.
  let speaker: number | null = null;
  channel.expectSequence((message) => {
    const { by, seq } = message.json<Said>();
    speaker ??= by;
    return by === speaker ? seq : null;
  });
  await pause(0.2);
  channel.pauseReading();
  await pause(2);
  channel.resumeReading();
  // Time for what the service has kept to come.
  await pause(0.5);
  await channel.close();
});

const speaker = scenario('speaker', { baseUrl, think: 0.01 }, async ({ http, user }) => {
  await http.post(room, { json: { by: user.number, seq: user.session, fill } });
});

export default [listener, speaker];

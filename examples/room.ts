/**
 * A room in which many listen and few speak, with the service of the demo: how long a message takes to a listener (`fan-out`), and
 * to the last of all (`fan-out to all`). In the folder of the repository:
 *
 *     npx plimsoll run examples/room.ts --users 50 --duration 20s --workers 1 --start "node dist/demo/service.js --port 3070"
 *
 * The speaker's instant travels in the message. It is of the machine's monotonic clock, which is the same for all threads of
 * one machine, and for no other machine. Who is the last is known within one thread, where users share this module; with
 * several threads no thread sees all listeners, and `fan-out to all` is not measured.
 */
import { scenario } from 'plimsoll';

const baseUrl = 'http://127.0.0.1:3070';
const room = '/v1/rooms/harbour';

interface Said {
  readonly by: number;
  readonly seq: number;
  readonly saidMs: number;
  /** To how many the service has sent it. */
  readonly listeners: number;
}

/** The monotonic clock of the machine, in milliseconds. */
const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** How many have heard each message that not all have heard yet. */
const heardBy = new Map<string, number>();

const listener = scenario('listener', { baseUrl, weight: 9 }, async ({ ws, measure }) => {
  const channel = await ws.connect(room);
  const untilMs = machineMs() + 2000;
  for (;;) {
    const leftSeconds = (untilMs - machineMs()) / 1000;
    const message = await channel.receive(undefined, leftSeconds).catch(() => null);
    if (message === null) break;
    const { by, seq, saidMs, listeners } = message.json<Said>();
    const ms = machineMs() - saidMs;
    measure('fan-out', ms);
    const id = `${by}/${seq}`;
    const count = (heardBy.get(id) ?? 0) + 1;
    if (count === listeners) measure('fan-out to all', ms);
    if (count === listeners) heardBy.delete(id);
    else heardBy.set(id, count);
  }
  await channel.close();
});

const speaker = scenario('speaker', { baseUrl, think: 0.1 }, async ({ http, user }) => {
  await http.post(room, { json: { by: user.number, seq: user.session, saidMs: machineMs() } });
});

export default [listener, speaker];

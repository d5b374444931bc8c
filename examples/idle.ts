/**
 * Connections that stand idle, with a room of the demo's service in which nobody speaks: how many the target closes by itself, and
 * what each costs it in memory. A user keeps its connection from session to session; each session is a look at it. In the folder of
 * the repository:
 *
 *     npx plimsoll run examples/idle.ts --profile ramp --users 3000 --duration 3s --slo "errors<1%" --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll run examples/idle.ts --users 500 --duration 10m --slo "errors<1%" --start "node dist/demo/service.js --port 3070"
 */
import { scenario, type Channel } from 'plimsoll';

interface State {
  channel?: Channel;
}

export default scenario('idle', { baseUrl: 'http://127.0.0.1:3070' }, async ({ ws, user, pause, check }) => {
  const state = user.state as State;
  state.channel ??= await ws.connect('/v1/rooms/quiet');
  await pause(0.5);
  if (check('still open', state.channel.closed === '')) return;
  delete state.channel;
});

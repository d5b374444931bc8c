/** Each user opens a connection, and keeps it from session to session. */
import { scenario, type Channel } from 'plimsoll';

export default scenario('hold', async ({ ws, user, pause }) => {
  const state = user.state as { channel?: Channel };
  if (state.channel?.closed !== '') state.channel = await ws.connect('/hold');
  await pause(0.4);
});

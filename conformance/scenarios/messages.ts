/** A user keeps one channel from session to session while it is open, and knows the answer to a message by its id. */
import { scenario, type Channel } from 'plimsoll';

export default scenario('messages', async ({ ws, user }) => {
  const state = user.state as { channel?: Channel };
  if (state.channel?.closed !== '') state.channel = await ws.connect('/');
  const id = `${user.number}/${user.session}`;
  await state.channel.request({ id }, (answer) => answer.json<{ id: string }>().id === id);
});

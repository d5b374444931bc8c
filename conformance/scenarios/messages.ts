/** A user keeps one channel from session to session, and knows the answer to a message by its id. */
import { scenario, type Channel } from 'plimsoll';

export default scenario('messages', async ({ ws, user }) => {
  const { channel = await ws.connect('/') } = user.state as { channel?: Channel };
  user.state.channel = channel;
  const id = `${user.number}/${user.session}`;
  await channel.request({ id }, (answer) => answer.json<{ id: string }>().id === id);
});

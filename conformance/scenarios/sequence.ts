/** Listens to numbered messages, of which the target loses, copies and swaps some. */
import { scenario } from 'plimsoll';

interface Told {
  readonly seq?: number;
  readonly last?: number;
  readonly leaves?: boolean;
}

export default scenario('sequence', async ({ ws, pause }) => {
  const channel = await ws.connect('/sequence');
  const heard = channel.expectSequence((message) => message.json<Told>().seq, { first: 1 });
  for (const word of ['one', 'two', 'three']) if (channel.closed === '') channel.send(word);
  const { last = 0, leaves } = (
    await channel.receive((message) => 'last' in message.json<Told>())
  ).json<Told>();
  heard.end(last);
  while (leaves === true && channel.closed === '') await pause(0.005);
  await channel.close();
  await pause(0.02);
});

/** Each user opens a connection and keeps it to beyond the end of the load. */
import { scenario } from 'plimsoll';

export default scenario('cap', async ({ ws, pause }) => {
  const channel = await ws.connect('/cap').catch(() => null);
  await pause(4);
  await channel?.close();
});

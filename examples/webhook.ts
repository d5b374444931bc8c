/**
 * Work that is taken at once and done later, told by a call back: the session gives an address of its own and waits until the
 * service calls it. In the folder of the repository:
 *
 *     npx plimsoll run examples/webhook.ts --rate 40/s --duration 20s --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario } from 'plimsoll';

export default scenario('webhook', { baseUrl: 'http://127.0.0.1:3070' }, async ({ http, webhook, queue }) => {
  const done = await webhook.expect();
  const taken = await http.post('/jobs', {
    json: { say: 'press no cargo under water', callback: done.url },
  });
  expect(taken.status, 202);
  const work = queue.enqueued(taken);
  const call = await done.called(20);
  work.completed();
  expect(call.json<{ result: { words: number } }>().result.words, 5, 'words counted');
});

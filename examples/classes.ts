/**
 * Three kinds of users side by side, on the embedded service of the demo: most talk slowly, some try things quickly, one in
 * ten only reads. In the folder of the repository:
 *
 *     npx plimsoll run examples/classes.ts --users 20 --duration 30s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll run examples/classes.ts --profile burst --start "node dist/demo/service.js --port 3070"
 */
import { expect, feed, scenario, type Http } from 'plimsoll';

const baseUrl = 'http://127.0.0.1:3070';

/** The same list for all: whoever begins a session takes the next topic. */
const topics = feed([{ topic: 'the sea' }, { topic: 'harbours' }, { topic: 'the wind' }]);

const begin = async (http: Http): Promise<number> => (await http.post('/sessions').json<{ id: number }>()).id;

const talker = scenario(
  'talker',
  { baseUrl, weight: 6, think: { median: 0.6 }, data: { topics } },
  async ({ http, step, pause, data, vary }) => {
    const id = await begin(http);
    const { topic } = data.topics.next();
    for (const say of [`Tell me about ${topic}.`, vary.line(), vary.line(20)]) {
      const reply = await step('turn', () => http.post(`/sessions/${id}/turns`, { json: { say } }));
      expect(reply.ok, true);
      await pause([0.1, 0.3]);
    }
  },
);

const tester = scenario('tester', { baseUrl, weight: 3 }, async ({ http, step, vary }) => {
  const id = await begin(http);
  const say = vary.pick(['Hello?', 'Are you there?', 'What can you do?']);
  await step('turn', () => http.post(`/sessions/${id}/turns`, { json: { say } }));
});

const reader = scenario('reader', { baseUrl, think: [0.2, 0.4] }, async ({ http, check }) => {
  const id = await begin(http);
  check('a new session is empty', (await http.get(`/sessions/${id}/history`)).ok);
});

export default [talker, tester, reader];

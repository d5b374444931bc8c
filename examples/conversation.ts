/**
 * A conversation of three turns with the embedded service of the demo. In the folder of the repository:
 *
 *     npx plimsoll run examples/conversation.ts --rate 5/s --duration 20s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll capacity examples/conversation.ts --budget standard --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario } from 'plimsoll';

interface History {
  readonly turns: readonly unknown[];
}

export default scenario(
  'conversation',
  { baseUrl: 'http://127.0.0.1:3070', think: [0.5, 1.5] },
  async ({ http, step, pause, user }) => {
    const { id } = await http.post('/sessions').json<{ id: number }>();
    for (let turn = 1; turn <= 3; turn++) {
      const say = turn === 1 ? 'Tell me about the sea.' : 'And then?';
      const reply = await step('turn', () => http.post(`/sessions/${id}/turns`, { json: { say } }));
      expect(reply.ok, true, `turn ${turn}`);
      // People read before they answer.
      await pause(0.1 + 0.1 * user.random());
    }
    const history = await step('history', () => http.get(`/sessions/${id}/history`).json<History>());
    expect(history.turns.length, 3, 'turns in the history');
  },
);

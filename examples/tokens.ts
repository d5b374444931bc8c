/**
 * A conversation in streamed tokens, with the language model of the demo's service. In the folder of the repository:
 *
 *     npx plimsoll run examples/tokens.ts --users 10 --duration 20s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll capacity examples/tokens.ts --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario, type ChatMessage } from 'plimsoll';

export default scenario(
  'tokens',
  { baseUrl: 'http://127.0.0.1:3070', think: [0.2, 0.6] },
  async ({ llm, vary, pause }) => {
    const messages: ChatMessage[] = [{ role: 'user', content: vary.line() }];
    for (let turn = 1; turn <= 3; turn++) {
      const reply = await llm.chat({ model: 'demo', messages, maxTokens: 40 });
      expect(reply.ok, true, `turn ${turn}`);
      messages.push(reply.message, { role: 'user', content: vary.line() });
      // People read before they answer.
      await pause([0.1, 0.3]);
    }
  },
);

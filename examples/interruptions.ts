/**
 * Listeners who interrupt: one answer in three is hung up on after a few tokens, and the conversation goes on from what was heard.
 * The report tells these apart from whole answers, counts their tokens as waste, and with prices says what they cost. In the
 * folder of the repository:
 *
 *     npx plimsoll run examples/interruptions.ts --users 10 --duration 20s --start "node dist/demo/service.js --port 3070"
 *     npx plimsoll run examples/interruptions.ts --users 10 --tokenizer o200k_base --prices examples/prices.json --start "node dist/demo/service.js --port 3070"
 */
import { expect, scenario, type ChatMessage } from 'plimsoll';

export default scenario(
  'interruptions',
  { baseUrl: 'http://127.0.0.1:3070', think: [0.2, 0.6] },
  async ({ llm, vary, user }) => {
    const messages: ChatMessage[] = [{ role: 'user', content: vary.line() }];
    for (let turn = 1; turn <= 3; turn++) {
      const interrupts = user.random() < 1 / 3;
      const reply = await llm.chat({
        model: 'demo',
        messages,
        maxTokens: 40,
        ...(interrupts ? { cancelAfterTokens: vary.whole(2, 8) } : {}),
      });
      // A chat that was cancelled on purpose has not failed.
      expect(reply.ok, true, `turn ${turn}`);
      messages.push(reply.message, { role: 'user', content: vary.line() });
    }
  },
);

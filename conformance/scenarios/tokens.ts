/** Streams of tokens of many lengths. */
import { scenario } from 'plimsoll';

export default scenario('tokens', async ({ llm, vary }) => {
  const messages = [{ role: 'user' as const, content: vary.line() }];
  await llm.chat({ model: 'known', messages, maxTokens: vary.whole(10, 40) });
});

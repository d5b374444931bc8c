/** Streams of tokens, of which two in five are hung up on: after so many tokens, or after a time before the first. */
import { scenario } from 'plimsoll';

export default scenario('hanging up', async ({ llm, vary, user }) => {
  const messages = [{ role: 'user' as const, content: vary.line() }];
  const draw = user.random();
  const hangUp =
    draw < 0.3 ? { cancelAfterTokens: vary.whole(1, 9) } : draw < 0.4 ? { cancelAfterMs: 90 } : {};
  await llm.chat({ model: 'known', messages, maxTokens: vary.whole(10, 40), ...hangUp });
});

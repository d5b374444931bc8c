/**
 * Light and heavy users side by side: what happens to those who only look when those who work become many? On the embedded
 * service of the demo, in the folder of the repository:
 *
 *     npx plimsoll run examples/heavy.ts --profile resource-intensive --users 8 --start "node dist/demo/service.js --port 3070"
 *
 * Usually four sessions of five only look. In the heavy mix four of five talk, each of which the model works on for some 50 ms.
 */
import { expect, scenario } from 'plimsoll';

const baseUrl = 'http://127.0.0.1:3070';

const looking = scenario('looking', { baseUrl, weight: 4, think: [0.1, 0.3] }, async ({ http }) => {
  expect((await http.get('/model')).status, 200);
});

const talking = scenario('talking', { baseUrl, heavy: true, think: [0.1, 0.3] }, async ({ http, vary }) => {
  expect((await http.post('/chat', { json: { say: vary.line() } })).status, 200);
});

export default [looking, talking];

/**
 * A command as the target: a child process for each call. In the folder of the repository:
 *
 *     npx plimsoll run examples/command.ts --users 2 --duration 10s
 *     npx plimsoll capacity examples/command.ts --slo "p95<2s,errors<1%"
 *
 * There is no shell: the file and its arguments are run as they stand.
 */
import { expect, scenario } from 'plimsoll';

const program = 'process.stdin.on("data", (text) => process.stdout.write(String(text).toUpperCase()))';

export default scenario('upper case', async ({ command, vary }) => {
  const said = vary.line();
  const reply = await command(process.execPath, ['-e', program], { input: said, timeoutMs: 5000 });
  expect(reply.code, 0);
  expect(reply.stdout, said.toUpperCase());
});

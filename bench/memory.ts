/** What a scripted user with an open connection and think time costs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering } from './answering.ts';
import { folder, plimsoll, say, whole } from './sitting.ts';

export async function memory(): Promise<string> {
  const server = await answering();
  try {
    const resting = join(folder, 'resting.ts');
    writeFileSync(
      resting,
      `import { scenario } from 'plimsoll';
export default scenario('resting', { baseUrl: '${server.url}', think: [4, 6] }, async ({ http }) => { await http.get('/'); });
`,
    );
    const [few, many] = [10, 10_000];
    const of = async (users: number): Promise<number> =>
      (await plimsoll(resting, ['--users', String(users)], 12)).mostBytes;
    const [least, most] = [await of(few), await of(many)];
    const kib = ((most - least) / (many - few) / 1024).toFixed(1);
    say(`memory: ${kib} KiB for each of ${many} scripted users`);
    return (
      `## Memory\n\n${whole(many)} scripted users, each with an open connection and 4 to 6 s of think time: ${whole(most / 2 ** 20)} MiB of ` +
      `resident memory, ${whole(least / 2 ** 20)} MiB with ${few}; that is ${kib} KiB for each user.`
    );
  } finally {
    await server.stop();
  }
}
